"""The figures of a report, against numbers worked out by hand."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import to_builtins
from sqlalchemy import Engine

from server.domain import commands as c
from server.domain.decide import next_due
from server.domain.errors import Rejected
from server.domain.events import Entry
from server.history.engine import connect
from server.history.figures import DIMENSIONS, Report, Row, Spread, spread
from server.history.migrate import migrate
from server.history.period import Period
from server.history.record import catch_up
from server.history.render import render
from server.history.reports import report, today
from server.log.memory import MemoryLog
from server.web.pages import words
from tests.unit.history.driver import Driver, fill, make_site

DAY = date(2026, 3, 2)
SITE = make_site()


def record(engine: Engine, *lives: list[Entry]) -> None:
    """What happened in each life of a log, one after another."""

    async def all_of_it() -> None:
        for entries in lives:
            log = MemoryLog("hall")
            await fill(log, entries)
            await catch_up(engine, log)

    asyncio.run(all_of_it())


def figures(
    engine: Engine, by: str = "agency", first: date = DAY, last: date | None = None, now: datetime | None = None
) -> Report:
    return report(engine, SITE, Period(first, last or first), by, now=now)


def counts(row: Row) -> tuple[int | None, ...]:
    """issued, served, no-shows, cancelled, unfinished, open."""
    return row.issued, row.served, row.no_shows, row.cancelled, row.unfinished, row.open


def serve_after(hall: Driver, counter: str, *, way: int, service: int) -> None:
    hall.call(counter)
    hall.later(seconds=way)
    hall.do(c.Start, counter=counter)
    hall.later(seconds=service)
    hall.do(c.Finish, counter=counter)


def morning() -> Driver:
    """Tax: waits of 60, 120, 300 (a no-show) and 5 s (sent on to the police); one waits, one is cancelled."""
    hall = Driver()
    hall.issue("a")
    hall.later(seconds=60)
    serve_after(hall, "c1", way=10, service=100)
    hall.issue("a")
    hall.later(seconds=120)
    serve_after(hall, "c1", way=30, service=200)
    hall.issue("a")
    hall.later(seconds=300)
    hall.call("c1")
    hall.do(c.NoShow, counter="c1")
    moved = hall.issue("a")
    hall.call("c2")
    hall.do(c.Return, counter="c2")
    hall.later(seconds=5)
    hall.call("c2")
    hall.do(c.Transfer, counter="c2", service="b")
    hall.later(seconds=45)
    serve_after(hall, "c3", way=5, service=60)
    assert hall.state.tickets[moved].status == "served"
    hall.issue("a")
    hall.do(c.CancelTicket, ticket=hall.issue("a"))
    return hall


def test_the_figures_of_a_morning(engine: Engine) -> None:
    record(engine, morning().entries)
    made = figures(engine)
    tax, police = made.rows
    assert (tax.id, tax.name) == ("tax", "Pajak")
    assert counts(tax) == (6, 2, 1, 1, 0, 1)
    assert tax.wait == Spread(count=4, mean=(60 + 120 + 300 + 5) / 4, p50=90, p90=300, max=300)
    assert tax.way == Spread(count=2, mean=20, p50=20, p90=30, max=30)
    assert tax.service == Spread(count=2, mean=150, p50=150, p90=200, max=200)
    assert counts(police) == (0, 1, 0, 0, 0, 0)
    assert police.wait == Spread(count=1, mean=45, p50=45, p90=45, max=45)
    assert (made.total.id, counts(made.total)) == ("all", (6, 3, 1, 1, 0, 1))
    assert made.total.wait == Spread(count=5, mean=530 / 5, p50=60, p90=300, max=300)


def test_by_service_a_number_counts_as_taken_for_the_service_it_was_taken_for(engine: Engine) -> None:
    record(engine, morning().entries)
    npwp, skck = figures(engine, "service").rows
    assert (npwp.name, npwp.issued, npwp.served) == ("NPWP · Pajak", 6, 2)
    assert (skck.name, skck.issued, skck.served) == ("SKCK · Polres", 0, 1)


def test_by_counter_only_what_has_a_counter_is_counted(engine: Engine) -> None:
    record(engine, morning().entries)
    made = figures(engine, "counter")
    assert [(row.name, *counts(row)) for row in made.rows] == [
        ("Loket 1", None, 2, 1, None, 0, None),
        ("Loket 2", None, 0, 0, None, 0, None),
        ("Loket 3", None, 1, 0, None, 0, None),
    ]
    assert [row.wait.count for row in made.rows] == [3, 1, 1]
    assert counts(made.total) == (6, 3, 1, 1, 0, 1)


def test_by_hour_is_the_hour_of_issue_on_the_halls_clock(engine: Engine) -> None:
    """Taken at 8.59 in Tenggarong, called at 9.01."""
    hall = Driver()
    hall.later(minutes=59)
    hall.issue()
    hall.later(minutes=2)
    hall.call()
    hall.issue()
    record(engine, hall.entries)
    eight, nine = figures(engine, "hour").rows
    assert (eight.id, eight.issued, eight.wait.count) == ("08:00", 1, 1)
    assert (nine.id, nine.issued, nine.wait.count) == ("09:00", 1, 0)


def test_the_hours_of_a_day_that_begins_at_four_are_in_its_own_order(engine: Engine) -> None:
    site = make_site(day_begins=4)
    hall = Driver(site, datetime(2026, 3, 2, 14, 30, tzinfo=UTC))  # half past ten at night
    hall.issue()
    hall.later(hours=4)
    hall.issue()
    record(engine, hall.entries)
    made = report(engine, site, Period(DAY, DAY), "hour")
    assert [row.id for row in made.rows] == ["22:00", "02:00"]


def test_by_priority_the_group_without_one_is_the_last(engine: Engine) -> None:
    hall = Driver()
    hall.issue()
    hall.issue(priority="pregnant")
    hall.issue(priority="elderly")
    record(engine, hall.entries)
    assert [row.id for row in figures(engine, "priority").rows] == ["elderly", "pregnant", "none"]


def test_the_end_of_the_day_is_told_as_it_is(engine: Engine) -> None:
    """One is served and nobody ends it, one is parked, one still waits; one was absent, one had cancelled."""
    hall = Driver()
    hall.issue()
    hall.call("c1")
    hall.do(c.Park, counter="c1")
    hall.issue()
    hall.call("c1")
    hall.do(c.NoShow, counter="c1")
    hall.issue()
    hall.call("c1")
    hall.do(c.Start, counter="c1")
    hall.issue()
    hall.do(c.CancelTicket, ticket=hall.issue())
    hall.end_day()
    record(engine, hall.entries)
    total = figures(engine, now=hall.now).total
    assert counts(total) == (5, 0, 1, 1, 3, 0)
    assert total.service.count == 0


def test_who_comes_late_was_no_no_show_and_has_waited_once(engine: Engine) -> None:
    hall = Driver()
    late = hall.issue()
    hall.later(seconds=50)
    hall.call()
    hall.do(c.NoShow, counter="c1")
    hall.later(minutes=9)
    hall.do(c.Resume, counter="c1", ticket=late)
    hall.do(c.Finish, counter="c1")
    record(engine, hall.entries)
    total = figures(engine).total
    assert counts(total) == (1, 1, 0, 0, 0, 0)
    assert total.wait == Spread(1, 50, 50, 50, 50)


def test_a_range_holds_its_first_and_its_last_day_and_no_other(engine: Engine) -> None:
    hall = Driver()
    for _ in range(3):
        hall.issue()
        hall.call()
        hall.end_day()
    record(engine, hall.entries)

    def issued(first: int, last: int) -> int | None:
        day = timedelta(days=1)
        return figures(engine, "agency", DAY + first * day, DAY + last * day, hall.now).total.issued

    assert [issued(0, 0), issued(0, 1), issued(1, 2), issued(-9, 9), issued(3, 9)] == [1, 2, 2, 3, 0]


def test_what_lies_in_the_future_does_not_count(engine: Engine) -> None:
    hall = Driver()
    hall.issue()
    hall.call()
    hall.do(c.Start, counter="c1")
    before = hall.now
    hall.later(minutes=1)
    hall.do(c.Finish, counter="c1")
    hall.issue()
    hall.call("c2")
    record(engine, hall.entries)
    total = figures(engine, now=before).total
    assert counts(total) == (1, 0, 0, 0, 0, 1)
    assert (total.wait.count, total.way.count, total.service.count) == (1, 0, 0)


def test_what_two_lives_of_the_log_tell_is_counted_once(engine: Engine) -> None:
    """The log was restored as it had been after the first call: one number was lost, and taken anew."""
    hall = Driver()
    hall.issue()
    hall.call()
    saved = list(hall.entries)
    hall.do(c.Finish, counter="c1")
    hall.issue()
    record(engine, hall.entries, saved)
    total = figures(engine).total
    assert counts(total) == (1, 0, 0, 0, 0, 1)
    assert total.wait.count == 1


def test_a_day_without_numbers_has_only_a_total(engine: Engine) -> None:
    made = figures(engine)
    assert made.rows == []
    assert (made.total.issued, made.total.wait) == (0, Spread())
    assert render(made, words("id")).endswith("\n\nTidak ada nomor antrean pada waktu ini.")


def test_an_agency_that_the_site_has_given_up_keeps_its_name(engine: Engine) -> None:
    hall = Driver()
    hall.issue("b")
    fields = {field: getattr(SITE, field) for field in SITE.__struct_fields__}
    fields |= {"agencies": SITE.agencies[:1], "services": SITE.services[:1], "counters": SITE.counters[:2]}
    less = type(SITE)(**fields)
    hall.do(c.ConfigureSite, site=less)
    record(engine, hall.entries)
    for by, name in (("agency", "Polres"), ("service", "SKCK")):
        assert [row.name for row in report(engine, less, Period(DAY, DAY), by).rows] == [name]


@pytest.mark.parametrize("seed", range(6))
def test_every_number_is_in_one_place_whatever_happens(seed: int, url: str) -> None:
    """issued = served + no-shows + cancelled + unfinished + open; by whatever one looks, the sums are the same."""
    random = Random(seed)
    hall = Driver()
    verbs = [c.CallNext, c.Start, c.Finish, c.NoShow, c.Park, c.Return, c.Recall, c.OpenCounter, c.PauseCounter]
    for _ in range(400):
        hall.later(seconds=random.expovariate(1 / 200))
        if (due := next_due(hall.state)) and due <= hall.now:
            hall.do(c.Tick)
        aside = [one for one, ticket in hall.state.tickets.items() if ticket.status in ("parked", "no-show")]
        counter = random.choice(("c1", "c2", "c3"))
        try:
            match random.choice(("issue", "issue", "verb", "verb", "verb", "transfer", "resume", "cancel")):
                case "issue":
                    hall.issue(random.choice("ab"), priority=random.choice((None, None, "elderly")))
                case "transfer":
                    hall.do(c.Transfer, counter=counter, service=random.choice("ab"))
                case "resume":
                    hall.do(c.Resume, counter=counter, ticket=random.choice(aside or ["x"]))
                case "cancel":
                    hall.do(c.CancelTicket, ticket=random.choice([*hall.state.tickets, "x"]))
                case "verb":
                    hall.do(random.choice(verbs), counter=counter)
        except Rejected:
            pass
    migrate(url)
    engine = connect(url)
    record(engine, hall.entries)
    made = {by: figures(engine, by, last=DAY + timedelta(days=9), now=hall.now) for by in DIMENSIONS}
    engine.dispose()
    issued, *ends = counts(made["agency"].total)
    assert issued == sum(end or 0 for end in ends) > 50
    for by, one in made.items():
        assert one.total == made["agency"].total
        assert sum(row.served for row in one.rows) == one.total.served
        assert sum(row.wait.count for row in one.rows) == one.total.wait.count
        if by != "counter":
            assert [sum(figure or 0 for figure in column) for column in zip(*map(counts, one.rows), strict=True)] == [
                *counts(one.total)
            ]


@pytest.mark.parametrize(
    ("timezone", "begins", "day"),
    [
        ("Asia/Makassar", 0, "2026-03-03"),
        ("Asia/Makassar", 4, "2026-03-02"),
        ("Asia/Jakarta", 0, "2026-03-03"),
        ("America/Lima", 0, "2026-03-02"),
    ],
)
def test_today_is_the_business_day_of_the_hall(timezone: str, begins: int, day: str) -> None:
    site = make_site(timezone=timezone, day_begins=begins)
    assert today(site, datetime(2026, 3, 2, 17, 30, tzinfo=UTC)).isoformat() == day


def test_what_programs_get_keeps_its_shape(engine: Engine) -> None:
    record(engine, morning().entries)
    made = to_builtins(figures(engine))
    assert [*made] == ["site", "name", "timezone", "first", "last", "by", "made_at", "rows", "total"]
    assert [*made["total"]] == [
        *("id", "name", "issued", "served", "no_shows", "cancelled", "unfinished", "open", "wait", "way", "service")
    ]
    assert made["rows"][0]["wait"] == {"count": 4, "mean": 121.25, "p50": 90.0, "p90": 300.0, "max": 300.0}


@given(st.lists(st.integers(0, 100_000), min_size=1, max_size=60))
def test_nine_of_ten_do_not_exceed_p90_and_it_is_the_smallest_such_value(seconds: list[float]) -> None:
    p90 = spread(seconds).p90
    assert p90 in seconds

    def within(limit: float) -> int:
        return sum(10 for one in seconds if one <= limit)

    assert within(p90) >= 9 * len(seconds)
    assert all(within(one) < 9 * len(seconds) for one in seconds if one < p90)


@pytest.mark.parametrize(("count", "p90"), [(1, 1), (2, 2), (9, 9), (10, 9), (11, 10), (20, 18), (100, 90), (101, 91)])
def test_p90_by_hand(count: int, p90: int) -> None:
    assert spread(range(1, count + 1)).p90 == p90
