"""The business day: it belongs to the hall, ends what was left, and survives zones, sleep and wrong clocks."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain import commands as c
from server.domain import days, views
from server.domain import events as e
from server.domain.decide import decide, next_due
from server.domain.state import State
from tests.unit.domain.builders import SITE, Bench, examples, site_with

ZONES = (
    "Asia/Makassar",
    "Asia/Jakarta",
    "Asia/Jayapura",
    "America/Los_Angeles",
    "Pacific/Kiritimati",
    "Etc/UTC",
    "Africa/Cairo",  # its clocks change at midnight
    "America/Santiago",
    "Australia/Lord_Howe",  # by half an hour
)
# Los Angeles moved its clocks on 2026-03-08 and 2026-11-01, Cairo on 2026-04-24 and 2026-10-30.
DATES = tuple(date(2026, *day) for day in ((3, 7), (3, 8), (4, 23), (10, 31), (11, 1), (12, 31)))
JUMPS = (0, 3600, -3600)


def evening(zone: str, begins: int, day: date) -> Bench:
    """The business day `day` in its last ten minutes, a ticket in every state."""
    site = site_with(timezone=zone, day_begins=begins)
    bench = Bench(site, at=days.day_end(site, day).astimezone(UTC) - timedelta(minutes=10))
    assert bench.state.day == day
    bench.open("satu", "dua", "tiga", "empat")
    endings: dict[str, type[c.Command]] = {"served": c.Finish, "no-show": c.NoShow, "parked": c.Park}
    for name, ending in endings.items():
        bench.issue("paspor", ticket=name)
        bench.call("satu")
        bench.do(ending, counter="satu")
    bench.issue("paspor", ticket="cancelled")
    bench.do(c.CancelTicket, ticket="cancelled")
    bench.issue("paspor", ticket="serving")
    bench.call("satu")
    bench.do(c.Start, counter="satu")
    bench.issue("paspor", ticket="called")
    bench.call("dua")
    bench.issue("npwp", ticket="targeted")
    bench.call("tiga")
    bench.do(c.Transfer, counter="tiga", to_counter="empat")
    bench.do(c.PauseCounter, counter="tiga")
    bench.issue("spt", "elderly", ticket="waiting")
    return bench


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("begins", [0, 4])
@pytest.mark.parametrize("day", DATES, ids=str)
def test_the_day_ends_what_was_left_and_begins_anew(zone: str, begins: int, day: date) -> None:
    bench = evening(zone, begins, day)
    due = next_due(bench.state)
    assert due is not None
    seq = bench.state.seq
    assert decide(bench.state, bench.make(c.Tick, at=due - timedelta(microseconds=1))) == ()
    bench.now = due
    bench.do(c.Tick)
    while bench.state.day == day:  # announcements expired first
        bench.now = next_due(bench.state) or due
        bench.do(c.Tick)
    ended = {entry.event.ticket: entry.event for entry in bench.log[seq:] if isinstance(entry.event, e.TicketEvent)}
    assert {i: type(event).__name__ for i, event in ended.items()} == {
        "serving": "TicketServed",
        "called": "TicketCancelled",
        "waiting": "TicketCancelled",
        "targeted": "TicketCancelled",
        "parked": "TicketCancelled",
    }
    assert {getattr(event, "reason", None) for event in ended.values()} == {"day-ended"}
    assert bench.types(since=seq).count("counter-closed") == 4
    last = bench.last()
    assert isinstance(last, e.DayOpened)
    assert (last.day, last.at) == (day + timedelta(days=1), days.day_end(bench.state.hall, day))
    for field in ("tickets", "numbers", "queues", "wanted", "aside", "desks", "calls", "announcements"):
        assert not getattr(bench.state, field), field
    assert bench.issue("paspor").number == "A-001"
    assert views.counter("satu")(bench.state)["status"] == "closed"
    bench.check()


@given(
    zone=st.sampled_from(ZONES),
    begins=st.integers(0, 23),
    day=st.sampled_from(DATES),
    seconds=st.integers(-4 * 86_400, 4 * 86_400),
)
@examples(300)
def test_a_moment_is_past_the_end_of_a_day_exactly_when_it_counts_for_a_later_one(
    zone: str, begins: int, day: date, seconds: int
) -> None:
    """Or else a day would be opened twice, and its numbers given twice."""
    site = site_with(timezone=zone, day_begins=begins)
    at = datetime.combine(day, time(), UTC) + timedelta(seconds=seconds)
    for shown in (at, at.astimezone(ZoneInfo(zone))):
        counted = days.business_day(site, shown)
        assert days.day_end(site, counted - timedelta(days=1)) <= shown < days.day_end(site, counted)


@given(
    zone=st.sampled_from(ZONES),
    begins=st.sampled_from((0, 4)),
    start=st.sampled_from(DATES),
    steps=st.lists(st.tuples(st.integers(0, 5400), st.sampled_from(JUMPS), st.booleans()), max_size=60),
)
@examples(80)
def test_a_clock_that_jumps_an_hour_gives_no_number_twice_and_no_time_backwards(
    zone: str, begins: int, start: date, steps: list[tuple[int, int, bool]]
) -> None:
    site = site_with(timezone=zone, day_begins=begins)
    bench = Bench(site, at=days.day_end(site, start).astimezone(UTC) - timedelta(hours=3))
    seen: set[tuple[date | None, str]] = set()
    opened = [bench.state.day]
    jumped = 0
    for seconds, jump, ticks in steps:
        bench.wait(seconds + jump - jumped)
        jumped = jump
        if ticks:
            bench.do(c.Tick)
        ticket = bench.issue("paspor")
        if bench.state.day != opened[-1]:
            opened.append(bench.state.day)
            assert ticket.number == "A-001"
        assert (bench.state.day, ticket.number) not in seen
        seen.add((bench.state.day, ticket.number))
        assert days.business_day(site, ticket.issued_at) == bench.state.day
    assert opened == sorted(set(opened), key=str), "each day is opened once, and none after a later one"
    times = [entry.event.at for entry in bench.log]
    assert times == sorted(times)
    bench.check()


@pytest.mark.parametrize("jump", [3600, -3600])
def test_a_clock_that_jumps_in_the_middle_of_a_visit_corrupts_nothing(jump: int) -> None:
    bench = Bench()
    bench.open()
    bench.issue("paspor", ticket="x")
    bench.call("satu")
    bench.wait(jump)
    bench.do(c.Start, counter="satu")
    bench.wait(-jump)
    got = bench.do(c.Finish, counter="satu").ticket
    assert got is not None
    assert got.called_at is not None
    assert got.started_at is not None
    assert got.ended_at is not None
    assert got.issued_at <= got.called_at <= got.started_at <= got.ended_at


def test_a_hall_that_slept_for_days_opens_only_the_day_it_wakes_in() -> None:
    bench = evening("Asia/Makassar", 4, date(2026, 11, 20))
    bench.wait(5 * 86_400)
    bench.do(c.Tick)
    assert bench.state.day == date(2026, 11, 25)
    assert bench.types().count("day-opened") == 2
    assert decide(bench.state, bench.make(c.Tick)) == ()
    bench.check()


def test_only_one_of_two_processes_opens_the_day() -> None:
    """The second one, which has read on, finds nothing to do."""
    bench = evening("Asia/Jakarta", 0, date(2026, 11, 20))
    bench.wait(601)
    bench.do(c.Tick)
    seq = bench.state.seq
    bench.wait(-2)
    bench.do(c.Tick)
    assert bench.state.seq == seq


def test_the_time_of_an_event_is_the_halls_wall_clock_with_its_offset() -> None:
    for zone, offset in (("Asia/Jayapura", 9), ("America/Los_Angeles", -8), ("Pacific/Kiritimati", 14), ("Etc/UTC", 0)):
        bench = Bench(site_with(timezone=zone))
        assert bench.issue().issued_at.utcoffset() == timedelta(hours=offset)
    summer = Bench(site_with(timezone="America/Los_Angeles"), at=datetime(2026, 7, 1, tzinfo=UTC))
    assert summer.issue().issued_at.utcoffset() == timedelta(hours=-7)


def test_the_order_of_calling_survives_the_hour_that_comes_twice() -> None:
    """01:30 comes twice in Los Angeles on 2026-11-01; whoever came in the first is called first."""
    site = site_with(timezone="America/Los_Angeles")
    bench = Bench(site, at=datetime(2026, 11, 1, 8, 40, tzinfo=UTC))  # 01:40, summer time
    bench.open()
    first = bench.issue("paspor")
    bench.wait(1800)
    second = bench.issue("paspor")  # 01:10, winter time
    assert (first.issued_at.hour, second.issued_at.hour) == (1, 1)
    assert first.issued_at.minute > second.issued_at.minute
    assert bench.call("satu").id == first.id
    assert second.ahead == 1


def test_a_change_of_the_hour_at_which_days_begin_loses_and_repeats_no_day() -> None:
    bench = Bench(SITE, at=datetime(2026, 11, 22, 18, 0, tzinfo=UTC))  # Monday, 02:00 in Makassar
    bench.issue("paspor")
    bench.do(c.ConfigureSite, site=site_with(day_begins=4))
    assert bench.issue("paspor").number == "A-002"
    bench.wait(3 * 3600)
    assert bench.issue("paspor").number == "A-003"
    assert bench.state.day == date(2026, 11, 23)
    bench.wait(21 * 3600)  # Tuesday, 02:00
    assert bench.issue("paspor").number == "A-004"
    bench.do(c.ConfigureSite, site=SITE)
    assert bench.issue("paspor").number == "A-001"
    assert bench.state.day == date(2026, 11, 24)
    bench.check()


def test_nothing_is_due_before_the_site_is_configured() -> None:
    tick = Bench().make(c.Tick)
    assert next_due(State()) is None
    with pytest.raises(LookupError):
        decide(State(), tick)
