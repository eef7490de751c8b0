"""The journal of a day: in order, without a hole between archive and log, over the lives of a log, filtered."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from server.domain import commands as c
from server.domain import events as e
from server.domain.days import business_day
from server.history.engine import reading
from server.history.journal import Line, Number, Place, Reading, Tail, Wanted, of_day
from tests.unit.history.driver import Driver, make_site
from tests.unit.history.test_reports import morning, record

SITE = make_site()
DAY = date(2026, 3, 2)


def lines(
    engine: Engine,
    tail: Tail | None = None,
    recorded: Place | None = None,
    before: Place | None = None,
    **wanted: Any,
) -> list[Line]:
    asked = Wanted(**{"day": DAY} | wanted)
    with reading(engine) as db:
        return list(Reading(db, SITE, asked, tail or Tail(1), recorded).lines(before))


def seqs(found: list[Line]) -> list[int]:
    return [line.place.seq for line in found]


def test_a_day_is_told_newest_first_and_ends_with_what_the_next_one_ends(engine: Engine) -> None:
    hall = morning()
    of_the_day = len(hall.entries)
    hall.end_day()
    ended = len(hall.entries) - of_the_day - 1  # all but the day-opened itself
    assert ended > 0
    record(engine, hall.entries)
    assert seqs(lines(engine)) == list(range(of_the_day + ended, 0, -1))
    assert seqs(lines(engine, day=DAY + timedelta(days=1))) == [len(hall.entries)]
    assert lines(engine, day=DAY - timedelta(days=1)) == []


def test_what_is_not_recorded_yet_comes_from_the_log_without_a_hole(engine: Engine) -> None:
    hall = morning()
    whole = len(hall.entries)
    record(engine, hall.entries)  # all of it is there; what counts is up to where the reader believes it to be
    tickets = {id: Number(one.number, one.agency, one.agency, one.service) for id, one in hall.state.tickets.items()}
    for at in (0, 5, whole - 1, whole):
        tail = Tail(1, hall.entries[at:], tickets)
        found = lines(engine, tail, Place(1, at))
        assert seqs(found) == list(range(whole, 0, -1))
        assert all(line.ticket for line in found if isinstance(line.event, e.TicketEvent))


def test_pages_join_without_a_hole_or_a_repeat(engine: Engine) -> None:
    hall = morning()
    record(engine, hall.entries[:20])
    tail = Tail(1, hall.entries[20:], {})
    whole = lines(engine, tail, Place(1, 20))
    joined: list[Line] = []
    while page := lines(engine, tail, Place(1, 20), joined[-1].place if joined else None)[:7]:
        joined += page
    assert joined == whole
    assert len(whole) == len(hall.entries)


def test_two_lives_of_a_log_are_told_one_after_the_other(engine: Engine) -> None:
    first, second = morning(), Driver(at=morning().now)
    second.issue("b")
    record(engine, first.entries, second.entries)
    places = [line.place for line in lines(engine, Tail(2))]
    assert places == sorted(places, reverse=True)
    assert {place.life for place in places} == {1, 2}
    assert len(places) == len(first.entries) + len(second.entries)


@pytest.mark.parametrize(
    ("wanted", "is_right"),
    [
        (
            {"kinds": ("ticket-called", "ticket-issued")},
            lambda line: isinstance(line.event, e.TicketCalled | e.TicketIssued),
        ),
        ({"counter": "c2"}, lambda line: getattr(line.event, "counter", "") == "c2"),
        ({"number": "A-004"}, lambda line: line.ticket.number == "A-004"),
        ({"agency": "police"}, lambda line: line.ticket.agency == "police"),
        ({"by": "nobody"}, lambda line: False),
    ],
)
def test_each_filter_takes_what_it_says_and_all_of_it(engine: Engine, wanted: dict[str, Any], is_right: Any) -> None:
    record(engine, morning().entries)
    whole = lines(engine)
    found = lines(engine, **wanted)
    assert all(map(is_right, found))
    assert found or wanted == {"by": "nobody"}
    rest = [line for line in whole if line not in found]
    assert not any(line.ticket and wanted.get("number") == line.ticket.number for line in rest)
    assert seqs(found) == sorted(seqs(found), reverse=True)


def test_the_course_of_a_number_has_its_announcements(engine: Engine) -> None:
    hall = Driver()
    ticket = hall.issue("a")
    hall.call("c1")
    called = hall.entries[-1].seq
    hall.do(c.MarkSpoken, zone="z", announcement=called)
    hall.do(c.Finish, counter="c1")
    record(engine, hall.entries)
    found = lines(engine, number="A-001")
    kinds = [type(line.event).__struct_config__.tag for line in found]
    assert kinds == ["ticket-served", "announcement-spoken", "ticket-called", "ticket-issued"]
    spoken = found[1]
    assert spoken.call == hall.entries[called - 1].event
    assert getattr(spoken.call, "ticket", "") == ticket
    with_tail = lines(engine, Tail(1, hall.entries[called:]), Place(1, called), number="A-001")
    assert seqs(with_tail) == seqs(found)


def test_entries_belong_to_the_day_in_force(engine: Engine) -> None:
    hall = morning()
    hall.end_day()
    opened = hall.entries[-1].seq
    later = DAY + timedelta(days=1)
    assert [one.seq for one in of_day(hall.entries, later, None, lambda at: business_day(SITE, at))] == [opened]
    rest = hall.entries[3:]
    assert len(of_day(rest, DAY, DAY, lambda at: later)) == len(rest) - 1
