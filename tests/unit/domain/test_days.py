"""Opening hours: breaks, closed days, and when an agency opens again."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain import days
from server.domain.errors import ServiceClosed
from server.domain.site import Agency, Site
from tests.unit.domain.builders import OFFICE, SITE, WEEK, Bench, examples, site_with

HOURS = site_with(always_open=False)
WITA = ZoneInfo("Asia/Makassar")


def agency(**hours: tuple[tuple[str, str], ...]) -> Agency:
    return Agency("x", "X", "X", "X", "x", hours)


def wita(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=WITA)


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        ("2026-11-23 07:59:59", "2026-11-23 08:00"),  # Monday
        ("2026-11-23 08:00", None),
        ("2026-11-23 11:59:59.999999", None),
        ("2026-11-23 12:00", "2026-11-23 13:00"),
        ("2026-11-23 13:00", None),
        ("2026-11-23 16:00", "2026-11-24 08:00"),
        ("2026-11-27 11:30", "2026-11-27 13:30"),  # Friday prayer
        ("2026-11-27 16:00", "2026-11-30 08:00"),  # over the weekend
        ("2026-12-24 16:00", "2026-12-28 08:00"),  # Christmas on a Friday
        ("2026-12-25 09:00", "2026-12-28 08:00"),
    ],
)
def test_an_agency_is_open_in_its_hours_and_else_says_when_next(at: str, opens: str | None) -> None:
    office = HOURS.agency["imigrasi"]
    moment = wita(at)
    assert days.is_open(HOURS, office, moment) == (opens is None)
    assert days.opens_next(HOURS, office, moment) == (wita(opens) if opens else None)
    assert days.opens_next(HOURS, office, moment.astimezone(UTC)) == (wita(opens) if opens else None)


def test_an_agency_of_one_day_a_week_opens_again_next_week() -> None:
    samsat = HOURS.agency["samsat"]
    assert days.opens_next(HOURS, samsat, wita("2026-11-24 16:00")) == wita("2026-12-01 08:00")
    closed = site_with(HOURS, closed_days={"2026-12-01": "Libur", "2026-12-08": "Libur"})
    assert days.opens_next(closed, samsat, wita("2026-11-24 16:00")) == wita("2026-12-15 08:00")


def test_an_agency_without_hours_never_opens() -> None:
    assert days.opens_next(HOURS, agency(), wita("2026-11-24 16:00")) is None
    assert not days.is_open(HOURS, agency(), wita("2026-11-24 16:00"))


def test_a_day_may_last_until_midnight() -> None:
    night = agency(sat=(("18:00", "24:00"),), sun=(("00:00", "01:00"),))
    assert days.is_open(HOURS, night, wita("2026-11-28 23:59:59"))
    assert days.is_open(HOURS, night, wita("2026-11-29 00:30"))
    assert not days.is_open(HOURS, night, wita("2026-11-29 01:00"))
    assert days.spans(HOURS, night, date(2026, 11, 28)) == [(wita("2026-11-28 18:00"), wita("2026-11-29 00:00"))]


def test_always_open_ignores_hours_and_closed_days() -> None:
    at = wita("2026-12-25 03:00")
    assert days.is_open(SITE, agency(), at)
    assert days.opens_next(SITE, agency(), at) is None


def test_a_closed_day_is_a_calendar_day_even_when_business_days_begin_later() -> None:
    site = site_with(HOURS, day_begins=4)
    night = agency(thu=(("20:00", "24:00"),), fri=(("00:00", "03:00"),))
    assert days.business_day(site, wita("2026-12-25 01:00")) == date(2026, 12, 24)
    assert not days.is_open(site, night, wita("2026-12-25 01:00"))


def test_no_number_is_given_when_the_agency_is_closed_and_the_refusal_says_until_when() -> None:
    bench = Bench(HOURS, at=wita("2026-12-25 09:00").astimezone(UTC))
    before = bench.state.copy()
    with pytest.raises(ServiceClosed) as caught:
        bench.issue("paspor")
    assert caught.value.code == "service-closed"
    assert caught.value.opens_next == wita("2026-12-28 08:00")
    assert bench.state == before


def test_whoever_has_a_number_is_called_after_closing_time_too() -> None:
    bench = Bench(HOURS)
    bench.issue("paspor", ticket="x")
    bench.wait(8 * 3600)
    bench.open()
    assert bench.call("satu").id == "x"


def test_a_time_without_an_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        days.fixed(datetime(2026, 11, 23, 9, 0))


def minute_by_minute(site: Site, office: Agency, at: datetime) -> datetime | None:
    """The next opening, found by trying every minute of ten days on the wall clock."""
    minute = at.astimezone(ZoneInfo(site.timezone)).replace(second=0, microsecond=0, tzinfo=None)
    for _ in range(10 * 24 * 60):
        minute += timedelta(minutes=1)
        spans = office.hours.get(days.WEEKDAYS[minute.weekday()], ())
        if minute.date().isoformat() not in site.closed_days and any(
            time.fromisoformat(opens) == minute.time() for opens, _ in spans
        ):
            return days.wall(site, minute.date(), minute.time())
    return None


@given(
    weekdays=st.sets(st.sampled_from(days.WEEKDAYS)),
    minutes=st.integers(0, 8 * 24 * 60),
    closed=st.sets(st.integers(0, 9)),
)
@examples(40)
def test_the_next_opening_is_the_one_found_by_trying_every_minute(
    weekdays: set[str], minutes: int, closed: set[int]
) -> None:
    site = site_with(HOURS, closed_days={(date(2026, 11, 23) + timedelta(days=n)).isoformat(): "Libur" for n in closed})
    office = agency(**{day: WEEK.get(day, OFFICE) for day in weekdays})
    at = wita("2026-11-23 00:00") + timedelta(minutes=minutes)
    if days.is_open(site, office, at):
        assert days.opens_next(site, office, at) is None
        return
    found, tried = days.opens_next(site, office, at), minute_by_minute(site, office, at)
    if tried:
        assert found == tried
    else:
        assert found is None or found > at + timedelta(days=9)
