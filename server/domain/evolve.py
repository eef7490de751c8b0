"""How a hall changes by what happened: `evolve` applies one entry to a state, in place, and never refuses."""

from collections import deque
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from server.domain import events as e
from server.domain import policy, views
from server.domain.announcements import Announcement, AnnouncementQueue, CallAnnouncement, NoticeAnnouncement
from server.domain.answers import Answer, Answered
from server.domain.state import RECENT_CALLS, RECENT_NOTICES, Call, Noticed, Queue, State, Ticket

REMEMBERED = timedelta(hours=25)  # a key may be repeated for at least 24 hours (CONTRACT.md), by anybody's clock
REMEMBERED_UNKEYED = timedelta(minutes=10)  # far longer than a reply can stay lost

UNANSWERED = {"spoken", "expire", "configure", "tick", "look"}


class OutOfOrder(Exception):
    """An entry that is not the next one; the log has a gap or was applied twice."""


def evolve(state: State, entry: e.Entry) -> None:
    """Apply `entry` to `state`. Raises OutOfOrder, and then changes nothing.

    The first entry that an empty state takes may have any number: a fold starts at a `day-opened`.
    """
    if state.seq and entry.seq != state.seq + 1:
        raise OutOfOrder(f"entry {entry.seq} after {state.seq}")
    event = entry.event
    state.seq = entry.seq
    state.at = event.at
    APPLY[type(event)](state, event)
    _remember(state, event)


def fold(entries: list[e.Entry]) -> State:
    state = State()
    for entry in entries:
        evolve(state, entry)
    return state


def _issued(state: State, event: e.TicketIssued) -> None:
    prefix = event.number.partition("-")[0]
    state.numbers[prefix] = int(event.number.partition("-")[2])
    _wait(
        state,
        Ticket(
            id=event.ticket,
            number=event.number,
            agency=event.agency,
            service=event.service,
            priority=event.priority,
            channel=event.channel,
            status="waiting",
            issued_at=event.at,
            place=policy.place(state.hall, event.at, state.seq, event.priority),
            joined_at=event.at,
        ),
    )


def _called(state: State, event: e.TicketCalled) -> None:
    _leave_queue(state, event.ticket)
    _take(state, event)


def _resumed(state: State, event: e.TicketResumed) -> None:
    _take(state, event)


def _recalled(state: State, event: e.TicketRecalled) -> None:
    ticket = state.tickets[event.ticket]
    state.tickets[event.ticket] = replace(ticket, recalls=event.recall)
    _announce(state, event, ticket.agency, event.recall)


def _started(state: State, event: e.TicketStarted) -> None:
    _drop_announcements(state, event)
    _change(state, event.ticket, status="serving", started_at=event.at)


def _served(state: State, event: e.TicketServed) -> None:
    _leave_counter(state, event)
    _change(state, event.ticket, status="served", ended_at=event.at)
    desk = state.desk(event.counter)
    started = state.tickets[event.ticket].started_at
    if started:
        took = (event.at - started).total_seconds()
        desk = replace(desk, timed=desk.timed + 1, service_time=desk.service_time + took)
    state.desks[event.counter] = replace(desk, served=desk.served + 1)


def _no_show(state: State, event: e.TicketNoShow) -> None:
    _leave_counter(state, event)
    _change(state, event.ticket, status="no-show", ended_at=event.at, aside_at=event.at)
    state.aside[event.ticket] = None
    desk = state.desk(event.counter)
    state.desks[event.counter] = replace(desk, no_show=desk.no_show + 1)


def _parked(state: State, event: e.TicketParked) -> None:
    _leave_counter(state, event)
    _change(state, event.ticket, status="parked", aside_at=event.at)
    state.aside[event.ticket] = None


def _returned(state: State, event: e.TicketReturned) -> None:
    _leave_counter(state, event)
    ticket = state.tickets[event.ticket]
    _wait(state, replace(ticket, status="waiting", counter=None, called_at=None, started_at=None, recalls=0))


def _transferred(state: State, event: e.TicketTransferred) -> None:
    _leave_counter(state, event)
    _wait(
        state,
        replace(
            state.tickets[event.ticket],
            status="waiting",
            service=event.service,
            agency=event.agency,
            target=event.to_counter,
            joined_at=event.at,
            counter=None,
            called_at=None,
            started_at=None,
            recalls=0,
        ),
    )


def _cancelled(state: State, event: e.TicketCancelled) -> None:
    ticket = state.tickets[event.ticket]
    state.aside.pop(event.ticket, None)
    if ticket.status == "waiting":
        _leave_queue(state, event.ticket)
    elif ticket.counter and ticket.status in ("called", "serving"):
        _drop_announcements(state, event)
        state.desks[ticket.counter] = replace(state.desk(ticket.counter), ticket=None)
    _change(state, event.ticket, status="cancelled", ended_at=event.at)


def _counter_opened(state: State, event: e.CounterOpened) -> None:
    state.desks[event.counter] = replace(state.desk(event.counter), status="open")


def _counter_paused(state: State, event: e.CounterPaused) -> None:
    state.desks[event.counter] = replace(state.desk(event.counter), status="paused")


def _counter_closed(state: State, event: e.CounterClosed) -> None:
    state.desks[event.counter] = replace(state.desk(event.counter), status="closed")
    orphans = state.wanted.pop(event.counter, None)
    for ticket in orphans.ids if orphans else ():
        _wait(state, state.tickets[ticket])


def _notice_announced(state: State, event: e.NoticeAnnounced) -> None:
    for zone in event.zones:
        _wait_to_be_spoken(state, zone, NoticeAnnouncement(id=state.seq, at=event.at, notice=event.notice))
        known = state.notices.get(zone, ())
        state.notices[zone] = (*known, Noticed(state.seq, event.notice, event.at))[-RECENT_NOTICES:]


def _no_longer_announced(state: State, event: e.AnnouncementSpoken | e.AnnouncementExpired) -> None:
    queue = state.announcements.get(event.zone)
    if queue is None:
        return
    queue.end(event.announcement)
    if not queue:
        del state.announcements[event.zone]
    known = state.notices.get(event.zone, ())
    if any(notice.seq == event.announcement for notice in known):
        outcome = "spoken" if isinstance(event, e.AnnouncementSpoken) else "expired"
        state.notices[event.zone] = tuple(
            replace(notice, ended_at=event.at, outcome=outcome) if notice.seq == event.announcement else notice
            for notice in known
        )


def _site_configured(state: State, event: e.SiteConfigured) -> None:
    state.site = event.site
    for ticket in list(state.tickets.values()):
        service = event.site.service.get(ticket.service)
        if service and service.agency != ticket.agency:
            _change(state, ticket.id, agency=service.agency)


def _day_opened(state: State, event: e.DayOpened) -> None:
    fresh = State(seq=state.seq, at=state.at, site=event.site, day=event.day)
    for field in State.__struct_fields__:
        setattr(state, field, getattr(fresh, field))
    for answered in event.answers:
        (state.keyed if answered.keyed else state.unkeyed)[answered.command] = answered


def _wait(state: State, ticket: Ticket) -> None:
    """The ticket stands in its place again; one meant for a counter that is closed by now waits for its service."""
    if ticket.target and state.desk(ticket.target).status == "closed":
        ticket = replace(ticket, target=None)
    state.tickets[ticket.id] = ticket
    queues, key = (state.wanted, ticket.target) if ticket.target else (state.queues, ticket.service)
    queues.setdefault(key, Queue([], [])).add(ticket.place, ticket.id)


def _leave_queue(state: State, ticket_id: str) -> None:
    ticket = state.tickets[ticket_id]
    queues, key = (state.wanted, ticket.target) if ticket.target else (state.queues, ticket.service)
    queues[key].remove(ticket.place)
    if not queues[key]:
        del queues[key]


def _take(state: State, event: e.TicketCalled | e.TicketResumed) -> None:
    """The ticket comes into the counter's hand, is shown and waits to be spoken."""
    state.aside.pop(event.ticket, None)
    state.desks[event.counter] = replace(state.desk(event.counter), ticket=event.ticket)
    _change(
        state,
        event.ticket,
        status="called",
        counter=event.counter,
        called_at=event.at,
        started_at=None,
        ended_at=None,
        aside_at=None,
        recalls=0,
    )
    _announce(state, event, event.agency, 0)


def _announce(
    state: State, event: e.TicketCalled | e.TicketResumed | e.TicketRecalled, agency: str, recall: int
) -> None:
    zone = state.hall.counter[event.counter].zone
    calls = state.calls.setdefault(zone, deque(maxlen=RECENT_CALLS))
    calls.append(Call(event.number, event.counter, agency, event.at, state.seq, recall))
    call = CallAnnouncement(
        id=state.seq, at=event.at, ticket=event.ticket, number=event.number, counter=event.counter, agency=agency
    )
    _wait_to_be_spoken(state, zone, call)


def _wait_to_be_spoken(state: State, zone: str, announcement: Announcement) -> None:
    state.announcements.setdefault(zone, AnnouncementQueue()).ask(announcement)


def _leave_counter(state: State, event: e.AtCounter) -> None:
    _drop_announcements(state, event)
    state.desks[event.counter] = replace(state.desk(event.counter), ticket=None)


def _drop_announcements(state: State, event: e.TicketEvent) -> None:
    """What still waits to be spoken of this ticket is no longer true."""
    for queue in state.announcements.values():
        queue.drop(event.ticket, event.at)


def _change(state: State, ticket_id: str, **fields: Any) -> None:
    state.tickets[ticket_id] = replace(state.tickets[ticket_id], **fields)


def remembered_for(answered: Answered) -> timedelta:
    return REMEMBERED if answered.keyed else REMEMBERED_UNKEYED


def _remember(state: State, event: e.Event) -> None:
    for answers in (state.keyed, state.unkeyed):
        while answers and event.at - (oldest := next(iter(answers.values()))).at > remembered_for(oldest):
            del answers[oldest.command]
    cause = event.cause
    if cause.verb in UNANSWERED:
        return
    answers = state.keyed if cause.keyed else state.unkeyed
    answers[cause.command] = Answered(cause.command, cause.digest, event.at, cause.keyed, _answer(state, event))


def _answer(state: State, event: e.Event) -> Answer:
    """What the caller of the command behind `event` is told: the ticket it was about, and its counter."""
    counter = getattr(event, "counter", None)
    if event.cause.verb in ("call-next", "open", "pause", "close"):
        ticket = state.desk(counter).ticket if counter else None
    else:
        ticket = getattr(event, "ticket", None)
    return Answer(
        seq=state.seq,
        ticket=views.ticket_view(state, ticket) if ticket else None,
        counter=views.counter_line(state, counter) if counter else None,
        zones=event.zones if isinstance(event, e.NoticeAnnounced) else (),
    )


APPLY: dict[type[Any], Callable[[State, Any], None]] = {
    e.TicketIssued: _issued,
    e.TicketCalled: _called,
    e.TicketRecalled: _recalled,
    e.TicketStarted: _started,
    e.TicketServed: _served,
    e.TicketNoShow: _no_show,
    e.TicketParked: _parked,
    e.TicketResumed: _resumed,
    e.TicketReturned: _returned,
    e.TicketTransferred: _transferred,
    e.TicketCancelled: _cancelled,
    e.CounterOpened: _counter_opened,
    e.CounterPaused: _counter_paused,
    e.CounterClosed: _counter_closed,
    e.NoticeAnnounced: _notice_announced,
    e.AnnouncementSpoken: _no_longer_announced,
    e.AnnouncementExpired: _no_longer_announced,
    e.SiteConfigured: _site_configured,
    e.DayOpened: _day_opened,
}
