"""What each audience sees, computed from the state: always the whole of it, never a change.

Views hold no time of their own; whoever sends one adds `now`.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from msgspec.structs import asdict

from server.domain import policy
from server.domain.answers import CounterView, TicketView
from server.domain.errors import UnknownCounter, UnknownTicket, UnknownZone
from server.domain.site import Site
from server.domain.state import Desk, State, Ticket

SHOWN_WAITING = 12  # the next visitors a counter sees by number
SHOWN_ASIDE = 50  # the newest parked and absent tickets a counter sees
SHOWN_NOTICES = 5  # so many that were spoken or given up, the newest, and all that wait

View = dict[str, Any]
Make = Callable[[State], View]


def ticket_view(state: State, ticket_id: str) -> TicketView:
    """Raises UnknownTicket."""
    ticket = state.tickets.get(ticket_id)
    if ticket is None:
        raise UnknownTicket(ticket_id)
    site = state.hall
    waiting = ticket.status == "waiting"
    before = policy.ahead(state, ticket) if waiting else None
    return TicketView(
        id=ticket.id,
        number=ticket.number,
        site=site.id,
        agency=ticket.agency,
        agency_name=_agency_name(state, ticket.agency),
        service=ticket.service,
        service_name=_service_name(state, ticket.service),
        priority=ticket.priority,
        status=ticket.status,
        issued_at=ticket.issued_at,
        called_at=ticket.called_at,
        started_at=ticket.started_at,
        ended_at=ticket.ended_at,
        counter=ticket.counter,
        counter_label=_label(state, ticket.counter),
        recalls=ticket.recalls,
        ahead=before,
        wait_estimate=policy.wait_estimate(state, ticket, before) if before is not None else None,
        seq=state.seq,
    )


def counter_line(state: State, counter: str) -> CounterView:
    """Raises UnknownCounter."""
    desk = state.hall.counter.get(counter)
    if desk is None:
        raise UnknownCounter(counter)
    return CounterView(desk.id, desk.label, desk.zone, state.desk(counter).status)


def tv(zone: str) -> Make:
    """The TV of a zone. The view raises UnknownZone. Spoken notices stand in it by their ids alone."""

    def view(state: State) -> View:
        site = state.hall
        if zone not in site.zone:
            raise UnknownZone(zone)
        counters = [counter for counter in site.counters if counter.zone == zone]
        agencies = {agency for counter in counters for agency in site.agencies_at[counter.id]}
        count = waiting_per_agency(state)
        return {
            "zone": zone,
            "zone_name": site.zone[zone].name,
            "site_name": site.name,
            "timezone": site.timezone,
            "calls": [
                {
                    "number": call.number,
                    "counter": call.counter,
                    "label": _label(state, call.counter),
                    "agency": call.agency,
                    "agency_name": _agency_name(state, call.agency),
                    "at": call.at,
                    "seq": call.seq,
                    "recall": call.recall,
                }
                for call in reversed(state.calls.get(zone, ()))
            ],
            "counters": [_tv_counter(state, counter.id) for counter in counters],
            "waiting": [
                {"agency": agency.id, "name": agency.short, "count": count.get(agency.id, 0)}
                for agency in site.agencies
                if agency.id in agencies
            ],
            "notice": site.notice,
            "notices": _notices(state, zone),
        }

    return view


def counter(counter_id: str) -> Make:
    """The screen of a counter. The view raises UnknownCounter."""

    def view(state: State) -> View:
        site = state.hall
        line = counter_line(state, counter_id)
        desk = state.desk(counter_id)
        waiting = policy.waiting_order(state, counter_id)
        return {
            "counter": line.id,
            "label": line.label,
            "zone": line.zone,
            "status": line.status,
            "site_name": site.name,
            "agencies": [{"id": a, "name": site.agency[a].name} for a in site.agencies_at[counter_id]],
            "ticket": ticket_view(state, desk.ticket) if desk.ticket else None,
            "recall_limit": site.recall_limit,
            "waiting": [_waiting_line(state, ticket) for ticket in waiting[:SHOWN_WAITING]],
            "waiting_count": len(waiting),
            "longest_since": min((ticket.joined_at for ticket in waiting), default=None),
            "parked": [_parked_line(state, ticket) for ticket in _put_aside(state, counter_id)],
            "counters": [{"id": c.id, "label": c.label, "status": state.desk(c.id).status} for c in site.counters],
            "today": _today(desk),
        }

    return view


def hall(state: State) -> View:
    """The whole hall for its supervisor: every counter, whoever waits, and what waits to be spoken."""
    site = state.hall
    count = waiting_per_agency(state)
    oldest: dict[str, datetime] = {}
    for ticket in _all_waiting(state):
        oldest[ticket.agency] = min(oldest.get(ticket.agency, ticket.joined_at), ticket.joined_at)
    return {
        "site_name": site.name,
        "recall_limit": site.recall_limit,
        "counters": [_hall_counter(state, counter.id) for counter in site.counters],
        "waiting": [
            {
                "agency": agency.id,
                "name": agency.short,
                "count": count.get(agency.id, 0),
                "longest_since": oldest.get(agency.id),
            }
            for agency in site.agencies
        ],
        "zones": [_hall_zone(state, zone.id) for zone in site.zones],
    }


def phone(ticket_id: str) -> Make:
    """A ticket on its holder's phone. The view raises UnknownTicket."""

    def view(state: State) -> View:
        ticket = ticket_view(state, ticket_id)
        service = state.hall.service.get(ticket.service)
        return (
            {field: getattr(ticket, field) for field in ticket.__struct_fields__ if field != "seq"}
            | {"bring": service.bring if service else ()}
            | _place(state.hall, state.tickets[ticket_id])
        )

    return view


def _place(site: Site, ticket: Ticket) -> View:
    """Where the ticket's holder goes, or waits: the zone, null where several come into question, and the way there."""
    desk = site.counter.get(ticket.counter or ticket.target or "")
    desks = [desk] if desk else [site.counter[one] for one in site.serving.get(ticket.service, ())]
    zones = {one.zone for one in desks}
    zone = site.zone[zones.pop()] if len(zones) == 1 else None
    agency = site.agency.get(ticket.agency)
    ways = [desk.where if desk else "", agency.where if agency else "", zone.where if zone else ""]
    return {"zone_name": zone.name if zone else None, "where": next(filter(None, ways), None)}


def waiting_per_agency(state: State) -> dict[str, int]:
    """Agency id to how many wait for one of its services."""
    count: dict[str, int] = {}
    for service, queue in state.queues.items():
        agency = state.hall.service[service].agency
        count[agency] = count.get(agency, 0) + len(queue)
    for queue in state.wanted.values():
        for ticket in queue.ids:
            agency = state.tickets[ticket].agency
            count[agency] = count.get(agency, 0) + 1
    return count


def _notices(state: State, zone: str) -> list[View]:
    """Newest first. The one being said is the oldest that waits, so none of these is left out."""
    newest = state.notices.get(zone, ())[::-1]
    ended = [notice.seq for notice in newest if notice.ended_at][:SHOWN_NOTICES]
    return [asdict(notice) for notice in newest if not notice.ended_at or notice.seq in ended]


def _tv_counter(state: State, counter_id: str) -> View:
    site = state.hall
    ticket = state.in_hand(counter_id)
    agency = ticket.agency if ticket else next(iter(site.agencies_at[counter_id]), "")
    return {
        "counter": counter_id,
        "label": site.counter[counter_id].label,
        "agency": agency,
        "agency_name": _agency_name(state, agency),
        "status": state.desk(counter_id).status,
        "number": ticket.number if ticket else None,
        "ticket_status": ticket.status if ticket else None,
    }


def _hall_counter(state: State, counter_id: str) -> View:
    site, counter, desk = state.hall, state.hall.counter[counter_id], state.desk(counter_id)
    ticket = state.in_hand(counter_id)
    queues = [state.queues.get(service) for service in counter.services] + [state.wanted.get(counter_id)]
    return {
        "counter": counter_id,
        "label": counter.label,
        "zone": counter.zone,
        "status": desk.status,
        "agencies": [{"id": a, "name": site.agency[a].short} for a in site.agencies_at[counter_id]],
        "ticket": _hall_ticket(state, ticket) if ticket else None,
        "waiting_count": sum(len(queue) for queue in queues if queue),
        "today": _today(desk),
    }


def _hall_ticket(state: State, ticket: Ticket) -> View:
    return {
        "id": ticket.id,
        "number": ticket.number,
        "agency_name": _agency_name(state, ticket.agency),
        "service_name": _service_name(state, ticket.service),
        "priority": ticket.priority,
        "status": ticket.status,
        "since": ticket.started_at or ticket.called_at,
        "recalls": ticket.recalls,
    }


def _hall_zone(state: State, zone: str) -> View:
    waiting = [announcement.at for announcement in state.announcements.get(zone, ())]
    return {
        "zone": zone,
        "name": state.hall.zone[zone].name,
        "unspoken": len(waiting),
        "unspoken_since": min(waiting, default=None),
    }


def _today(desk: Desk) -> View:
    """service_seconds: of a visit, on average over the `timed` that were started and finished; None before the first."""
    average = round(desk.service_time / desk.timed) if desk.timed else None
    return {"served": desk.served, "no_show": desk.no_show, "timed": desk.timed, "service_seconds": average}


def _all_waiting(state: State) -> Iterator[Ticket]:
    for queue in (*state.queues.values(), *state.wanted.values()):
        for ticket in queue.ids:
            yield state.tickets[ticket]


def _put_aside(state: State, counter_id: str) -> list[Ticket]:
    """Parked and absent tickets that this counter put aside or could serve: the newest, newest first."""
    services = state.hall.counter[counter_id].services
    aside = [state.tickets[i] for i in state.aside]
    mine = [t for t in aside if t.counter == counter_id or t.service in services]
    return mine[: -SHOWN_ASIDE - 1 : -1]


def _waiting_line(state: State, ticket: Ticket) -> View:
    return {
        "id": ticket.id,
        "number": ticket.number,
        "service_name": _service_name(state, ticket.service),
        "priority": ticket.priority,
        "issued_at": ticket.issued_at,
        "joined_at": ticket.joined_at,
    }


def _parked_line(state: State, ticket: Ticket) -> View:
    return {
        "id": ticket.id,
        "number": ticket.number,
        "service_name": _service_name(state, ticket.service),
        "priority": ticket.priority,
        "status": ticket.status,
        "since": ticket.aside_at,
    }


def _label(state: State, counter_id: str | None) -> str | None:
    counter = state.hall.counter.get(counter_id) if counter_id else None
    return counter.label if counter else counter_id


def _agency_name(state: State, agency: str) -> str:
    found = state.hall.agency.get(agency)
    return found.short if found else agency


def _service_name(state: State, service: str) -> str:
    found = state.hall.service.get(service)
    return found.name if found else service
