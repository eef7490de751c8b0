"""A log that comes from a backup is adopted whole or not at all."""

import asyncio

import pytest

from server.domain.events import Entry
from server.log.base import Conflict, LogUnavailable, Position
from server.log.incoming import IncomingLog
from server.log.redis_log import RedisLog
from tests.support.happenings import opened

pytestmark = pytest.mark.usefixtures("patient")

SITE = "mpp-uji"


async def bring(url: str, entries: list[Entry], first: int, last: int) -> None:
    async with IncomingLog(SITE, url) as incoming:
        await incoming.begin()
        await incoming.write(entries)
        await incoming.adopt(first, Position("dua", last), 0)


async def end(url: str) -> Position:
    log = RedisLog(SITE, url)
    try:
        return await log.position()
    finally:
        await log.aclose()


@pytest.mark.parametrize("lacking", [1, 3, 5])
def test_entries_of_which_one_was_lost_on_the_way_become_no_log(redis_url: str, lacking: int) -> None:
    entries = opened(0, 5)

    async def story() -> None:
        with pytest.raises(LogUnavailable, match="of 5 entries that were written, 4 are there"):
            await bring(redis_url, [entry for entry in entries if entry.seq != lacking], 1, 5)
        assert (await end(redis_url)).seq == 0
        await bring(redis_url, entries, 1, 5)
        assert await end(redis_url) == Position("dua", 5)
        with pytest.raises(Conflict):
            await bring(redis_url, entries, 1, 5)

    asyncio.run(story())


def test_a_log_that_had_been_trimmed_begins_where_it_began(redis_url: str) -> None:
    asyncio.run(bring(redis_url, opened(7, 3), 8, 10))
    assert asyncio.run(end(redis_url)) == Position("dua", 10)
