"""What the head of the hall lives by: some business days in a few figures, by agency, service, counter, hour or
priority group."""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, select

from server.domain.days import business_day, local
from server.domain.site import PRIORITIES, Site
from server.history import tables as t
from server.history.facts import Call, Facts, Number, read_facts
from server.history.figures import Report, Row, spread
from server.history.period import Period

ALL = "all"
NO_PRIORITY = "none"

T = TypeVar("T")
Place = Callable[[T], str | None]


def report(engine: Engine, site: Site, period: Period, by: str = "agency", *, now: datetime | None = None) -> Report:
    """One row for each of the `by` (see figures.DIMENSIONS) of which anything happened, and the total.

    now: what is later does not count. Raises sqlalchemy.exc.DBAPIError.
    """
    with engine.connect() as db:
        facts = read_facts(db, site.id, period, now or datetime.now(UTC))
        return tally(facts, site, period, by, read_names(db, site, by))


def today(site: Site, now: datetime | None = None) -> date:
    """The business day of the hall."""
    return business_day(site, now or datetime.now(UTC))


def read_names(db: Connection, site: Site, kind: str) -> dict[str, str]:
    """What ids of a kind are called, in the order of the site; of a service also whose it is."""
    known = t.names.c
    ordered = select(known.id, known.name).where(known.site == site.id, known.kind == kind)
    names = {row.id: row.name for row in db.execute(ordered.order_by(known.place, known.id))}
    if kind == "service":
        whose = {service.id: site.agency[service.agency].short for service in site.services}
        return {one: f"{name} · {whose[one]}" if one in whose else name for one, name in names.items()}
    return names


def tally(facts: Facts, site: Site, period: Period, by: str, names: dict[str, str]) -> Report:
    """The report of what was read; `names` in the order of its rows."""
    taken, ended, called = _places(site, by)
    issued = Counter(map(taken, facts.numbers))
    ends: defaultdict[str | None, Counter[str]] = defaultdict(Counter)
    for number in facts.numbers:
        ends[ended(number)][number.end] += 1
    calls: defaultdict[str | None, list[Call]] = defaultdict(list)
    for call in facts.calls:
        calls[called(call)].append(call)
    place = {key: n for n, key in enumerate((*names, *_clock(site), *PRIORITIES, NO_PRIORITY))}
    seen = {key for key in (*issued, *ends, *calls) if key is not None}
    rows = [
        _row(key, names.get(key, key), None if by == "counter" else issued[key], ends[key], calls[key])
        for key in sorted(seen, key=lambda key: (place.get(key, len(place)), key))
    ]
    total = _row(ALL, "", len(facts.numbers), Counter(number.end for number in facts.numbers), facts.calls)
    return Report(site.id, site.name, site.timezone, period.first, period.last, by, local(site, facts.now), rows, total)


def _row(key: str, name: str, issued: int | None, ends: Counter[str], calls: list[Call]) -> Row:
    return Row(
        id=key,
        name=name,
        issued=issued,
        served=ends["served"],
        no_shows=ends["no-show"],
        cancelled=None if issued is None else ends["cancelled"],
        unfinished=ends["unfinished"],
        open=None if issued is None else ends["open"],
        wait=spread([call.wait for call in calls if call.wait is not None]),
        way=spread([call.way for call in calls if call.way is not None]),
        service=spread([call.service_time for call in calls if call.service_time is not None]),
    )


def _places(site: Site, by: str) -> tuple[Place[Number], Place[Number], Place[Call]]:
    """Where a number was taken, where it ended, and where a call counts."""
    if by == "agency":
        return (lambda number: number.issued_for), (lambda number: number.agency), (lambda call: call.agency)
    if by == "service":
        return (lambda number: number.issued_service), (lambda number: number.service), (lambda call: call.service)
    if by == "counter":
        return (lambda _: None), (lambda number: number.counter), (lambda call: call.counter)
    if by == "priority":
        return _group, _group, _group
    zone = ZoneInfo(site.timezone)

    def hour(one: Number | Call) -> str:
        return f"{one.issued_at.astimezone(zone).hour:02d}:00"

    return hour, hour, hour


def _group(one: Number | Call) -> str:
    return one.priority or NO_PRIORITY


def _clock(site: Site) -> list[str]:
    """The hours in the order of the business day."""
    return [f"{(site.day_begins + hour) % 24:02d}:00" for hour in range(24)]
