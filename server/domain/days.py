"""Time in a hall: the business day, opening hours and when an agency opens again."""

from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from server.domain.site import Agency, Site

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HORIZON = 370  # days searched for the next opening: a service held once a year is still found


def local(site: Site, at: datetime) -> datetime:
    """`at` on the hall's wall clock, with a fixed offset: datetimes of one ZoneInfo would compare by the wall."""
    return fixed(at.astimezone(ZoneInfo(site.timezone)))


def fixed(at: datetime) -> datetime:
    offset = at.utcoffset()
    if offset is None:
        raise ValueError("a time without an offset")
    return at.replace(tzinfo=timezone(offset))


def wall(site: Site, day: date, clock: time) -> datetime:
    """The moment at which the hall's clock shows `clock` on `day`."""
    return fixed(datetime.combine(day, clock, ZoneInfo(site.timezone)))


def business_day(site: Site, at: datetime) -> date:
    """The day that `at` counts for: it begins at the site's `day_begins`, local time."""
    return (local(site, at).replace(tzinfo=None) - timedelta(hours=site.day_begins)).date()


def day_end(site: Site, day: date) -> datetime:
    """The moment at which the business day after `day` begins."""
    return wall(site, day + timedelta(days=1), time(site.day_begins))


def spans(site: Site, agency: Agency, day: date) -> list[tuple[datetime, datetime]]:
    """When the agency receives visitors on a calendar day, in order; empty on closed days."""
    if day.isoformat() in site.closed_days:
        return []
    return [(_moment(site, day, a), _moment(site, day, b)) for a, b in agency.hours.get(WEEKDAYS[day.weekday()], ())]


def is_open(site: Site, agency: Agency, at: datetime) -> bool:
    if site.always_open:
        return True
    day = local(site, at).date()
    return any(opens <= at < closes for opens, closes in spans(site, agency, day))


def opens_next(site: Site, agency: Agency, at: datetime) -> datetime | None:
    """The first opening after `at`; None while open, or when there is none within a year."""
    if is_open(site, agency, at):
        return None
    today = local(site, at).date()
    for ahead in range(HORIZON):
        for opens, _ in spans(site, agency, today + timedelta(days=ahead)):
            if opens > at:
                return opens
    return None


def _moment(site: Site, day: date, clock: str) -> datetime:
    if clock == "24:00":
        return wall(site, day + timedelta(days=1), time(0))
    return wall(site, day, time.fromisoformat(clock))
