"""Catching up: in any batches, twice, by two at once, after a kill and in a new life of the log."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import Engine, func, select

from server.domain import commands as c
from server.domain import events as e
from server.domain.answers import Answered
from server.domain.events import decode, encode
from server.domain.evolve import fold
from server.history import archive
from server.history import tables as t
from server.history.engine import connect
from server.history.migrate import migrate
from server.history.record import Cursor, behind, catch_up, read_cursor
from server.log.base import Position
from server.log.memory import MemoryLog
from tests.unit.history.driver import Driver, fill
from tests.unit.history.stories import happenings

DRAWN = (t.events, t.lives, t.tickets, t.visits, t.announcements, t.names, t.cursors)


@cache
def template() -> bytes:
    """A SQLite file with all tables: copied, not migrated each time."""
    with TemporaryDirectory() as folder:
        migrate(f"sqlite:///{folder}/history.sqlite3")
        return Path(folder, "history.sqlite3").read_bytes()


@contextmanager
def fresh_history() -> Iterator[Engine]:
    with TemporaryDirectory() as folder:
        Path(folder, "history.sqlite3").write_bytes(template())
        engine = connect(f"sqlite:///{folder}/history.sqlite3")
        yield engine
        engine.dispose()


def everything(engine: Engine, *left_out: str) -> dict[str, list[str]]:
    """All rows that are drawn from the log, in order; `left_out`: columns that may differ."""
    with engine.connect() as db:
        return {
            table.name: sorted(
                repr(row) for row in db.execute(select(*(col for col in table.c if col.name not in left_out)))
            )
            for table in DRAWN
        }


def busy_hall() -> Driver:
    """Two days with a bit of everything."""
    hall = Driver()
    for _ in range(2):
        for service in "aabaab":
            hall.issue(service)
            hall.later(seconds=40)
        first = hall.call("c1")
        hall.do(c.Start, counter="c1")
        hall.later(minutes=3)
        hall.do(c.Park, counter="c1")
        hall.call("c3")
        hall.do(c.MarkSpoken, zone="z", announcement=next(iter(hall.state.announcements["z"])).id)
        hall.do(c.Recall, counter="c3")
        hall.do(c.NoShow, counter="c3")
        hall.call("c2")
        hall.do(c.Transfer, counter="c2", service="b")
        hall.call("c3")
        hall.do(c.Return, counter="c3")
        assert first
        hall.do(c.Resume, counter="c1", ticket=first)
        hall.do(c.Start, counter="c1")
        hall.later(minutes=2)
        hall.call("c1")
        hall.end_day()
    return hall


def test_all_entries_are_archived_but_for_the_answers_that_a_day_carries(engine: Engine) -> None:
    hall = busy_hall()
    hall.do(c.IssueTicket, ticket="late", service="a", keyed=True)
    hall.end_day()
    carried = [entry.seq for entry in hall.entries if isinstance(entry.event, e.DayOpened) and entry.event.answers]
    assert carried
    log = MemoryLog("hall")
    asyncio.run(fill(log, hall.entries))
    assert asyncio.run(catch_up(engine, log)) == len(hall.entries)
    with engine.connect() as db:
        rows = db.execute(select(t.events.c.seq, t.events.c.data).order_by(t.events.c.seq)).all()
    assert [row.seq for row in rows] == [entry.seq for entry in hall.entries]
    for row, entry in zip(rows, hall.entries, strict=True):
        lighter = replace(entry.event, answers=()) if isinstance(entry.event, e.DayOpened) else entry.event
        assert decode(row.data.encode()) == lighter


def test_a_log_made_from_the_archive_folds_like_the_first_one_but_for_the_answers(engine: Engine) -> None:
    hall = busy_hall()
    hall.issue()
    hall.call()
    log = MemoryLog("hall")
    asyncio.run(fill(log, hall.entries))
    asyncio.run(catch_up(engine, log))
    start = asyncio.run(log.day_start())
    with engine.connect() as db:
        (piece,) = archive.pieces(db, "hall")
        copied = archive.entries(db, "hall", piece, len(hall.entries))
    assert len(copied) == len(hall.entries)
    no_answers: OrderedDict[str, Answered] = OrderedDict()
    for entries in (copied, copied[start - 1 :]):
        forgetful = [replace(fold(known), keyed=no_answers, unkeyed=no_answers) for known in (entries, hall.entries)]
        assert forgetful[0] == forgetful[1]


def test_catching_up_twice_is_catching_up_once(engine: Engine) -> None:
    log = MemoryLog("hall")
    asyncio.run(fill(log, busy_hall().entries))
    asyncio.run(catch_up(engine, log))
    before = everything(engine)
    assert asyncio.run(catch_up(engine, log)) == 0
    assert everything(engine) == before


@settings(max_examples=25)
@given(data=st.data())
def test_catching_up_in_random_batches_is_catching_up_at_once(data: st.DataObject) -> None:
    """Also with entries that arrive in between: as it happens = afterwards."""
    hall = data.draw(happenings())

    async def as_it_happens(engine: Engine, log: MemoryLog) -> None:
        rest = list(hall.entries)
        while rest:
            size = data.draw(st.integers(1, len(rest)))
            await fill(log, rest[:size])
            del rest[:size]
            if data.draw(st.booleans()):
                await catch_up(engine, log, batch=data.draw(st.integers(1, 20)))
        await catch_up(engine, log, batch=7)

    async def afterwards(engine: Engine, log: MemoryLog) -> None:
        await fill(log, hall.entries)
        await catch_up(engine, log)

    with fresh_history() as one, fresh_history() as other:
        asyncio.run(as_it_happens(one, MemoryLog("hall")))
        asyncio.run(afterwards(other, MemoryLog("hall")))
        assert everything(one, "epoch") == everything(other, "epoch")


def test_two_that_catch_up_at_once_record_everything_once(engine: Engine) -> None:
    class Sharing(MemoryLog):
        """Lets the other one go on at every step, as often as it is drawn: by the clock a slow machine might let one
        come too late every time."""

        async def read(self, after: int, limit: int = 1000) -> list[Any]:
            for _ in range(pauses.randrange(4)):
                await asyncio.sleep(0)
            return await super().read(after, limit)

    async def race() -> tuple[int, int]:
        await fill(log, hall.entries)
        return await asyncio.gather(catch_up(engine, log, batch=3), catch_up(engine, log, batch=5))

    hall = busy_hall()
    pauses = Random(1)
    log = Sharing("hall")
    recorded = asyncio.run(race())
    assert sum(recorded) == len(hall.entries)
    assert min(recorded) > 0
    with fresh_history() as other:
        plain = MemoryLog("hall")
        asyncio.run(fill(plain, hall.entries))
        asyncio.run(catch_up(other, plain))
        assert everything(engine, "epoch") == everything(other, "epoch")


def test_a_batch_that_fails_leaves_nothing_behind(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    log = MemoryLog("hall")
    asyncio.run(fill(log, busy_hall().entries))
    asyncio.run(catch_up(engine, log, batch=10_000))
    whole = everything(engine)
    with fresh_history() as other:
        with other.begin() as db:
            db.exec_driver_sql("CREATE TRIGGER full BEFORE INSERT ON visits BEGIN SELECT RAISE(ABORT, 'full'); END")
        with pytest.raises(Exception, match="full"):
            asyncio.run(catch_up(other, log, batch=10_000))
        cursor = read_cursor(other, "hall")
        assert cursor is not None
        assert cursor.seq == 0
        with other.begin() as db:
            assert db.execute(select(func.count()).select_from(t.events)).scalar_one() == 0
            db.exec_driver_sql("DROP TRIGGER full")
        asyncio.run(catch_up(other, log))
        assert everything(other) == whole


def test_a_log_trimmed_behind_the_archive_goes_on(engine: Engine) -> None:
    hall = busy_hall()
    log = MemoryLog("hall")
    asyncio.run(fill(log, hall.entries))
    asyncio.run(catch_up(engine, log))
    asyncio.run(log.trim(asyncio.run(log.position()).epoch, asyncio.run(log.day_start())))
    hall.issue()
    asyncio.run(fill(log, hall.entries[-1:]))
    assert asyncio.run(catch_up(engine, log)) == 1


def test_a_trimmed_log_is_read_from_where_it_begins(engine: Engine) -> None:
    hall = busy_hall()
    log = MemoryLog("hall")
    asyncio.run(fill(log, hall.entries))
    start = asyncio.run(log.day_start())
    asyncio.run(log.trim(asyncio.run(log.position()).epoch, start))
    assert asyncio.run(catch_up(engine, log)) == len(hall.entries) - start + 1


def test_a_new_life_that_tells_the_same_changes_no_visit(engine: Engine) -> None:
    hall = busy_hall()
    log = MemoryLog("hall")
    asyncio.run(fill(log, hall.entries))
    asyncio.run(catch_up(engine, log))
    before = everything(engine)
    asyncio.run(log.renew(asyncio.run(log.position())))
    assert asyncio.run(catch_up(engine, log)) == len(hall.entries)
    after = everything(engine)
    assert (after["visits"], after["tickets"]) == (before["visits"], before["tickets"])
    assert len(after["announcements"]) == len(before["announcements"]) > 0
    assert len(after["events"]) == 2 * len(before["events"])


def test_what_only_the_former_life_knew_is_ended_and_counts_once(engine: Engine) -> None:
    hall = Driver()
    kept = hall.issue()
    restored = list(hall.entries)
    lost = hall.issue()
    hall.call("c1")
    hall.call("c2")
    log = MemoryLog("hall")
    asyncio.run(fill(log, hall.entries))
    asyncio.run(catch_up(engine, log))

    again = MemoryLog("hall")
    asyncio.run(fill(again, restored))
    asyncio.run(catch_up(engine, again))
    with engine.connect() as db:
        assert set(db.execute(select(t.announcements.c.outcome)).scalars()) == {"expired"}
        lives = db.execute(select(t.lives.c.epoch).order_by(t.lives.c.life)).scalars().all()
        assert lives == [asyncio.run(one.position()).epoch for one in (log, again)]
        status = dict(db.execute(select(t.tickets.c.ticket, t.tickets.c.status)).all())
        outcomes = dict(db.execute(select(t.visits.c.ticket, t.visits.c.outcome)).all())
    assert status == {kept: "waiting", lost: "lost"}
    assert outcomes == {kept: "unfinished", lost: "unfinished"}
    assert read_cursor(engine, "hall") == Cursor(asyncio.run(again.position()).epoch, len(restored), hall.state.day)


def test_a_log_that_ends_below_the_cursor_gets_a_new_life(engine: Engine) -> None:
    hall = busy_hall()
    log = MemoryLog("hall")
    asyncio.run(fill(log, hall.entries))
    asyncio.run(catch_up(engine, log))
    epoch = asyncio.run(log.position()).epoch
    del log._events[-5:]
    asyncio.run(catch_up(engine, log))
    assert asyncio.run(log.position()).epoch != epoch
    assert not behind(engine, "hall", asyncio.run(log.position()))


def test_behind_says_whether_there_is_something_to_record(engine: Engine) -> None:
    log = MemoryLog("hall")
    asyncio.run(fill(log, Driver().entries))
    end = asyncio.run(log.position())
    assert behind(engine, "hall", end)
    asyncio.run(catch_up(engine, log))
    assert not behind(engine, "hall", end)
    assert behind(engine, "hall", Position(end.epoch, end.seq + 1))
    assert behind(engine, "hall", Position("another", end.seq))


def test_what_the_log_forgot_before_it_was_read_is_a_hole_that_stops_nothing(engine: Engine) -> None:
    """A database from an old backup, behind a log that was trimmed since."""
    hall = Driver()
    waiting = hall.issue()
    called = hall.issue()
    hall.call()
    log = MemoryLog("hall")
    asyncio.run(fill(log, hall.entries))
    asyncio.run(catch_up(engine, log))
    read = len(hall.entries)
    hall.end_day()
    hall.issue()
    hall.end_day()
    asyncio.run(fill(log, hall.entries[read:]))
    epoch, day = asyncio.run(log.position()).epoch, asyncio.run(log.day_start())
    asyncio.run(log.trim(epoch, day))
    assert asyncio.run(catch_up(engine, log)) == len(hall.entries) - day + 1
    with engine.connect() as db:
        assert dict(db.execute(select(t.tickets.c.ticket, t.tickets.c.status)).all()) == {
            waiting: "lost",
            called: "lost",
        }
        assert db.execute(select(t.visits.c.outcome)).scalars().all() == ["unfinished"]
        assert db.execute(select(t.announcements.c.outcome)).scalars().all() == ["expired"]
        assert db.execute(select(func.count()).select_from(t.lives)).scalar_one() == 1


def test_halls_do_not_mix(engine: Engine, tmp_path: Path) -> None:
    for site in ("one", "two"):
        log = MemoryLog(site)
        asyncio.run(fill(log, Driver().entries))
        asyncio.run(catch_up(engine, log))
    with engine.connect() as db:
        sites = db.execute(select(t.events.c.site, func.count()).group_by(t.events.c.site)).all()
    assert sorted(sites) == [("one", 2), ("two", 2)]


def test_what_is_archived_can_be_read_back(engine: Engine) -> None:
    hall = Driver()
    assert decode(encode(hall.entries[0].event)) == hall.entries[0].event
