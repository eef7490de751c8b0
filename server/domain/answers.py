"""What the hall answers: a ticket or a counter as it stood right after a command."""

from datetime import datetime

from msgspec import Struct


class Range(Struct, frozen=True):
    """Seconds, from `low` to `high`."""

    low: int
    high: int


class TicketView(Struct, frozen=True):
    """A ticket as the outside sees it, as of `seq`.

    ahead: waiting tickets earlier in the order that a counter for this service may call; None when not waiting.
    """

    id: str
    number: str
    site: str
    agency: str
    agency_name: str
    service: str
    service_name: str
    priority: str | None
    status: str
    issued_at: datetime
    called_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    counter: str | None
    counter_label: str | None
    recalls: int
    ahead: int | None
    wait_estimate: Range | None
    seq: int


class CounterView(Struct, frozen=True):
    """A counter in one line. status: "open", "paused" or "closed"."""

    id: str
    label: str
    zone: str
    status: str


class Answer(Struct, frozen=True, omit_defaults=True):
    """What a command gets. counter: None for commands that need no counter. seq: of its last event. zones: in which a
    notice is announced."""

    seq: int
    ticket: TicketView | None
    counter: CounterView | None = None
    zones: tuple[str, ...] = ()


class Answered(Struct, frozen=True):
    """A command that ran, so that its repetition gets the first answer."""

    command: str
    digest: str
    at: datetime
    keyed: bool
    answer: Answer
