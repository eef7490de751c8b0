"""From events to tickets and visits: pure, one entry after another.

The wait runs from when the ticket last joined a queue (issue, transfer, or the return of one that had been called
from aside) to the call; the way from the call to the start; the service from the start to the end. Nobody knows the
way and the service of a visit that was never started, nor the service of one that the end of the day ended.

Events of a ticket whose issue is not known are passed over: a log begins with a day, so there are none in practice.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from msgspec import Struct

from server.domain import events as e

OUTCOMES = {
    "served": "the visit ended in order",
    "no-show": "the called visitor did not come",
    "parked": "put aside",
    "transferred": "sent on to wait for another service or counter",
    "returned": "put back to waiting: called by mistake, which is no visit",
    "cancelled": "its service was removed from the site",
    "unfinished": "nobody ended it before the day, or the log's life, did",
}
WORKED = ("served", "parked", "transferred")  # outcomes that leave a service time
LASTING = (
    "waiting",
    "called",
    "serving",
    "parked",
)  # statuses of a ticket that something must still happen to


class Ticket(Struct):
    """A row of `tickets` but for its site."""

    ticket: str
    number: str
    day: date
    issued_for: str
    agency: str
    service: str
    priority: str | None
    channel: str
    status: str
    issued_at: datetime
    joined_at: datetime
    reason: str | None = None
    ended_at: datetime | None = None
    came_from: str | None = None
    visits: int = 0


class Visit(Struct):
    """A row of `visits` but for its site."""

    ticket: str
    visit: int
    seq: int
    number: str
    day: date
    counter: str
    agency: str
    service: str
    priority: str | None
    channel: str
    transferred_from: str | None
    resumed: bool
    issued_at: datetime
    joined_at: datetime
    called_at: datetime
    wait_seconds: float | None
    recalls: int = 0
    started_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: str | None = None
    way_seconds: float | None = None
    service_seconds: float | None = None


class Book(Struct):
    """What is known before some entries, and after them what has changed.

    day: the business day in force. tickets: those the entries are about. open: their visits that last, by ticket.
    visits: those touched by the entries, by ticket and number.
    """

    day: date | None
    tickets: dict[str, Ticket] = {}
    open: dict[str, Visit] = {}
    visits: dict[tuple[str, int], Visit] = {}

    def apply(self, entry: e.Entry) -> None:
        rule = RULES.get(type(entry.event))
        if rule:
            rule(self, entry.event, entry.seq)


def _issued(book: Book, event: e.TicketIssued, seq: int) -> None:
    book.open.pop(event.ticket, None)
    book.tickets[event.ticket] = Ticket(
        ticket=event.ticket,
        number=event.number,
        day=book.day or event.at.date(),
        issued_for=event.agency,
        agency=event.agency,
        service=event.service,
        priority=event.priority,
        channel=event.channel,
        status="waiting",
        issued_at=event.at,
        joined_at=event.at,
    )


def _called(book: Book, event: e.TicketCalled | e.TicketResumed, seq: int) -> None:
    ticket = book.tickets.get(event.ticket)
    if ticket is None:
        return
    resumed = isinstance(event, e.TicketResumed)
    ticket.visits += 1
    visit = Visit(
        ticket=ticket.ticket,
        visit=ticket.visits,
        seq=seq,
        number=ticket.number,
        day=ticket.day,
        counter=event.counter,
        agency=event.agency,
        service=event.service,
        priority=ticket.priority,
        channel=ticket.channel,
        transferred_from=ticket.came_from,
        resumed=resumed,
        issued_at=ticket.issued_at,
        joined_at=ticket.joined_at,
        called_at=event.at,
        wait_seconds=None if resumed else _seconds(ticket.joined_at, event.at),
    )
    ticket.status, ticket.reason, ticket.ended_at, ticket.came_from = "called", None, None, None
    book.open[ticket.ticket] = book.visits[ticket.ticket, visit.visit] = visit


def _recalled(book: Book, event: e.TicketRecalled, seq: int) -> None:
    if visit := _touch(book, event.ticket):
        visit.recalls = event.recall


def _started(book: Book, event: e.TicketStarted, seq: int) -> None:
    if visit := _touch(book, event.ticket):
        visit.started_at = event.at
        visit.way_seconds = _seconds(visit.called_at, event.at)
        book.tickets[event.ticket].status = "serving"


def _served(book: Book, event: e.TicketServed, seq: int) -> None:
    _end(book, event, "unfinished" if event.reason == "day-ended" else "served")
    _set(book, event, "served", ended=True)


def _no_show(book: Book, event: e.TicketNoShow, seq: int) -> None:
    _end(book, event, "no-show")
    _set(book, event, "no-show", ended=True)


def _parked(book: Book, event: e.TicketParked, seq: int) -> None:
    _end(book, event, "parked")
    _set(book, event, "parked")


def _returned(book: Book, event: e.TicketReturned, seq: int) -> None:
    visit = _end(book, event, "returned")
    ticket = _set(book, event, "waiting")
    if ticket and visit:
        ticket.came_from = visit.transferred_from
        if visit.resumed:
            ticket.joined_at = event.at


def _transferred(book: Book, event: e.TicketTransferred, seq: int) -> None:
    _end(book, event, "transferred")
    ticket = _set(book, event, "waiting")
    if ticket:
        ticket.agency, ticket.service = event.agency, event.service
        ticket.joined_at, ticket.came_from = event.at, event.counter


def _cancelled(book: Book, event: e.TicketCancelled, seq: int) -> None:
    _end(book, event, "unfinished" if event.reason == "day-ended" else "cancelled")
    ticket = _set(book, event, "cancelled", ended=True)
    if ticket:
        ticket.reason = event.reason


def _day_opened(book: Book, event: e.DayOpened, seq: int) -> None:
    book.day = event.day


def _touch(book: Book, ticket: str) -> Visit | None:
    visit = book.open.get(ticket)
    if visit:
        book.visits[ticket, visit.visit] = visit
    return visit


def _end(book: Book, event: e.TicketEvent, outcome: str) -> Visit | None:
    visit = _touch(book, event.ticket)
    if visit:
        visit.outcome, visit.ended_at = outcome, event.at
        if visit.started_at and outcome in WORKED:
            visit.service_seconds = _seconds(visit.started_at, event.at)
        del book.open[event.ticket]
    return visit


def _set(book: Book, event: e.TicketEvent, status: str, *, ended: bool = False) -> Ticket | None:
    ticket = book.tickets.get(event.ticket)
    if ticket:
        ticket.status = status
        ticket.ended_at = event.at if ended else None
    return ticket


def _seconds(start: datetime, end: datetime) -> float:
    """Never negative: the times of one log do not run backwards, but a ticket may outlive its log's life."""
    return max(0.0, (end - start).total_seconds())


RULES: dict[type[Any], Callable[[Book, Any, int], None]] = {
    e.TicketIssued: _issued,
    e.TicketCalled: _called,
    e.TicketRecalled: _recalled,
    e.TicketStarted: _started,
    e.TicketServed: _served,
    e.TicketNoShow: _no_show,
    e.TicketParked: _parked,
    e.TicketResumed: _called,
    e.TicketReturned: _returned,
    e.TicketTransferred: _transferred,
    e.TicketCancelled: _cancelled,
    e.DayOpened: _day_opened,
}
