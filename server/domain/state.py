"""A hall as it stands after some events: one mutable `State`, changed only by `evolve` and copied when needed."""

from bisect import bisect_left
from collections import OrderedDict, deque
from datetime import date, datetime

from msgspec import Struct, field

from server.domain.announcements import AnnouncementQueue
from server.domain.answers import Answered
from server.domain.site import Site

RECENT_CALLS = 24  # a TV's view carries at least the last 20 (CONTRACT.md)
RECENT_NOTICES = 20

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
    """A counter today: "open", "paused" or "closed", the ticket in hand, and what it has done.

    timed: how many of the served were started; service_time: the seconds these took from start to finish, together.
    """

    status: str = "closed"
    ticket: str | None = None
    served: int = 0
    no_show: int = 0
    timed: int = 0
    service_time: float = 0.0


class Call(Struct, frozen=True):
    """A call as a TV shows it; `seq` of its event, `recall` 0 for the first call."""

    number: str
    counter: str
    agency: str
    at: datetime
    seq: int
    recall: int


class Noticed(Struct, frozen=True):
    """A spoken notice of today in one zone; `seq` of its event. outcome: "spoken" or "expired", None while it waits."""

    seq: int
    notice: str
    at: datetime
    ended_at: datetime | None = None
    outcome: str | None = None


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
    counter only. aside: ids of parked and absent tickets, oldest first. calls, notices: the latest
    per zone, oldest first. announcements: what waits to be spoken, per zone in which something does. keyed, unkeyed:
    the commands that ran, by id, oldest first.
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
    notices: dict[str, tuple[Noticed, ...]] = {}
    announcements: dict[str, AnnouncementQueue] = {}
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
            self.notices.copy(),
            {zone: queue.copy() for zone, queue in self.announcements.items()},
            self.keyed.copy(),
            self.unkeyed.copy(),
        )


CLOSED = Desk()
