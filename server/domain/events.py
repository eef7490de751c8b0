"""What can happen in a hall. Each event is a fact in the past tense; its JSON is the field `e` of a stream entry.

Every event has `at` (when, with the hall's offset) and `cause` (which command brought it). The sequence number of
an event is the id of its entry, so it stands beside the event, never inside it.
"""

from datetime import date, datetime

import msgspec
from msgspec import Struct

from server.domain.answers import Answered
from server.domain.site import Site


class Cause(Struct, frozen=True):
    """The command behind an event.

    by: opaque id of the caller. command: its id, the same in all events it brought. digest: of the request, to know
    a key that came again with something else. verb: what was asked. keyed: the caller chose the id, so it may be
    repeated (for how long: evolve.REMEMBERED).
    """

    by: str
    command: str
    digest: str
    verb: str
    keyed: bool = False


class Happened(Struct, frozen=True, kw_only=True, tag_field="type"):
    """What all events share."""

    at: datetime
    cause: Cause


class TicketEvent(Happened, frozen=True, kw_only=True):
    """`ticket`: id of the ticket it happened to."""

    ticket: str


class AtCounter(TicketEvent, frozen=True, kw_only=True):
    """`counter`: id of the counter at which it happened."""

    counter: str


class TicketIssued(TicketEvent, frozen=True, kw_only=True, tag="ticket-issued"):
    """A number was handed out: `number` as shown, `priority` group or None, `channel` kiosk, staff or online."""

    number: str
    service: str
    agency: str
    priority: str | None
    channel: str


class TicketCalled(AtCounter, frozen=True, kw_only=True, tag="ticket-called"):
    """A waiting ticket was called to `counter`. `service` and `agency` are those it waited for."""

    number: str
    service: str
    agency: str


class TicketRecalled(AtCounter, frozen=True, kw_only=True, tag="ticket-recalled"):
    """A called ticket was called again; `recall` counts 1, 2, …"""

    number: str
    recall: int


class TicketStarted(AtCounter, frozen=True, kw_only=True, tag="ticket-started"):
    """The visitor sat down and the service began."""


class TicketServed(AtCounter, frozen=True, kw_only=True, tag="ticket-served"):
    """The visit ended. reason: "finished", "next-called", or "day-ended" when nobody ended it."""

    reason: str


class TicketNoShow(AtCounter, frozen=True, kw_only=True, tag="ticket-no-show"):
    """The called visitor did not come."""


class TicketParked(AtCounter, frozen=True, kw_only=True, tag="ticket-parked"):
    """The visit was put aside, to be resumed later."""


class TicketResumed(AtCounter, frozen=True, kw_only=True, tag="ticket-resumed"):
    """A parked or absent ticket was called again to `counter`, outside the order."""

    number: str
    service: str
    agency: str


class TicketReturned(AtCounter, frozen=True, kw_only=True, tag="ticket-returned"):
    """The ticket went from `counter` back to waiting, in its old place."""


class TicketTransferred(AtCounter, frozen=True, kw_only=True, tag="ticket-transferred"):
    """The ticket left `counter` and waits for `service` of `agency`; for `to_counter` only, unless that is None or
    closed."""

    service: str
    agency: str
    to_counter: str | None


class TicketCancelled(TicketEvent, frozen=True, kw_only=True, tag="ticket-cancelled"):
    """The ticket is void. reason: "asked", "day-ended" or "service-removed"."""

    reason: str


class CounterEvent(Happened, frozen=True, kw_only=True):
    """`counter`: id of the counter."""

    counter: str


class CounterOpened(CounterEvent, frozen=True, kw_only=True, tag="counter-opened"):
    """The counter calls visitors from now on."""


class CounterPaused(CounterEvent, frozen=True, kw_only=True, tag="counter-paused"):
    """The counter calls nobody for a while."""


class CounterClosed(CounterEvent, frozen=True, kw_only=True, tag="counter-closed"):
    """The counter is closed; what waited for it alone waits for its service again."""


class NoticeAnnounced(Happened, frozen=True, kw_only=True, tag="notice-announced"):
    """A notice is to be read out in `zones`, in each after what waits there already. notice: its id, opaque; the text
    is not in the log."""

    notice: str
    zones: tuple[str, ...]


class AnnouncementSpoken(Happened, frozen=True, kw_only=True, tag="announcement-spoken"):
    """A speaker of `zone` has said `announcement` (the seq of its call or notice) to the end."""

    zone: str
    announcement: int


class AnnouncementExpired(Happened, frozen=True, kw_only=True, tag="announcement-expired"):
    """`announcement` will not be spoken any more: "too-old", "no-longer-called", "unspeakable" (no voice could say it),
    "site-changed" or "day-ended"."""

    zone: str
    announcement: int
    reason: str


class SiteConfigured(Happened, frozen=True, kw_only=True, tag="site-configured"):
    """The hall is from now on as `site` says, in whole."""

    site: Site


class DayOpened(Happened, frozen=True, kw_only=True, tag="day-opened"):
    """A business day began; a fold of the log may start here.

    day: its date. site: the configuration in force. answers: what callers may still ask again, oldest first.
    """

    day: date
    site: Site
    answers: tuple[Answered, ...] = ()


Event = (
    TicketIssued
    | TicketCalled
    | TicketRecalled
    | TicketStarted
    | TicketServed
    | TicketNoShow
    | TicketParked
    | TicketResumed
    | TicketReturned
    | TicketTransferred
    | TicketCancelled
    | CounterOpened
    | CounterPaused
    | CounterClosed
    | NoticeAnnounced
    | AnnouncementSpoken
    | AnnouncementExpired
    | SiteConfigured
    | DayOpened
)


class Entry(Struct, frozen=True):
    """An event in its place: `seq` counts 1, 2, 3 … in one log."""

    seq: int
    event: Event


_decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)
_encoder = msgspec.json.Encoder()


def encode(event: Event) -> bytes:
    return _encoder.encode(event)


def decode(data: bytes) -> Event:
    """Raises msgspec.DecodeError for what is no event of this version."""
    try:
        return _decoder.decode(data)
    except UnicodeDecodeError as error:  # which msgspec leaves as it is
        raise msgspec.DecodeError(str(error)) from error
