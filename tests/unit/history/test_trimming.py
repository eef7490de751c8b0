"""Trimming: only what is older than some weeks, only behind the archive, only up to a day-opened."""

import asyncio
from datetime import timedelta

from sqlalchemy import Engine
from structlog.testing import capture_logs

from server.domain import commands as c
from server.domain import events as e
from server.history import tables as t
from server.history.engine import writing
from server.history.notices import Notice, find_notices, keep_notice
from server.history.record import catch_up
from server.history.trimming import KEEP, trim
from server.log.memory import MemoryLog
from tests.unit.history.driver import Driver, fill
from tests.unit.history.test_catching_up import everything


def weeks(days: int = 35) -> Driver:
    """A hall with a number, a call and a night each day."""
    hall = Driver()
    for _ in range(days):
        hall.issue()
        hall.call()
        hall.end_day()
    return hall


def recorded(engine: Engine, hall: Driver) -> MemoryLog:
    log = MemoryLog("hall")

    async def record() -> None:
        await fill(log, hall.entries)
        await catch_up(engine, log)

    asyncio.run(record())
    return log


def begins(log: MemoryLog) -> int:
    return asyncio.run(log.first_seq())


def day_openings(hall: Driver) -> list[e.Entry]:
    return [entry for entry in hall.entries if isinstance(entry.event, e.DayOpened)]


def test_the_log_forgets_what_is_older_than_four_weeks_up_to_a_day_opened(engine: Engine) -> None:
    hall = weeks()
    log = recorded(engine, hall)
    before = everything(engine)
    asked = hall.entries[-1].event.at - KEEP
    oldest = max(entry.seq for entry in day_openings(hall) if entry.event.at <= asked)
    assert asyncio.run(trim(engine, log)) == oldest - 1 > 0
    assert begins(log) == oldest
    assert asyncio.run(trim(engine, log)) == 0
    assert everything(engine) == before
    assert asyncio.run(catch_up(engine, log)) == 0


def test_texts_of_notices_go_with_the_log_that_told_of_them(engine: Engine) -> None:
    hall = weeks(28)
    begins_at = hall.now

    def keep(notice: str, days: int, site: str = "hall") -> None:
        """A text given in so many days after the log's first entry that stays."""
        at = begins_at + timedelta(days=days - 28)
        keep_notice(engine, Notice(notice, site, "Halo", "id", False, "u1", at))

    for _ in range(20):
        hall.do(c.AnnounceNotice, notice="told")
        hall.end_day()
    keep("forgotten", 0)
    keep("told", 0)
    keep("young", 40)
    keep("of another site", 0, "other")
    assert asyncio.run(trim(engine, recorded(engine, hall))) > 0
    assert sorted(find_notices(engine, ("forgotten", "told", "young", "of another site"))) == [
        "of another site",
        "told",
        "young",
    ]


def test_a_young_log_and_an_empty_one_lose_nothing(engine: Engine) -> None:
    log = recorded(engine, weeks(27))
    assert asyncio.run(trim(engine, log)) == 0
    assert asyncio.run(trim(engine, MemoryLog("empty"))) == 0


def test_the_last_day_stays_however_old_it_is(engine: Engine) -> None:
    hall = weeks(3)
    log = recorded(engine, hall)
    asyncio.run(trim(engine, log, timedelta(0)))
    assert begins(log) == day_openings(hall)[-1].seq == asyncio.run(log.day_start())


def test_what_is_not_archived_is_not_trimmed(engine: Engine) -> None:
    hall = weeks()
    log = MemoryLog("hall")

    async def lagging() -> None:
        await fill(log, hall.entries[:40])
        await catch_up(engine, log)
        await fill(log, hall.entries[40:])
        await trim(engine, log, timedelta(days=3))

    asyncio.run(lagging())
    assert 1 < begins(log) <= 40


def test_a_life_that_was_never_recorded_is_not_trimmed(engine: Engine) -> None:
    hall = weeks()
    log = recorded(engine, hall)
    asyncio.run(log.renew(asyncio.run(log.position())))
    assert asyncio.run(trim(engine, log)) == 0


def test_a_log_whose_archive_has_a_hole_is_not_trimmed(engine: Engine) -> None:
    log = recorded(engine, weeks())
    with writing(engine) as db:
        db.execute(t.events.delete().where(t.events.c.seq == 3))
    with capture_logs() as said:
        assert asyncio.run(trim(engine, log)) == 1
    assert "the archive lacks 1 of the entries 2–" in said[0]["why"]
    assert begins(log) == 2
