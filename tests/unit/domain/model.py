"""A second, naive hall: plain lists, scanned in whole, written from CONTRACT.md and not from the code under test."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from server.domain.site import Site
from server.domain.state import State

IN_HAND = ("called", "serving")


class Refused(Exception):
    """code, and for `not-allowed-now` the status that forbids it."""

    def __init__(self, code: str, status: str | None = None) -> None:
        super().__init__(code, status)


@dataclass
class Visitor:
    """A ticket. order: how many were issued before it. hurry: the head start of its priority group."""

    id: str
    number: str
    service: str
    issued: datetime
    order: int
    hurry: timedelta
    status: str = "waiting"
    counter: str | None = None
    target: str | None = None
    recalls: int = 0
    called: datetime | None = None
    started: datetime | None = None
    ended: datetime | None = None

    @property
    def rank(self) -> tuple[datetime, int]:
        return self.issued - self.hurry, self.order


@dataclass
class Saying:
    """An announcement that waits; dropped: when its ticket was no longer called. A notice has no ticket and no counter."""

    id: int
    ticket: str
    zone: str
    counter: str | None
    agency: str | None
    at: datetime
    dropped: datetime | None = None


@dataclass
class Model:
    """Each method is a verb; it raises Refused, or changes the model and returns the id of the ticket answered."""

    site: Site
    visitors: list[Visitor] = field(default_factory=list)
    aside: list[str] = field(default_factory=list)
    status: dict[str, str] = field(default_factory=dict)
    sayings: list[Saying] = field(default_factory=list)
    issued: int = 0

    def visitor(self, ticket: str) -> Visitor:
        found = [v for v in self.visitors if v.id == ticket]
        if not found:
            raise Refused("unknown-ticket")
        return found[0]

    def hand(self, counter: str) -> Visitor | None:
        found = [v for v in self.visitors if v.counter == counter and v.status in IN_HAND]
        assert len(found) <= 1, "a counter has at most one ticket"
        return found[0] if found else None

    def callable_by(self, counter: str) -> list[Visitor]:
        """Who waits and may be called by that counter."""
        services = self.site.counter[counter].services
        return [
            v
            for v in self.visitors
            if v.status == "waiting" and (v.target == counter or (v.target is None and v.service in services))
        ]

    def ahead(self, visitor: Visitor) -> int:
        """By CONTRACT.md: waiting, earlier in the order, and some counter that may call this one may call it too."""
        counters = [c.id for c in self.site.counters if visitor in self.callable_by(c.id)]
        rivals = {v.id: v for c in counters for v in self.callable_by(c)}
        return sum(v.rank < visitor.rank for v in rivals.values())

    def issue(self, ticket: str, service: str, priority: str | None, at: datetime) -> str:
        if service not in self.site.service:
            raise Refused("unknown-service")
        prefix = self.site.agency[self.site.service[service].agency].prefix
        count = sum(v.number.split("-")[0] == prefix for v in self.visitors)
        hurry = timedelta(seconds=self.site.head_start[priority] if priority else 0)
        number = f"{prefix}-{count + 1:03}"
        self.visitors.append(Visitor(ticket, number, service, at, self.issued, hurry))
        self.issued += 1
        return ticket

    def cancel(self, ticket: str, at: datetime) -> str:
        visitor = self.visitor(ticket)
        if visitor.status not in ("waiting", "parked"):
            raise Refused("not-allowed-now", visitor.status)
        self.end(visitor, "cancelled", at)
        return ticket

    def desk(self, verb: str, counter: str) -> str | None:
        self.known(counter)
        hand = self.hand(counter)
        if verb == "closed":
            if hand:
                raise Refused("not-allowed-now", hand.status)
            self.fall_back(counter)
        self.status[counter] = verb
        return hand.id if hand else None

    def call_next(self, counter: str, at: datetime, seq: int) -> str | None:
        """seq: of the call, if there is one."""
        if self.known(counter) != "open":
            raise Refused("not-allowed-now", self.known(counter))
        hand = self.hand(counter)
        if hand:
            self.end(hand, "served", at)
        waiting = sorted(self.callable_by(counter), key=lambda v: v.rank)
        return self.take(waiting[0], counter, at, seq) if waiting else None

    def resume(self, counter: str, ticket: str, at: datetime, seq: int) -> str:
        self.known(counter)
        visitor = self.visitor(ticket)
        if visitor.status not in ("parked", "no-show"):
            raise Refused("not-allowed-now", visitor.status)
        hand = self.hand(counter)
        if hand:
            raise Refused("not-allowed-now", hand.status)
        return self.take(visitor, counter, at, seq)

    def recall(self, counter: str, at: datetime, seq: int) -> str:
        visitor = self.need(counter, "called")
        if visitor.recalls >= self.site.recall_limit:
            raise Refused("not-allowed-now", "called")
        visitor.recalls += 1
        self.say(visitor, at, seq)
        return visitor.id

    def end_in_hand(self, counter: str, becomes: str, at: datetime, *needs: str) -> str:
        """start, finish, no-show and park."""
        visitor = self.need(counter, *needs)
        self.end(visitor, becomes, at)
        return visitor.id

    def put_back(self, counter: str, at: datetime) -> str:
        visitor = self.need(counter, *IN_HAND)
        self.wait(visitor, at)
        return visitor.id

    def transfer(self, counter: str, service: str | None, to_counter: str | None, at: datetime) -> str:
        visitor = self.need(counter, *IN_HAND)
        if service is not None and service not in self.site.service:
            raise Refused("unknown-service")
        if to_counter is not None:
            self.known(to_counter)
        visitor.service = service or visitor.service
        visitor.target = to_counter
        self.wait(visitor, at)
        return visitor.id

    def notice(self, zones: tuple[str, ...], at: datetime, seq: int) -> None:
        for zone in zones:
            if zone not in self.site.zone:
                raise Refused("unknown-zone")
        zones = zones or tuple(self.site.zone)
        if any(sum(not s.ticket for s in self.sayings if s.zone == zone) >= 10 for zone in zones):
            raise Refused("too-many")
        self.sayings += [Saying(seq, "", zone, None, None, at) for zone in zones]

    def spoken(self, zone: str, announcement: int) -> None:
        pending = [s for s in self.sayings if s.zone == zone]
        if pending and pending[0].id == announcement:
            self.sayings.remove(pending[0])

    def expire(self, zone: str, announcement: int, at: datetime) -> None:
        self.sayings = [
            s
            for s in self.sayings
            if (s.zone, s.id) != (zone, announcement)
            or not (s.dropped or at - s.at >= timedelta(seconds=self.site.announcement.expires))
        ]

    def tick(self, at: datetime) -> None:
        """Half a minute of grace on top of what makes an announcement expire."""
        grace = timedelta(seconds=30)
        age = timedelta(seconds=self.site.announcement.expires) + grace
        self.sayings = [s for s in self.sayings if at - s.at < age and not (s.dropped and at - s.dropped >= grace)]

    def new_day(self) -> None:
        self.visitors, self.aside, self.status, self.sayings = [], [], {}, []

    def configure(self, site: Site, at: datetime) -> None:
        removed = set(self.site.counter) - set(site.counter)
        for visitor in self.visitors:
            if visitor.service not in site.service and visitor.status not in ("served", "cancelled"):
                self.end(visitor, "cancelled", at)
        for counter in removed:
            hand = self.hand(counter)
            self.status[counter] = "closed"
            if hand:
                self.wait(hand, at)
            self.fall_back(counter)
        self.sayings = [
            s
            for s in self.sayings
            if s.zone in site.zone
            and (s.counter is None or s.counter in site.counter)
            and (s.agency is None or s.agency in site.agency)
        ]
        self.site = site

    def known(self, counter: str) -> str:
        if counter not in self.site.counter:
            raise Refused("unknown-counter")
        return self.status.get(counter, "closed")

    def need(self, counter: str, *needs: str) -> Visitor:
        status = self.known(counter)
        hand = self.hand(counter)
        if hand is None:
            raise Refused("not-allowed-now", status)
        if hand.status not in needs:
            raise Refused("not-allowed-now", hand.status)
        return hand

    def take(self, visitor: Visitor, counter: str, at: datetime, seq: int) -> str:
        if visitor.id in self.aside:
            self.aside.remove(visitor.id)
        visitor.status, visitor.counter, visitor.recalls = "called", counter, 0
        visitor.called, visitor.started, visitor.ended = at, None, None
        self.say(visitor, at, seq)
        return visitor.id

    def say(self, visitor: Visitor, at: datetime, seq: int) -> None:
        assert visitor.counter is not None
        counter = self.site.counter[visitor.counter]
        agency = self.site.service[visitor.service].agency
        self.sayings.append(Saying(seq, visitor.id, counter.zone, counter.id, agency, at))

    def end(self, visitor: Visitor, becomes: str, at: datetime) -> None:
        if visitor.status == "called":
            for saying in self.sayings:
                if saying.ticket == visitor.id and not saying.dropped:
                    saying.dropped = at
        if visitor.id in self.aside:
            self.aside.remove(visitor.id)
        if becomes in ("parked", "no-show"):
            self.aside.append(visitor.id)
        if becomes == "serving":
            visitor.started = at
        elif becomes in ("served", "no-show", "cancelled"):
            visitor.ended = at
        visitor.status = becomes

    def wait(self, visitor: Visitor, at: datetime) -> None:
        self.end(visitor, "waiting", at)
        visitor.counter = visitor.called = visitor.started = None
        visitor.recalls = 0
        if visitor.target and self.status.get(visitor.target, "closed") == "closed":
            visitor.target = None

    def fall_back(self, counter: str) -> None:
        for visitor in self.visitors:
            if visitor.status == "waiting" and visitor.target == counter:
                visitor.target = None


def compare(model: Model, state: State) -> None:
    """The state says of every ticket and counter what the model says, and its indexes agree with its tickets."""
    assert {v.id: (v.number, v.status, v.service, v.recalls) for v in model.visitors} == {
        t.id: (t.number, t.status, t.service, t.recalls) for t in state.tickets.values()
    }
    for visitor in model.visitors:
        ticket = state.tickets[visitor.id]
        if visitor.status not in ("served", "cancelled"):
            assert ticket.agency == model.site.service[visitor.service].agency
        assert ticket.counter == visitor.counter
        assert (ticket.called_at, ticket.started_at, ticket.ended_at) == (
            visitor.called,
            visitor.started,
            visitor.ended,
        )
        if visitor.status == "waiting":
            assert ticket.target == visitor.target
    for counter in model.site.counter:
        hand = model.hand(counter)
        assert state.desk(counter).ticket == (hand.id if hand else None)
        assert state.desk(counter).status == model.status.get(counter, "closed")
    assert list(state.aside) == model.aside
    assert_queues(model, state)
    assert {zone: [(a.id, a.dropped_at) for a in queue] for zone, queue in state.announcements.items()} == by_zone(
        model
    )


def assert_queues(model: Model, state: State) -> None:
    queued: list[str] = []
    for kind, queues in (("service", state.queues), ("target", state.wanted)):
        for key, queue in queues.items():
            assert queue.ids, "no empty queue is kept"
            assert queue.places == sorted(queue.places)
            assert queue.places == [state.tickets[t].place for t in queue.ids]
            assert all(getattr(model.visitor(t), kind) == key for t in queue.ids)
            queued += queue.ids
    assert sorted(queued) == sorted(v.id for v in model.visitors if v.status == "waiting")


def by_zone(model: Model) -> dict[str, list[tuple[int, datetime | None]]]:
    found: dict[str, list[tuple[int, datetime | None]]] = {}
    for saying in model.sayings:
        found.setdefault(saying.zone, []).append((saying.id, saying.dropped))
    return found


def numbers_of(log: list[Any]) -> dict[tuple[int, str], list[int]]:
    """Per business day (the seq of its opening) and prefix: the numbers, in the order in which they were issued."""
    found: dict[tuple[int, str], list[int]] = {}
    day = 0
    for entry in log:
        tag = type(entry.event).__struct_config__.tag
        if tag == "day-opened":
            day = entry.seq
        elif tag == "ticket-issued":
            prefix, _, number = entry.event.number.partition("-")
            found.setdefault((day, prefix), []).append(int(number))
    return found
