"""What can be asked of a hall, in the imperative. Time and ids come in with the command; a refusal is a `Rejected`."""

from datetime import datetime

from msgspec import Struct

from server.domain.site import Site


class Command(Struct, frozen=True, kw_only=True):
    """at: now, as the asking process sees it. by: opaque id of the caller. id: of this command; `keyed` when the
    caller chose it. digest: of the whole request."""

    at: datetime
    by: str
    id: str
    digest: str = ""
    keyed: bool = False


class IssueTicket(Command, frozen=True, kw_only=True):
    """Hand out the next number of the service's agency. ticket: the new ticket's id, unguessable."""

    ticket: str
    service: str
    priority: str | None = None
    channel: str = "kiosk"


class CancelTicket(Command, frozen=True, kw_only=True):
    """Void a waiting or parked ticket."""

    ticket: str


class CounterCommand(Command, frozen=True, kw_only=True):
    """A command that a counter gives."""

    counter: str


class OpenCounter(CounterCommand, frozen=True, kw_only=True):
    """Begin to call visitors."""


class PauseCounter(CounterCommand, frozen=True, kw_only=True):
    """Call nobody for a while."""


class CloseCounter(CounterCommand, frozen=True, kw_only=True):
    """Stop calling; a ticket in hand must be ended first."""


class CallNext(CounterCommand, frozen=True, kw_only=True):
    """End the visit in hand, if there is one, and call whoever is next."""


class Recall(CounterCommand, frozen=True, kw_only=True):
    """Show and say the called number again, up to the site's limit."""


class Start(CounterCommand, frozen=True, kw_only=True):
    """The visitor has come: begin the service."""


class Finish(CounterCommand, frozen=True, kw_only=True):
    """End the visit in hand."""


class NoShow(CounterCommand, frozen=True, kw_only=True):
    """The called visitor has not come."""


class Park(CounterCommand, frozen=True, kw_only=True):
    """Put the ticket in hand aside."""


class Resume(CounterCommand, frozen=True, kw_only=True):
    """Call a parked or absent ticket to this counter."""

    ticket: str


class Return(CounterCommand, frozen=True, kw_only=True):
    """Put the ticket in hand back to waiting, in its old place."""


class Transfer(CounterCommand, frozen=True, kw_only=True):
    """Let the ticket in hand wait for another service, or for one counter: exactly one of the two is given."""

    service: str | None = None
    to_counter: str | None = None


class AnnounceNotice(Command, frozen=True, kw_only=True):
    """Have a notice read out. notice: its id, opaque. zones: where; none: everywhere."""

    notice: str
    zones: tuple[str, ...] = ()


class MarkSpoken(Command, frozen=True, kw_only=True):
    """A speaker of the zone has said the announcement in hand to its end."""

    zone: str
    announcement: int


class ExpireAnnouncement(Command, frozen=True, kw_only=True):
    """Give the announcement up: it is too old, or its ticket is no longer called, or no voice can say it
    (`unspeakable`)."""

    zone: str
    announcement: int
    unspeakable: bool = False


class ConfigureSite(Command, frozen=True, kw_only=True):
    """Make the hall as `site` says; nothing happens when it is so already."""

    site: Site


class Tick(Command, frozen=True, kw_only=True):
    """Let happen what time brings: a new business day, the expiry of announcements."""


class Look(Command, frozen=True, kw_only=True):
    """Nothing but the question whether this process stands at the log's end."""


VERBS: dict[type[Command], str] = {
    IssueTicket: "issue",
    CancelTicket: "cancel",
    OpenCounter: "open",
    PauseCounter: "pause",
    CloseCounter: "close",
    CallNext: "call-next",
    Recall: "recall",
    Start: "start",
    Finish: "finish",
    NoShow: "no-show",
    Park: "park",
    Resume: "resume",
    Return: "return",
    Transfer: "transfer",
    AnnounceNotice: "announce",
    MarkSpoken: "spoken",
    ExpireAnnouncement: "expire",
    ConfigureSite: "configure",
    Tick: "tick",
    Look: "look",
}
