"""Every kind of log there is, behind one face."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from server.log.base import Log
from server.log.memory import MemoryLog
from server.log.redis_log import RedisLog
from tests.support.patience import patient as patient

Story = Callable[[Log, Log], Awaitable[None]]


@dataclass(frozen=True)
class Store:
    """Where a log is kept; two writers that share nothing but the log (as far as its kind allows) can open it."""

    open: Callable[[str], tuple[Log, Log]]

    def tell(self, story: Story, site: str = "mpp-uji") -> None:
        async def told() -> None:
            log, other = self.open(site)
            try:
                await asyncio.wait_for(story(log, other), 120)
            finally:
                await log.aclose()
                await other.aclose()

        asyncio.run(told())


@pytest.fixture(params=["memory", "redis", "sentinel"])
def store(request: pytest.FixtureRequest, patient: None) -> Store:
    if request.param != "memory":
        alone = request.param == "redis"
        url: str = request.getfixturevalue("redis_url") if alone else request.getfixturevalue("machines").url
        return Store(lambda site: (RedisLog(site, url), RedisLog(site, url)))

    def in_memory(site: str) -> tuple[Log, Log]:
        log = MemoryLog(site)
        return log, log

    return Store(in_memory)
