"""What was counted over the years, for monitoring: numbers, calls, no-shows, and what became of announcements.

Days that are over do not change, so they need to be counted only once: add their counts to those of today.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from msgspec import Struct, field
from sqlalchemy import ColumnElement, Engine, Table, case, func, select

from server.history import tables as t
from server.history.facts import COUNTS_AS_CALL
from server.history.figures import Spread, spread

DELAYS = (5, 10, 15, 20, 30, 45, 60, 90, 120, 180)  # seconds; the bounds of the spoken delays' classes


class Delays(Struct):
    """How long after they were asked for announcements were spoken to their end. within: how many, for each of DELAYS
    within that time. total: seconds, of all of them together."""

    within: list[int] = field(default_factory=lambda: [0] * len(DELAYS))
    count: int = 0
    total: float = 0.0

    def __add__(self, other: "Delays") -> "Delays":
        within = [one + another for one, another in zip(self.within, other.within, strict=True)]
        return Delays(within, self.count + other.count, self.total + other.total)


class Counts(Struct):
    """issued: numbers by the agency for which they were taken. calls, no_shows: visits by agency; a call that was taken
    back counts as a call. expired: announcements that were not spoken, and spoken: delays, by zone."""

    issued: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    no_shows: Counter[str] = field(default_factory=Counter)
    expired: Counter[str] = field(default_factory=Counter)
    spoken: dict[str, Delays] = {}

    def __add__(self, other: "Counts") -> "Counts":
        zones = self.spoken.keys() | other.spoken.keys()
        return Counts(
            self.issued + other.issued,
            self.calls + other.calls,
            self.no_shows + other.no_shows,
            self.expired + other.expired,
            {zone: self.spoken.get(zone, Delays()) + other.spoken.get(zone, Delays()) for zone in zones},
        )


def counts(engine: Engine, site: str, *, before: date | None = None, since: date | None = None) -> Counts:
    """Of the business days before, or since (that day included), a day. Raises sqlalchemy.exc.DBAPIError."""
    found = Counts()
    issued = select(t.tickets.c.issued_for, func.count()).where(*_days(t.tickets, site, before, since))
    called = select(t.visits.c.agency, t.visits.c.outcome, func.count()).where(*_days(t.visits, site, before, since))
    said = t.announcements.c
    within = [func.sum(case((said.delay_seconds <= bound, 1), else_=0)) for bound in DELAYS]
    ended = select(said.zone, said.outcome, func.count(), func.sum(said.delay_seconds), *within).where(
        *_days(t.announcements, site, before, since), said.outcome.is_not(None)
    )
    with engine.connect() as db:
        for agency, number in db.execute(issued.group_by(t.tickets.c.issued_for)):
            found.issued[agency] += number
        for agency, outcome, number in db.execute(called.group_by(t.visits.c.agency, t.visits.c.outcome)):
            found.calls[agency] += number
            found.no_shows[agency] += number if outcome == "no-show" else 0
        for zone, outcome, number, total, *classes in db.execute(ended.group_by(said.zone, said.outcome)):
            if outcome == "expired":
                found.expired[zone] += number
            else:
                found.spoken[zone] = Delays([int(one) for one in classes], number, total or 0.0)
    return found


def waits(engine: Engine, site: str, day: date) -> Spread:
    """How long those called on a business day had waited, but for calls taken back and those from aside."""
    called = t.visits.c
    measured = select(called.wait_seconds).where(
        called.site == site,
        called.day == day,
        called.wait_seconds.is_not(None),
        COUNTS_AS_CALL,
    )
    with engine.connect() as db:
        return spread(db.execute(measured).scalars().all())


def _days(table: Table, site: str, before: date | None, since: date | None) -> Sequence[ColumnElement[bool]]:
    day = table.c.day
    return [
        table.c.site == site,
        *([day < before] if before else []),
        *([day >= since] if since else []),
    ]
