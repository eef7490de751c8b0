"""What follows from a command: `decide` gives the events, or raises why not. It changes nothing and does no I/O."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from server.domain import commands as c
from server.domain import days, policy, views
from server.domain import events as e
from server.domain.announcements import (
    MOST_NOTICES,
    Announcement,
    AnnouncementQueue,
    CallAnnouncement,
    gives_up,
    must_expire,
)
from server.domain.answers import Answer
from server.domain.errors import (
    KeyReused,
    NotAllowedNow,
    ServiceClosed,
    TooMany,
    UnknownCounter,
    UnknownService,
    UnknownTicket,
    UnknownZone,
)
from server.domain.evolve import remembered_for
from server.domain.site import Site
from server.domain.state import State, Ticket

Stamp = dict[str, Any]
Events = Iterator[e.Event]


def decide(state: State, command: c.Command) -> tuple[e.Event, ...]:
    """The events that `command` brings; none when it ran before or when there is nothing to do.

    Raises Rejected. Give a `Tick` first when `next_due(state)` has passed: no other command opens a business day.
    """
    known = state.answered(command.id)
    if known:
        if known.digest != command.digest:
            raise KeyReused("this key came before with another request")
        return ()
    site = command.site if isinstance(command, c.ConfigureSite) else state.hall
    stamp = {
        "at": days.local(site, max(command.at, state.at or command.at)),
        "cause": e.Cause(command.by, command.id, command.digest, c.VERBS[type(command)], command.keyed),
    }
    return tuple(RULES[type(command)](state, command, stamp))


def answer(state: State, command: c.Command) -> Answer:
    """What the caller gets once the events of `command` are applied: the first answer, however often it is asked."""
    known = state.answered(command.id)
    if known:
        return known.answer
    if isinstance(command, c.CounterCommand):
        ticket = None if isinstance(command, c.CallNext) else state.desk(command.counter).ticket
        return Answer(
            seq=state.seq,
            ticket=views.ticket_view(state, ticket) if ticket else None,
            counter=views.counter_line(state, command.counter),
        )
    return Answer(seq=state.seq, ticket=None)


def next_due(state: State) -> datetime | None:
    """When the next `Tick` has something to do; None before the site is configured."""
    if state.site is None or state.day is None:
        return None
    due = days.day_end(state.site, state.day)
    for queue in state.announcements.values():
        for announcement in queue:
            due = min(due, gives_up(state.site, announcement))
    return due


def _issue(state: State, command: c.IssueTicket, stamp: Stamp) -> Events:
    site = state.hall
    service = site.service.get(command.service)
    if service is None:
        raise UnknownService(command.service)
    agency = site.agency[service.agency]
    if not days.is_open(site, agency, stamp["at"]):
        raise ServiceClosed(days.opens_next(site, agency, stamp["at"]))
    number = state.numbers.get(agency.prefix, 0) + 1
    yield e.TicketIssued(
        **stamp,
        ticket=command.ticket,
        number=f"{agency.prefix}-{number:03d}",
        service=service.id,
        agency=agency.id,
        priority=command.priority,
        channel=command.channel,
    )


def _cancel(state: State, command: c.CancelTicket, stamp: Stamp) -> Events:
    ticket = _ticket(state, command.ticket)
    if ticket.status not in ("waiting", "parked"):
        raise NotAllowedNow(ticket.status, "only a waiting or parked ticket can be cancelled")
    yield e.TicketCancelled(**stamp, ticket=ticket.id, reason="asked")


def _open(state: State, command: c.OpenCounter, stamp: Stamp) -> Events:
    if _status(state, command.counter) != "open":
        yield e.CounterOpened(**stamp, counter=command.counter)


def _pause(state: State, command: c.PauseCounter, stamp: Stamp) -> Events:
    if _status(state, command.counter) != "paused":
        yield e.CounterPaused(**stamp, counter=command.counter)


def _close(state: State, command: c.CloseCounter, stamp: Stamp) -> Events:
    status = _status(state, command.counter)
    _nothing_in_hand(state, command.counter)
    if status != "closed":
        yield e.CounterClosed(**stamp, counter=command.counter)


def _call_next(state: State, command: c.CallNext, stamp: Stamp) -> Events:
    status = _status(state, command.counter)
    if status != "open":
        raise NotAllowedNow(status, "the counter is not open")
    ticket = state.in_hand(command.counter)
    if ticket:
        yield e.TicketServed(**stamp, ticket=ticket.id, counter=command.counter, reason="next-called")
    following = policy.next_ticket(state, command.counter)
    if following:
        yield e.TicketCalled(**stamp, counter=command.counter, **_visit(following))


def _recall(state: State, command: c.Recall, stamp: Stamp) -> Events:
    ticket = _in_hand(state, command.counter, "called")
    if ticket.recalls >= state.hall.recall_limit:
        raise NotAllowedNow(ticket.status, f"recalled {ticket.recalls} times already, the limit of this hall")
    yield e.TicketRecalled(
        **stamp, ticket=ticket.id, counter=command.counter, number=ticket.number, recall=ticket.recalls + 1
    )


def _start(state: State, command: c.Start, stamp: Stamp) -> Events:
    ticket = _in_hand(state, command.counter, "called")
    yield e.TicketStarted(**stamp, ticket=ticket.id, counter=command.counter)


def _finish(state: State, command: c.Finish, stamp: Stamp) -> Events:
    ticket = _in_hand(state, command.counter, "called", "serving")
    yield e.TicketServed(**stamp, ticket=ticket.id, counter=command.counter, reason="finished")


def _no_show(state: State, command: c.NoShow, stamp: Stamp) -> Events:
    ticket = _in_hand(state, command.counter, "called")
    yield e.TicketNoShow(**stamp, ticket=ticket.id, counter=command.counter)


def _park(state: State, command: c.Park, stamp: Stamp) -> Events:
    ticket = _in_hand(state, command.counter, "called", "serving")
    yield e.TicketParked(**stamp, ticket=ticket.id, counter=command.counter)


def _return(state: State, command: c.Return, stamp: Stamp) -> Events:
    ticket = _in_hand(state, command.counter, "called", "serving")
    yield e.TicketReturned(**stamp, ticket=ticket.id, counter=command.counter)


def _resume(state: State, command: c.Resume, stamp: Stamp) -> Events:
    _status(state, command.counter)
    ticket = _ticket(state, command.ticket)
    if ticket.status not in ("parked", "no-show"):
        raise NotAllowedNow(ticket.status, "only a parked or absent ticket can be resumed")
    _nothing_in_hand(state, command.counter)
    yield e.TicketResumed(**stamp, counter=command.counter, **_visit(ticket))


def _transfer(state: State, command: c.Transfer, stamp: Stamp) -> Events:
    ticket = _in_hand(state, command.counter, "called", "serving")
    site = state.hall
    service = site.service.get(ticket.service if command.service is None else command.service)
    if service is None:
        raise UnknownService(command.service)
    if command.to_counter is not None and command.to_counter not in site.counter:
        raise UnknownCounter(command.to_counter)
    yield e.TicketTransferred(
        **stamp,
        ticket=ticket.id,
        counter=command.counter,
        service=service.id,
        agency=service.agency,
        to_counter=command.to_counter,
    )


def _announce(state: State, command: c.AnnounceNotice, stamp: Stamp) -> Events:
    for zone in command.zones:
        if zone not in state.hall.zone:
            raise UnknownZone(zone)
    zones = command.zones or tuple(state.hall.zone)
    must_take_notices(state, zones)
    yield e.NoticeAnnounced(**stamp, notice=command.notice, zones=zones)


def _mark_spoken(state: State, command: c.MarkSpoken, stamp: Stamp) -> Events:
    in_hand = _pending(state, command.zone).in_hand
    if in_hand and in_hand.id == command.announcement:
        yield e.AnnouncementSpoken(**stamp, zone=command.zone, announcement=command.announcement)


def _expire(state: State, command: c.ExpireAnnouncement, stamp: Stamp) -> Events:
    announcement = _pending(state, command.zone).waiting.get(command.announcement)
    if announcement is None:
        return
    if must_expire(state.hall, announcement, stamp["at"]):
        yield _expired(state.hall, command.zone, announcement, stamp)
    elif command.unspeakable:
        yield e.AnnouncementExpired(**stamp, zone=command.zone, announcement=announcement.id, reason="unspeakable")


def _look(state: State, command: c.Look, stamp: Stamp) -> Events:
    return iter(())


def _configure(state: State, command: c.ConfigureSite, stamp: Stamp) -> Events:
    if state.site == command.site:
        return
    if state.site:
        yield from _removals(state, state.site, command.site, stamp)
    yield e.SiteConfigured(**stamp, site=command.site)
    if state.day is None:
        yield e.DayOpened(**stamp, day=days.business_day(command.site, stamp["at"]), site=command.site)


def _removals(state: State, old: Site, new: Site, stamp: Stamp) -> Events:
    """What must end because the new configuration has no place for it."""
    for ticket in state.tickets.values():
        if ticket.service not in new.service and ticket.status not in ("served", "cancelled"):
            yield e.TicketCancelled(**stamp, ticket=ticket.id, reason="service-removed")
    for counter in sorted(old.counter.keys() - new.counter.keys()):
        held = state.in_hand(counter)
        if held and held.service in new.service:
            yield e.TicketReturned(**stamp, ticket=held.id, counter=counter)
        if state.desk(counter).status != "closed":
            yield e.CounterClosed(**stamp, counter=counter)
    for zone, queue in state.announcements.items():
        for said in queue:
            known = not isinstance(said, CallAnnouncement) or (
                said.counter in new.counter and said.agency in new.agency
            )
            if zone not in new.zone or not known:
                yield e.AnnouncementExpired(**stamp, zone=zone, announcement=said.id, reason="site-changed")


def _tick(state: State, command: c.Tick, stamp: Stamp) -> Events:
    due = next_due(state)
    now = stamp["at"]
    if due is None or now < due or state.day is None:
        return
    site = state.hall
    if now >= days.day_end(site, state.day):
        yield from _end_of_day(state, site, stamp)
        return
    for zone, queue in state.announcements.items():
        for announcement in queue:
            if now >= gives_up(site, announcement):
                yield _expired(site, zone, announcement, stamp)


def _end_of_day(state: State, site: Site, stamp: Stamp) -> Events:
    for ticket in state.tickets.values():
        if ticket.status == "serving" and ticket.counter:
            yield e.TicketServed(**stamp, ticket=ticket.id, counter=ticket.counter, reason="day-ended")
        elif ticket.status in ("waiting", "called", "parked"):
            yield e.TicketCancelled(**stamp, ticket=ticket.id, reason="day-ended")
    for zone, queue in state.announcements.items():
        for announcement in queue:
            yield e.AnnouncementExpired(**stamp, zone=zone, announcement=announcement.id, reason="day-ended")
    for counter, desk in state.desks.items():
        if desk.status != "closed":
            yield e.CounterClosed(**stamp, counter=counter)
    now = stamp["at"]
    answers = [*state.keyed.values(), *state.unkeyed.values()]
    yield e.DayOpened(
        **stamp,
        day=days.business_day(site, now),
        site=site,
        answers=tuple(known for known in answers if now - known.at <= remembered_for(known)),
    )


def _ticket(state: State, ticket_id: str) -> Ticket:
    ticket = state.tickets.get(ticket_id)
    if ticket is None:
        raise UnknownTicket(ticket_id)
    return ticket


def _status(state: State, counter: str) -> str:
    if counter not in state.hall.counter:
        raise UnknownCounter(counter)
    return state.desk(counter).status


def _in_hand(state: State, counter: str, *allowed: str) -> Ticket:
    status = _status(state, counter)
    ticket = state.in_hand(counter)
    if ticket is None:
        raise NotAllowedNow(status, "no ticket is in hand at this counter")
    if ticket.status not in allowed:
        raise NotAllowedNow(ticket.status, f"the ticket in hand must be {' or '.join(allowed)}")
    return ticket


def _nothing_in_hand(state: State, counter: str) -> None:
    ticket = state.in_hand(counter)
    if ticket:
        raise NotAllowedNow(ticket.status, "the ticket in hand must be ended first")


def must_take_notices(state: State, zones: Sequence[str]) -> None:
    """Raises TooMany when so many notices wait in one of the zones that none may be added."""
    full = [zone for zone in zones if not _pending(state, zone).takes_notices]
    if full:
        raise TooMany(f"{MOST_NOTICES} notices wait to be said in {', '.join(full)} already; wait until some were")


def _pending(state: State, zone: str) -> AnnouncementQueue:
    if zone not in state.hall.zone:
        raise UnknownZone(zone)
    return state.announcements.get(zone) or AnnouncementQueue()


def _visit(ticket: Ticket) -> dict[str, Any]:
    return {
        "ticket": ticket.id,
        "number": ticket.number,
        "service": ticket.service,
        "agency": ticket.agency,
    }


def _expired(site: Site, zone: str, announcement: Announcement, stamp: Stamp) -> e.AnnouncementExpired:
    reason = "no-longer-called" if announcement.dropped_at else "too-old"
    return e.AnnouncementExpired(**stamp, zone=zone, announcement=announcement.id, reason=reason)


RULES: dict[type[c.Command], Callable[[State, Any, Stamp], Events]] = {
    c.IssueTicket: _issue,
    c.CancelTicket: _cancel,
    c.OpenCounter: _open,
    c.PauseCounter: _pause,
    c.CloseCounter: _close,
    c.CallNext: _call_next,
    c.Recall: _recall,
    c.Start: _start,
    c.Finish: _finish,
    c.NoShow: _no_show,
    c.Park: _park,
    c.Resume: _resume,
    c.Return: _return,
    c.Transfer: _transfer,
    c.AnnounceNotice: _announce,
    c.MarkSpoken: _mark_spoken,
    c.ExpireAnnouncement: _expire,
    c.ConfigureSite: _configure,
    c.Tick: _tick,
    c.Look: _look,
}
