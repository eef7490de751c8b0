"""A hall as it stands after some events: one mutable `State`, changed only by `evolve` and copied when needed."""

from bisect import bisect_left
from collections import OrderedDict, deque
from datetime import date, datetime

from msgspec import Struct, field

from server.domain.answers import Answered
from server.domain.site import Site

RECENT_CALLS = 24  # a TV's view carries at least the last 20 (CONTRACT.md)

Place = tuple[datetime, int]


class Ticket(Struct, frozen=True):
    """A ticket of today.

    place: (issue time minus head start, seq of issue), its rank in the order of calling. joined_at: when it last began
    to wait. target: the only counter it waits for, or None. aside_at: when it was parked or did not come.
    """

    id: str
    number: str
    agency: str
    service: str
    priority: str | None
    channel: str
    status: str
    issued_at: datetime
    place: Place
    joined_at: datetime
    called_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    counter: str | None = None
    target: str | None = None
    recalls: int = 0
    aside_at: datetime | None = None


class Desk(Struct, frozen=True):
    """A counter today: "open", "paused" or "closed", the ticket in hand, and what it has done."""

    status: str = "closed"
    ticket: str | None = None
    served: int = 0
    no_show: int = 0


class Call(Struct, frozen=True):
    """A call as a TV shows it; `seq` of its event, `recall` 0 for the first call."""

    number: str
    counter: str
    agency: str
    at: datetime
    seq: int
    recall: int


class Announcement(Struct, frozen=True):
    """A call that waits to be spoken; `id` is the seq of its event. dropped_at: when its ticket left `called`."""

    id: int
    ticket: str
    number: str
    counter: str
    agency: str
    at: datetime
    dropped_at: datetime | None = None


class Queue(Struct):
    """Waiting tickets in the order of calling: parallel sorted lists of places and ticket ids."""

    places: list[Place]
    ids: list[str]

    def add(self, place: Place, ticket: str) -> None:
        at = bisect_left(self.places, place)
        self.places.insert(at, place)
        self.ids.insert(at, ticket)

    def remove(self, place: Place) -> None:
        at = bisect_left(self.places, place)
        del self.places[at], self.ids[at]

    def before(self, place: Place) -> int:
        """How many stand earlier than `place`."""
        return bisect_left(self.places, place)

    def copy(self) -> "Queue":
        return Queue(self.places.copy(), self.ids.copy())

    def __len__(self) -> int:
        return len(self.ids)


class State(Struct):
    """All that is known of a hall after the entry `seq`.

    numbers: last number of today per prefix. queues: waiting tickets per service. wanted: those that wait for one
    counter only. aside: ids of parked and absent tickets, oldest first. calls: per zone, oldest first. announcements:
    per zone, in the order of calls. keyed, unkeyed: the commands that ran, by id, oldest first.
    """

    seq: int = 0
    at: datetime | None = None
    site: Site | None = None
    day: date | None = None
    tickets: dict[str, Ticket] = {}
    numbers: dict[str, int] = {}
    queues: dict[str, Queue] = {}
    wanted: dict[str, Queue] = {}
    aside: dict[str, None] = {}
    desks: dict[str, Desk] = {}
    calls: dict[str, deque[Call]] = {}
    announcements: dict[str, dict[int, Announcement]] = {}
    keyed: OrderedDict[str, Answered] = field(default_factory=OrderedDict)
    unkeyed: OrderedDict[str, Answered] = field(default_factory=OrderedDict)

    @property
    def hall(self) -> Site:
        """The site's configuration. Raises LookupError before the first `site-configured`."""
        if self.site is None:
            raise LookupError("the site was never configured")
        return self.site

    def answered(self, command: str) -> Answered | None:
        return self.keyed.get(command) or self.unkeyed.get(command)

    def desk(self, counter: str) -> Desk:
        return self.desks.get(counter, CLOSED)

    def in_hand(self, counter: str) -> Ticket | None:
        ticket = self.desk(counter).ticket
        return self.tickets[ticket] if ticket else None

    def copy(self) -> "State":
        """An independent state; what it holds is frozen, so only the containers are copied."""
        return State(
            self.seq,
            self.at,
            self.site,
            self.day,
            self.tickets.copy(),
            self.numbers.copy(),
            {service: queue.copy() for service, queue in self.queues.items()},
            {counter: queue.copy() for counter, queue in self.wanted.items()},
            self.aside.copy(),
            self.desks.copy(),
            {zone: calls.copy() for zone, calls in self.calls.items()},
            {zone: pending.copy() for zone, pending in self.announcements.items()},
            self.keyed.copy(),
            self.unkeyed.copy(),
        )


CLOSED = Desk()
