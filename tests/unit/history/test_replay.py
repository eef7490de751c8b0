"""Replay: the history drawn once more is the history; what was changed in SQL is found and put right."""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, update

from server.history import tables as t
from server.history.archive import Damaged
from server.history.engine import writing
from server.history.record import catch_up
from server.history.replay import Incomplete, Replay, repair, replay, words
from server.history.trimming import trim
from server.log.memory import MemoryLog
from tests.unit.history.driver import Driver, fill
from tests.unit.history.stories import happenings
from tests.unit.history.test_catching_up import busy_hall, everything, fresh_history
from tests.unit.history.test_trimming import recorded, weeks


def replayed(engine: Engine, log: MemoryLog | None) -> Replay:
    return asyncio.run(replay(engine, "hall", log))


def text(found: Replay) -> str:
    return "\n".join(words(found))


def test_the_history_drawn_again_from_the_log_is_the_same(engine: Engine) -> None:
    hall = busy_hall()
    found = replayed(engine, recorded(engine, hall))
    assert found.equal, text(found)
    assert found.from_log == found.counted["events"] == len(hall.entries)
    assert found.counted["tickets"] == 12
    assert min(found.counted.values()) > 0
    assert "equal, row by row" in text(found)


def test_from_the_archive_alone_it_is_the_same(engine: Engine) -> None:
    recorded(engine, busy_hall())
    found = replayed(engine, None)
    assert found.equal, text(found)
    assert "told by the archive alone" in text(found)


def test_of_a_trimmed_log_the_archive_tells_the_beginning(engine: Engine) -> None:
    hall = weeks()
    log = recorded(engine, hall)
    gone = asyncio.run(trim(engine, log))
    found = replayed(engine, log)
    assert found.equal, text(found)
    assert found.from_log == len(hall.entries) - gone
    assert found.counted["events"] == len(hall.entries)


@settings(max_examples=15)
@given(data=st.data())
def test_after_any_story_of_any_lives_it_is_the_same(data: st.DataObject) -> None:
    """Restored to an earlier end, renewed, trimmed, read late: from the log and from the archive alone."""
    with fresh_history() as engine:
        log = MemoryLog("hall")
        for _ in range(data.draw(st.integers(1, 3))):
            hall = data.draw(happenings(30))
            kept = data.draw(st.integers(1, len(hall.entries)))
            log = MemoryLog("hall")
            asyncio.run(fill(log, hall.entries[:kept]))
            asyncio.run(catch_up(engine, log, batch=data.draw(st.integers(1, 20))))
            if data.draw(st.booleans()):
                asyncio.run(trim(engine, log, timedelta(days=1)))
            asyncio.run(fill(log, hall.entries[kept:]))
            if data.draw(st.booleans()):
                asyncio.run(catch_up(engine, log))
        for stream in (log, None):
            found = replayed(engine, stream)
            assert found.equal, text(found)


def test_a_former_life_read_again_is_the_same(engine: Engine) -> None:
    hall, other = busy_hall(), busy_hall()
    log = recorded(engine, hall)
    recorded(engine, other)
    asyncio.run(catch_up(engine, log))
    found = replayed(engine, log)
    assert (found.equal, found.lives) == (True, 2), text(found)


def test_every_row_that_was_changed_is_told_and_put_right(engine: Engine) -> None:
    log = recorded(engine, busy_hall())
    whole = everything(engine)
    visit = (t.visits.c.ticket == "ticket-2", t.visits.c.visit == 1)
    with writing(engine) as db:
        db.execute(update(t.visits).where(*visit).values(wait_seconds=7777.0, outcome="served"))
        db.execute(t.tickets.delete().where(t.tickets.c.ticket == "ticket-4"))
        db.execute(update(t.events).where(t.events.c.seq == 4).values(data="{}"))
        db.execute(t.announcements.delete())
    found = replayed(engine, log)
    told = text(found)
    assert not found.equal
    assert "visits, ticket ticket-2, visit 1: outcome is served, should be parked; wait_seconds is 7777.0" in told
    assert "tickets, ticket ticket-4: is missing in SQL" in told
    assert "events, epoch" in told
    assert f"{len(found.differences)} rows differ" in told
    assert len(found.differences) == 3 + found.counted["announcements"]
    assert repair(engine, found)
    assert everything(engine) == whole
    assert replayed(engine, log).equal


def test_a_row_that_nobody_told_is_named_and_stays(engine: Engine) -> None:
    log = recorded(engine, busy_hall())
    with writing(engine) as db:
        db.execute(update(t.tickets).where(t.tickets.c.ticket == "ticket-2").values(ticket="stranger"))
    found = replayed(engine, log)
    assert "tickets, ticket stranger: stands only in SQL" in text(found)
    assert repair(engine, found)
    assert [str(one) for one in replayed(engine, log).differences] == [
        "tickets, ticket stranger: stands only in SQL",
    ]


def test_a_hole_in_the_archive_is_told_and_nothing_is_written(engine: Engine) -> None:
    recorded(engine, busy_hall())
    with writing(engine) as db:
        db.execute(t.events.delete().where(t.events.c.seq.between(6, 8)))
    before = everything(engine)
    found = replayed(engine, None)
    assert "the entries 6–8 of the life" in text(found)
    assert "neither in the archive nor in the log" in text(found)
    assert not found.equal
    with pytest.raises(Incomplete):
        repair(engine, found)
    assert everything(engine) == before


def test_a_hole_in_the_archive_is_filled_from_the_log(engine: Engine) -> None:
    log = recorded(engine, busy_hall())
    whole = everything(engine)
    with writing(engine) as db:
        db.execute(t.events.delete().where(t.events.c.seq.between(6, 8)))
    found = replayed(engine, log)
    assert (found.holes, len(found.differences)) == ((), 3)
    assert repair(engine, found)
    assert everything(engine) == whole


def test_an_entry_that_cannot_be_read_is_named(engine: Engine) -> None:
    recorded(engine, busy_hall())
    with writing(engine) as db:
        db.execute(update(t.events).where(t.events.c.seq == 4).values(data='{"type":"nonsense"}'))
    with pytest.raises(Damaged, match="entry 4 of hall"):
        replayed(engine, None)


def test_a_hole_that_the_history_already_knows_is_no_difference(engine: Engine) -> None:
    hall = Driver()
    hall.issue()
    hall.call()
    log = recorded(engine, hall)
    read = len(hall.entries)
    hall.end_day()
    hall.issue()
    hall.end_day()
    hall.issue()
    asyncio.run(fill(log, hall.entries[read:]))
    asyncio.run(log.trim(asyncio.run(log.position()).epoch, asyncio.run(log.day_start())))
    asyncio.run(catch_up(engine, log))
    for stream in (log, None):
        found = replayed(engine, stream)
        assert found.equal, text(found)
        assert len(found.holes) == 1


def test_what_the_log_has_beyond_the_cursor_does_not_matter(engine: Engine) -> None:
    """As while the hall is open."""
    hall = busy_hall()
    log = recorded(engine, hall)
    before = len(hall.entries)
    hall.issue()
    asyncio.run(fill(log, hall.entries[before:]))
    found = replayed(engine, log)
    assert found.equal, text(found)
    assert found.counted["events"] == before


def test_a_history_that_has_grown_since_is_not_repaired_with_what_was_found_before(engine: Engine) -> None:
    hall = busy_hall()
    log = recorded(engine, hall)
    with writing(engine) as db:
        db.execute(t.announcements.delete())
    found = replayed(engine, log)
    before = len(hall.entries)
    hall.issue()
    asyncio.run(fill(log, hall.entries[before:]))
    asyncio.run(catch_up(engine, log))
    assert not repair(engine, found)
    assert repair(engine, replayed(engine, log))
    assert replayed(engine, log).equal


def test_a_log_that_lives_another_life_is_not_asked(engine: Engine) -> None:
    recorded(engine, busy_hall())
    other = MemoryLog("hall")
    asyncio.run(fill(other, weeks(1).entries))
    found = replayed(engine, other)
    assert (found.equal, found.from_log) == (True, 0)


def test_without_a_history_there_is_nothing_to_draw(engine: Engine) -> None:
    found = replayed(engine, MemoryLog("hall"))
    assert (found.equal, text(found)) == (True, "hall: nothing is recorded yet.")
