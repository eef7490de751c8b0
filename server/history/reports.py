"""What the head of the hall lives by: a business day, or several, in a few figures per agency.

A number counts as issued for the agency it was taken for; a call, what became of it and its times count for the
agency it was called for. A call made by mistake (`return`) counts for nothing, one from aside (`resume`) has no wait.
Nothing that lies in the future counts.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Engine, Table, and_, func, select

from server.domain.days import business_day
from server.domain.site import Site
from server.history import tables as t
from server.history.engine import connect
from server.history.figures import Row, spread
from server.history.render import render


def report(
    engine: Engine, site: str, first: date, last: date | None = None, *, now: datetime | None = None
) -> list[Row]:
    """One row per agency in which anything happened on the business days from `first` to `last` (only `first` when
    left out), in the order of the site, then a row for all of them. `now`: what is later does not count."""
    tally = _Tally()
    with engine.connect() as db:
        tally.read(db, site, first, last or first, now or datetime.now(UTC))
        known = t.names.c
        ordered = select(known.id, known.name).where(known.site == site, known.kind == "agency")
        names = {row.id: row.name for row in db.execute(ordered.order_by(known.place, known.id))}
    agencies = [agency for agency in names if agency in tally.seen]
    agencies += sorted(tally.seen - names.keys())
    return [
        *(tally.row(agency, names.get(agency, agency), [agency]) for agency in agencies),
        tally.row(None, "", agencies),
    ]


def today(site: Site, now: datetime | None = None) -> date:
    """The business day of the hall."""
    return business_day(site, now or datetime.now(UTC))


def report_text(
    url: str, sites: Iterable[Mapping[str, Any]], day: date | None = None, *, now: datetime | None = None
) -> str:
    """The report of each site (as config.sites.load_sites gives them) as text; `day` None: each site's today."""
    engine = connect(url)
    try:
        parts = []
        for site in (msgspec.convert(found, Site) for found in sites):
            on = day or today(site, now)
            parts.append(f"{site.name} · {on.isoformat()}\n\n{render(report(engine, site.id, on, now=now))}")
        return "\n\n".join(parts)
    finally:
        engine.dispose()


class _Tally:
    """What was counted, by agency."""

    def __init__(self) -> None:
        self.issued: Counter[str] = Counter()
        self.standing: Counter[tuple[str, str]] = Counter()
        self.outcomes: Counter[tuple[str, str | None]] = Counter()
        self.wait: defaultdict[str, list[float]] = defaultdict(list)
        self.way: defaultdict[str, list[float]] = defaultdict(list)
        self.service: defaultdict[str, list[float]] = defaultdict(list)
        self.seen: set[str] = set()

    def read(self, db: Connection, site: str, first: date, last: date, now: datetime) -> None:
        known = t.tickets.c
        counted = (
            select(known.issued_for, known.agency, known.status, func.count().label("numbers"))
            .where(_within(t.tickets, site, first, last), known.issued_at <= now)
            .group_by(known.issued_for, known.agency, known.status)
        )
        for row in db.execute(counted):
            self.seen |= {row.issued_for, row.agency}
            self.issued[row.issued_for] += row.numbers
            self.standing[row.agency, row.status] += row.numbers
        called = t.visits.c
        times = (called.wait_seconds, called.way_seconds, called.service_seconds)
        measured = select(called.agency, called.outcome, *times).where(
            _within(t.visits, site, first, last),
            called.called_at <= now,
            called.outcome.is_distinct_from("returned"),
        )
        for agency, outcome, wait, way, service in db.execute(measured):
            self.seen.add(agency)
            self.outcomes[agency, outcome] += 1
            if wait is not None:
                self.wait[agency].append(wait)
            if outcome == "served" and way is not None:
                self.way[agency].append(way)
            if outcome == "served" and service is not None:
                self.service[agency].append(service)

    def row(self, agency: str | None, name: str, of: list[str]) -> Row:
        return Row(
            agency=agency,
            name=name,
            issued=sum(self.issued[one] for one in of),
            served=sum(self.outcomes[one, "served"] for one in of),
            no_shows=sum(self.outcomes[one, "no-show"] for one in of),
            unfinished=sum(self.outcomes[one, "unfinished"] for one in of),
            cancelled=sum(self.standing[one, "cancelled"] for one in of),
            waiting=sum(self.standing[one, "waiting"] for one in of),
            wait=spread([seconds for one in of for seconds in self.wait[one]]),
            way=spread([seconds for one in of for seconds in self.way[one]]),
            service=spread([seconds for one in of for seconds in self.service[one]]),
        )


def _within(table: Table, site: str, first: date, last: date) -> ColumnElement[bool]:
    return and_(table.c.site == site, table.c.day >= first, table.c.day <= last)
