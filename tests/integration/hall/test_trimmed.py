"""Halls on a log that is trimmed: behind them, under them, and by a careless hand."""

import asyncio

import pytest
import redis
from structlog.testing import capture_logs

from server.domain.events import Entry
from server.hall import Hall
from server.log.redis_log import RedisLog
from tests.support.halls import MORNING, Clock, issue, living
from tests.support.proxy import until
from tests.unit.domain.builders import MONDAY, SITE

pytestmark = pytest.mark.usefixtures("patient")

DAY = 24 * 3600.0


class Lagging(RedisLog):
    """Its follower gets nothing until it is let go. held: it stands there."""

    def __init__(self, site: str, url: str) -> None:
        super().__init__(site, url)
        self.let_go = asyncio.Event()
        self.let_go.set()
        self.held = asyncio.Event()

    async def wait(self, after: int, seconds: float) -> list[Entry]:
        if not self.let_go.is_set():
            self.held.set()
        await self.let_go.wait()
        return await super().wait(after, seconds)


async def a_day_later(hall: Hall, clock: Clock) -> int:
    """The seq of the day's beginning."""
    clock.jump(DAY)
    await issue(hall)
    return await hall._log.day_start()


def test_a_follower_that_the_trimming_has_overtaken_folds_again(redis_url: str) -> None:
    async def story() -> None:
        clock = Clock(MONDAY)
        log = Lagging(SITE.id, redis_url)
        async with living(RedisLog(SITE.id, redis_url), clock=clock) as hall, living(log, clock=clock) as late:
            await issue(hall)
            await until(lambda: late.confirmed == hall.confirmed)
            await asyncio.sleep(0)
            log.let_go.clear()
            await until(log.held.is_set)
            behind = late.confirmed.seq
            for _ in range(3):
                start = await a_day_later(hall, clock)
            await hall._log.trim(hall.epoch, start)
            assert await hall._log.first_seq() == start > behind + 1 == late.confirmed.seq + 1
            log.let_go.set()
            await until(lambda: late.available and late.confirmed == hall.confirmed)
            last = hall.confirmed.seq
            assert (await issue(late)).seq == last + 1

    asyncio.run(story())


def test_a_log_cut_inside_its_day_is_told_in_one_sentence_that_says_what_to_do(redis_url: str) -> None:
    keys = [f"antrean:{{{SITE.id}}}:{name}" for name in ("events", "epoch", "day")]

    async def story() -> None:
        async with living(RedisLog(SITE.id, redis_url)) as hall:
            for _ in range(3):
                last = (await issue(hall)).seq
            with redis.Redis.from_url(redis_url) as client:
                client.xtrim(keys[0], minid=f"{last}-0", approximate=False)
                late = Hall(SITE, RedisLog(SITE.id, redis_url), MORNING)
                with capture_logs() as said:
                    task = asyncio.create_task(late.run())
                    await until(lambda: said)
                    await asyncio.sleep(1.0)  # and nothing more
                assert not late.available
                (line,) = said
                assert f"begins at {last}, inside a business day" in line["why"]
                assert all(key in line["why"] for key in keys)
                assert (await issue(hall)).seq == last + 1, "who stood at its end goes on"
                client.delete(*keys)
            await until(lambda: late.available and late.confirmed.site is not None)
            assert (await issue(late)).ticket
            await until(lambda: hall.epoch == late.epoch)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await late._log.aclose()

    asyncio.run(story())
