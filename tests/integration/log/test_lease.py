"""Who may speak in a zone, kept in a real Valkey."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from server.domain.turns import Tenure
from server.log.base import LogUnavailable
from server.log.lease import RedisLease
from tests.support.own_valkey import OwnValkey

pytestmark = pytest.mark.usefixtures("patient")


def tell(story: Callable[[RedisLease, RedisLease], Awaitable[None]], url: str) -> None:
    async def told() -> None:
        one, other = RedisLease("mpp-uji", url), RedisLease("mpp-uji", url)
        try:
            await asyncio.wait_for(story(one, other), 30)
        finally:
            await one.aclose()
            await other.aclose()

    asyncio.run(told())


def test_one_holds_a_zone_until_it_lets_go(redis_url: str) -> None:
    async def story(one: RedisLease, other: RedisLease) -> None:
        assert await one.hold("utara", "a", 20)
        assert not await other.hold("utara", "b", 20)
        assert await other.hold("selatan", "b", 20), "another zone"
        await other.release("utara", "b")
        assert not await other.hold("utara", "b", 20), "nobody lets go for another"
        await one.release("utara", "a")
        assert await other.hold("utara", "b", 20)
        assert not await one.hold("utara", "a", 20)

    tell(story, redis_url)


def test_a_lease_ends_after_its_last_renewal(redis_url: str) -> None:
    async def story(one: RedisLease, other: RedisLease) -> None:
        now = asyncio.get_running_loop().time
        assert await one.hold("utara", "a", 60)
        renewed = now()
        assert await one.hold("utara", "a", 0.4), "shorter now"
        while not await other.hold("utara", "b", 1):
            await asyncio.sleep(0.02)
        assert now() - renewed >= 0.4

    tell(story, redis_url)


def test_a_lease_tells_whether_it_was_held_without_a_break(redis_url: str) -> None:
    async def story(one: RedisLease, other: RedisLease) -> None:
        assert await one.hold("utara", "a", 20) is Tenure.TAKEN
        assert await other.hold("utara", "b", 1) is Tenure.REFUSED
        assert await one.hold("utara", "a", 0.1) is Tenure.KEPT
        await asyncio.sleep(0.2)
        assert await one.hold("utara", "a", 20) is Tenure.TAKEN, "another could have had it in between"

    tell(story, redis_url)


def test_of_many_that_want_a_zone_one_gets_it(redis_url: str) -> None:
    async def story(one: RedisLease, other: RedisLease) -> None:
        got = await asyncio.gather(*(lease.hold("utara", f"s{n}", 60) for n in range(20) for lease in (one, other)))
        assert len({n // 2 for n, held in enumerate(got) if held}) == 1

    tell(story, redis_url)


def test_nobody_knows_who_holds_it_while_the_server_is_away(folder: Path) -> None:
    async def story(one: RedisLease, other: RedisLease) -> None:
        assert await one.hold("utara", "a", 20)
        valkey.kill()
        for asked in (one.hold("utara", "a", 20), other.release("utara", "b")):
            with pytest.raises(LogUnavailable):
                await asked
        valkey.start()
        assert not await other.hold("utara", "b", 20), "the lease has outlived the server"

    with OwnValkey(folder) as valkey:
        tell(story, valkey.url)
