"""On both databases: the rows follow from the log alone, whenever they are drawn, and older schemas come up to date."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, MetaData, Table, func, insert, select, update

from server.domain import commands as c
from server.domain import events as e
from server.history import tables as t
from server.history.engine import connect, writing
from server.history.migrate import check, migrate
from server.history.record import catch_up
from server.history.replay import repair, replay, words
from server.history.trimming import trim
from server.log.memory import MemoryLog
from tests.unit.history.driver import Driver, fill
from tests.unit.history.stories import happenings
from tests.unit.history.test_catching_up import DRAWN, busy_hall, everything
from tests.unit.history.test_trimming import recorded, weeks

FIRST_TABLES = ("events", "tickets", "visits", "names", "cursors")


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    migrate(url)
    engine = connect(url)
    yield engine
    engine.dispose()


def forget(engine: Engine) -> None:
    with writing(engine) as db:
        for table in DRAWN:
            db.execute(table.delete())


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_caught_up_as_it_happens_trimmed_and_restored_is_what_is_drawn_afterwards(
    engine: Engine, data: st.DataObject
) -> None:
    """Every job done twice, the log trimmed on the way: the rows are those of a catch-up from nothing."""
    hall = data.draw(happenings())
    forget(engine)
    log = MemoryLog("hall")
    log._epoch = "life"
    rest = list(hall.entries)
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        asyncio.run(fill(log, rest[:size]))
        del rest[:size]
        for _ in range(data.draw(st.integers(0, 2))):
            asyncio.run(catch_up(engine, log, batch=data.draw(st.integers(1, 20))))
            asyncio.run(trim(engine, log, timedelta(days=1)))
    asyncio.run(catch_up(engine, log))
    asyncio.run(trim(engine, log, timedelta(days=1)))
    as_it_happened = everything(engine)
    for stream in (log, None):
        found = asyncio.run(replay(engine, "hall", stream))
        assert found.equal, "\n".join(words(found))
    forget(engine)
    whole = MemoryLog("hall")
    whole._epoch = "life"
    asyncio.run(fill(whole, hall.entries))
    asyncio.run(catch_up(engine, whole))
    assert everything(engine) == as_it_happened


def test_a_replay_finds_what_was_changed_and_puts_it_right(engine: Engine) -> None:
    log = recorded(engine, busy_hall())
    whole = everything(engine)
    with writing(engine) as db:
        db.execute(update(t.visits).values(wait_seconds=1.5))
        db.execute(t.tickets.delete())
        db.execute(t.events.delete().where(t.events.c.seq == 9))
    found = asyncio.run(replay(engine, "hall", log))
    assert not found.equal
    assert repair(engine, found)
    assert everything(engine) == whole


def test_a_replay_sees_one_moment_though_the_hall_is_open(engine: Engine) -> None:
    """The hall goes on while the log is read; what is recorded meanwhile is not seen half."""
    hall = busy_hall()
    log = recorded(engine, hall)

    class Going(MemoryLog):
        """Something is recorded whenever it is asked for its end."""

        async def position(self) -> Any:
            before = len(hall.entries)
            hall.issue()
            await fill(log, hall.entries[before:])
            await catch_up(engine, log)
            return await log.position()

        async def read(self, after: int, limit: int = 1000) -> Any:
            return await log.read(after, limit)

        async def first_seq(self) -> int:
            return await log.first_seq()

    counted = len(hall.entries)
    found = asyncio.run(replay(engine, "hall", Going("hall")))
    assert found.equal, "\n".join(words(found))
    assert found.counted["events"] == counted < len(hall.entries)


def test_a_log_is_trimmed_behind_the_archive_and_nothing_in_it_changes(engine: Engine) -> None:
    log = recorded(engine, weeks())
    before = everything(engine)
    assert asyncio.run(trim(engine, log)) > 0
    assert asyncio.run(trim(engine, log)) == 0
    assert everything(engine) == before


def test_a_database_of_the_first_version_comes_up_to_date_with_all_that_is_in_it(url: str, sqlite: str) -> None:
    hall = busy_hall()
    hall.do(c.IssueTicket, ticket="late", service="a", keyed=True)
    hall.end_day()
    migrate(url, "0001")
    former, log = MemoryLog("hall"), MemoryLog("hall")
    other = sqlite.replace("history", "other")
    _copy(other, url, (former, log), hall)
    migrate(url)
    check(url)
    engine = connect(url)
    with engine.connect() as db:
        lives = db.execute(select(t.lives.c.epoch).order_by(t.lives.c.life)).scalars().all()
        assert lives == [asyncio.run(one.position()).epoch for one in (former, log)]
        days = db.execute(select(t.events.c.data).where(t.events.c.type == "day-opened")).scalars().all()
        assert '"answers":[]' in days[-1]
        assert "late" not in "".join(days)
        assert db.execute(select(func.count()).select_from(t.accounts)).scalar_one() == 1
    found = asyncio.run(replay(engine, "hall", log))
    assert {difference.table.name for difference in found.differences} == {"announcements"}
    assert repair(engine, found)
    source = connect(other)
    assert everything(engine) == everything(source)
    source.dispose()
    engine.dispose()


def _copy(source: str, target: str, lives: tuple[MemoryLog, MemoryLog], hall: Driver) -> None:
    """Record two lives in a database of today; what the first version knew of it is written into `target`."""
    migrate(source)
    engine, old = connect(source), connect(target)
    for log in lives:
        asyncio.run(fill(log, hall.entries))
        asyncio.run(catch_up(engine, log))
    shape = MetaData()
    shape.reflect(old)
    with engine.connect() as read, writing(old) as write:
        for name in FIRST_TABLES:
            table = t.metadata.tables[name]
            known = [column for column in table.c if column.name in shape.tables[name].c]
            typed = Table(name, MetaData(), *(column._copy() for column in known))
            write.execute(insert(typed), [dict(found) for found in read.execute(select(*known)).mappings()])
        for entry in hall.entries:
            if isinstance(entry.event, e.DayOpened):
                data = e.encode(entry.event).decode()
                write.execute(update(t.events).where(t.events.c.seq == entry.seq).values(data=data))
        account = {"id": "1", "name": "admin", "hash": "x", "role": "admin", "created_at": hall.now}
        write.execute(insert(Table("accounts", MetaData(), *(t.accounts.c[key]._copy() for key in account))), account)
    engine.dispose()
    old.dispose()
