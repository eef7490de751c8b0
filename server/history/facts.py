"""What reports are made of: the numbers and the calls of some business days, as far as they had happened by a moment.

A number is one that somebody took. One that the log forgot before it was served (`lost`) is left out: its visitor had
to take another, and counts once. A call made by mistake and taken back (`returned`) is no call.
"""

from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Table, and_, case, func, or_, select

from server.history import tables as t
from server.history.period import Period

ENDS = ("served", "no-show", "cancelled", "unfinished", "open")
COUNTS_AS_CALL = t.visits.c.outcome.is_distinct_from("returned")


class Number(NamedTuple):
    """A number.

    issued_for, issued_service: what it was taken for. agency, service: where it is or was in the end.
    counter: the one where its end came, if any. end: one of ENDS. left: when it ceased to wait without having been
    called since `joined_at`; None when it was called, or still waits (`waits`).
    """

    day: date
    issued_at: datetime
    issued_for: str
    issued_service: str
    agency: str
    service: str
    counter: str | None
    priority: str | None
    end: str
    joined_at: datetime
    waits: bool
    left: datetime | None


class Call(NamedTuple):
    """A call to a counter. wait, way, service_time: seconds, None when there was none to measure."""

    day: date
    issued_at: datetime
    agency: str
    service: str
    counter: str
    priority: str | None
    joined_at: datetime
    called_at: datetime
    wait: float | None
    way: float | None
    service_time: float | None


class Facts(NamedTuple):
    """As of `now`."""

    now: datetime
    numbers: list[Number]
    calls: list[Call]


def read_facts(db: Connection, site: str, period: Period, now: datetime) -> Facts:
    """Everything about the business days of `period`."""
    return Facts(
        now,
        [Number._make(row) for row in db.execute(_numbers(site, period, now))],
        [Call._make(row) for row in db.execute(_calls(site, period, now))],
    )


def _numbers(site: str, period: Period, now: datetime) -> Any:
    firsts, lasts = t.visits.alias("first"), t.visits.alias("last")
    ticket, first, last = t.tickets.c, firsts.c, lasts.c
    came = t.tickets.outerjoin(firsts, _visit(first, 1)).outerjoin(lasts, _visit(last, ticket.visits))
    end = case(
        (ticket.ended_at > now, "open"),
        (and_(ticket.status == "cancelled", ticket.reason == "day-ended"), "unfinished"),
        (and_(ticket.status == "served", last.outcome == "unfinished"), "unfinished"),
        (ticket.status.in_(("served", "no-show", "cancelled")), ticket.status),
        else_="open",
    )
    queued = or_(last.ticket.is_(None), func.coalesce(last.outcome, "").in_(("transferred", "returned")))
    at_counter = and_(last.ended_at == ticket.ended_at, last.ended_at <= now, last.outcome != "returned")
    return (
        select(
            ticket.day,
            ticket.issued_at,
            ticket.issued_for,
            func.coalesce(first.service, ticket.service),
            ticket.agency,
            ticket.service,
            case((at_counter, last.counter)),
            ticket.priority,
            end,
            ticket.joined_at,
            and_(queued, ticket.status == "waiting"),
            case((queued, ticket.ended_at)),
        )
        .select_from(came)
        .where(_within(t.tickets, site, period), ticket.issued_at <= now, ticket.status != "lost")
    )


def _calls(site: str, period: Period, now: datetime) -> Any:
    visit = t.visits.c
    served = and_(visit.outcome == "served", visit.ended_at <= now)
    return select(
        visit.day,
        visit.issued_at,
        visit.agency,
        visit.service,
        visit.counter,
        visit.priority,
        visit.joined_at,
        visit.called_at,
        visit.wait_seconds,
        case((served, visit.way_seconds)),
        case((served, visit.service_seconds)),
    ).where(_within(t.visits, site, period), visit.called_at <= now, COUNTS_AS_CALL)


def _visit(visit: Any, number: Any) -> ColumnElement[bool]:
    ticket = t.tickets.c
    return and_(visit.site == ticket.site, visit.ticket == ticket.ticket, visit.visit == number)


def _within(table: Table, site: str, period: Period) -> ColumnElement[bool]:
    return and_(table.c.site == site, table.c.day >= period.first, table.c.day <= period.last)
