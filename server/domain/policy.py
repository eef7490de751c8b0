"""Who is next, how many are ahead, and how long it may take.

Order of calling: issue time minus the head start of the priority group, then order of issue. So a priority visitor
overtakes only those who came at most the head start earlier, and nobody waits for ever.
"""

from datetime import datetime, timedelta

from server.domain.answers import Range
from server.domain.site import Site
from server.domain.state import Place, Queue, State, Ticket

EMPTY = Queue([], [])


def place(site: Site, issued_at: datetime, seq: int, priority: str | None) -> Place:
    start = site.head_start.get(priority, 0.0) if priority else 0.0
    return issued_at - timedelta(seconds=start), seq


def next_ticket(state: State, counter: str) -> Ticket | None:
    """The ticket that `counter` calls next: the earliest of those that wait for it or for one of its services."""
    queues = [state.queues.get(service, EMPTY) for service in state.hall.counter[counter].services]
    queues.append(state.wanted.get(counter, EMPTY))
    best = min((queue for queue in queues if queue.ids), key=lambda queue: queue.places[0], default=None)
    return state.tickets[best.ids[0]] if best else None


def ahead(state: State, ticket: Ticket) -> int:
    """Waiting tickets earlier in the order that some counter that may call this one may also call."""
    site = state.hall
    if ticket.target:
        counters: tuple[str, ...] = (ticket.target,)
        services: tuple[str, ...] = site.counter[ticket.target].services
    else:
        counters = site.serving[ticket.service]
        services = site.rivals[ticket.service]
    waiting = sum(state.queues[s].before(ticket.place) for s in services if s in state.queues)
    return waiting + sum(state.wanted[c].before(ticket.place) for c in counters if c in state.wanted)


def wait_estimate(state: State, ticket: Ticket, before: int) -> Range | None:
    """Half to one and a half times (visits until a counter is free) × usual minutes ÷ open counters; from 0 while the
    free counters suffice for all who are ahead; None when no counter is open."""
    site = state.hall
    counters = (ticket.target,) if ticket.target else site.serving[ticket.service]
    staffed = [c for c in counters if state.desk(c).status == "open"]
    if not staffed:
        return None
    busy = sum(1 for c in staffed if state.desk(c).ticket)
    free = len(staffed) - busy
    pace = site.service[ticket.service].minutes * 60 / len(staffed)
    if before < free:
        return Range(0, round(pace * 0.5))
    likely = (before - free + 1) * pace
    return Range(round(likely * 0.5), round(likely * 1.5))


def waiting_order(state: State, counter: str) -> list[Ticket]:
    """All that `counter` may call, in order."""
    queues = [state.queues.get(service, EMPTY) for service in state.hall.counter[counter].services]
    queues.append(state.wanted.get(counter, EMPTY))
    tickets = [state.tickets[i] for queue in queues for i in queue.ids]
    return sorted(tickets, key=lambda ticket: ticket.place)
