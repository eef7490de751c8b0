"""How a day went, against days worked out by hand."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from server.domain import commands as c
from server.history import courses
from server.history.courses import Bar, Moment, distribution
from server.history.facts import Facts, read_facts
from server.history.period import Period
from tests.unit.history.driver import Driver, make_site
from tests.unit.history.test_reports import DAY, record

SITE = make_site()


def facts(engine: Engine, hall: Driver, days: int = 1) -> Facts:
    record(engine, hall.entries)
    with engine.connect() as db:
        return read_facts(db, "hall", Period(DAY, DAY + timedelta(days=days - 1)), hall.now)


def test_the_waiting_of_a_morning(engine: Engine) -> None:
    """From 8.00 one waits, from 8.05 two, from 8.15 one, from 8.20 nobody; a wrong press changes nothing."""
    hall = Driver()
    hall.issue()
    hall.later(minutes=5)
    hall.issue()
    hall.later(minutes=10)
    hall.call("c1")
    hall.later(minutes=3)
    hall.call("c2")
    hall.do(c.Return, counter="c2")
    hall.later(minutes=2)
    hall.call("c2")
    eight = 8 * 3600
    assert courses.waiting(facts(engine, hall), SITE) == [Moment(eight, 1.5, 2), Moment(eight + 600, 1.5, 2)]


def test_who_cancels_waited_until_then_and_who_waits_does_so_now(engine: Engine) -> None:
    hall = Driver()
    gone = hall.issue()
    hall.issue()
    hall.later(minutes=5)
    hall.do(c.CancelTicket, ticket=gone)
    hall.later(minutes=5)
    assert courses.waiting(facts(engine, hall), SITE) == [Moment(8 * 3600, 1.5, 2)]


def test_who_is_put_aside_does_not_wait_in_a_queue(engine: Engine) -> None:
    hall = Driver()
    aside = hall.issue()
    hall.later(minutes=10)
    hall.call()
    hall.do(c.Park, counter="c1")
    hall.later(minutes=30)
    hall.do(c.CancelTicket, ticket=aside)
    assert courses.waiting(facts(engine, hall), SITE) == [Moment(8 * 3600, 1.0, 1)]


def test_whom_the_end_of_the_day_found_waiting_counts_until_the_last_call(engine: Engine) -> None:
    hall = Driver()
    hall.issue()
    hall.issue()
    hall.later(minutes=10)
    hall.call()
    hall.end_day()
    assert courses.waiting(facts(engine, hall), SITE) == [Moment(8 * 3600, 2.0, 2)]


def test_calls_of_numbers_that_the_log_forgot_have_a_day_too(engine: Engine) -> None:
    hall = Driver()
    hall.issue()
    hall.later(minutes=10)
    hall.call()
    found = facts(engine, hall)
    assert courses.waiting(found._replace(numbers=[]), SITE) == [Moment(8 * 3600, 1.0, 1)]


def test_a_month_is_the_mean_of_its_days_and_the_most_of_any(engine: Engine) -> None:
    hall = Driver()
    for people in (1, 3):
        waiting = [hall.issue() for _ in range(people)]
        hall.later(minutes=10)
        for ticket in waiting:
            hall.do(c.CancelTicket, ticket=ticket)
        hall.later(hours=23, minutes=50)
        hall.do(c.Tick)
    found = facts(engine, hall, days=3)
    assert courses.waiting(found, SITE) == [Moment(8 * 3600, 2.0, 3)]
    assert [day.issued for day in courses.days(found)] == [1, 3]
    assert courses.visits_by_hour(found, SITE) == {(0, 8): 1.0, (1, 8): 3.0}


def test_the_hours_are_those_of_the_hall_and_the_weekday_that_of_its_business_day(engine: Engine) -> None:
    """Half past two on Tuesday morning, in a hall whose Monday ends at four."""
    site = make_site(day_begins=4)
    hall = Driver(site, datetime(2026, 3, 2, 18, 30, tzinfo=UTC))
    hall.issue()
    found = facts(engine, hall)
    assert courses.visits_by_hour(found, site) == {(0, 2): 1.0}


def test_a_day_without_anybody_has_no_course(engine: Engine) -> None:
    found = facts(engine, Driver())
    assert (courses.waiting(found, SITE), courses.days(found), courses.visits_by_hour(found, SITE)) == ([], [], {})
    assert distribution([]) == []


def test_the_distribution_has_bars_of_one_round_width() -> None:
    assert distribution([0, 30, 59.9, 60, 125]) == [Bar(0, 60, 3), Bar(60, 120, 1), Bar(120, 180, 1)]
    long = distribution([60.0 * n for n in range(60)])
    assert {bar.end - bar.start for bar in long if bar.end} == {120}


@given(st.lists(st.floats(0, 40_000), max_size=200))
def test_every_wait_is_in_one_bar(waits: list[float]) -> None:
    bars = distribution(waits)
    assert sum(bar.people for bar in bars) == len(waits)
    assert len(bars) <= courses.MOST_BARS + 1
    for bar in bars:
        assert bar.people == sum(bar.start <= wait and (bar.end is None or wait < bar.end) for wait in waits)
