"""The archive as something to read: a business day's entries, newest first, each with the number it is about.

A business day reaches from its `day-opened` to the next: what that brings to an end still belongs to the day before.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from typing import NamedTuple

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, select

from server.domain import events as e
from server.domain.days import day_end, wall
from server.domain.site import Site
from server.history import tables as t
from server.history.archive import known, read_event

CHUNK = 500  # entries read at once
CALLS = e.TicketCalled | e.TicketRecalled | e.TicketResumed


class Place(NamedTuple):
    """Where an entry stands: its seq in the log's life `life`, counted 1, 2, 3 …"""

    life: int
    seq: int

    def __str__(self) -> str:
        return f"{self.life}-{self.seq}"


class Number(Struct, frozen=True):
    """What a ticket is called, where it was taken for and where it is now."""

    number: str
    issued_for: str
    agency: str
    service: str


class Line(Struct, frozen=True):
    """An entry to be read. ticket: of its ticket, or of the call that an announcement was about. call: that call;
    None for an announcement of a notice."""

    place: Place
    event: e.Event
    ticket: Number | None = None
    call: e.Event | None = None


class Wanted(Struct, frozen=True):
    """Which entries; what is left empty or None does not matter. kinds: types of events. number: as on the slip.
    by: id of who asked for it."""

    day: date
    kinds: Collection[str] = ()
    counter: str = ""
    agency: str = ""
    number: str = ""
    by: str = ""

    def takes(self, line: Line) -> bool:
        event, about = line.event, line.call or line.event
        return (
            (not self.kinds or type(event).__struct_config__.tag in self.kinds)
            and (not self.by or event.cause.by == self.by)
            and (not self.counter or self.counter in (getattr(about, "counter", ""), getattr(about, "to_counter", "")))
            and (not self.number or (line.ticket is not None and line.ticket.number == self.number))
            and (not self.agency or self.agency in _agencies(line, about))
        )


class Tail(Struct, frozen=True):
    """What the log holds and the archive does not yet. tickets: those of its hall."""

    life: int
    entries: Sequence[e.Entry] = ()
    tickets: Mapping[str, Number] = {}


def _agencies(line: Line, about: e.Event) -> tuple[str, ...]:
    own = getattr(about, "agency", "")
    return (own, line.ticket.issued_for, line.ticket.agency) if line.ticket else (own,)


def lives(db: Connection, site: str) -> dict[str, int]:
    """The epochs of a log in the order in which they were read."""
    lived = t.lives.c
    wanted = select(lived.epoch, lived.life).where(lived.site == site).order_by(lived.life)
    return {row.epoch: row.life for row in db.execute(wanted)}


class Reading:
    """One look into the journal of a site. recorded: up to where the archive counts; there the tail begins."""

    def __init__(self, db: Connection, site: Site, wanted: Wanted, tail: Tail, recorded: Place | None) -> None:
        self._db, self._site, self._wanted, self._tail, self._recorded = db, site, wanted, tail, recorded
        self._tailed = {entry.seq: entry.event for entry in tail.entries}

    def lines(self, before: Place | None = None) -> Iterator[Line]:
        """What is wanted, newest first, from below `before`. Raises Damaged."""
        epochs = {life: epoch for epoch, life in lives(self._db, self._site.id).items()}
        newest = [(Place(self._tail.life, entry.seq), entry.event) for entry in reversed(self._tail.entries)]
        found = [(place, event) for place, event in newest if before is None or place < before]
        yield from self._taken(epochs.get(self._tail.life, ""), found)
        for life in sorted(epochs, reverse=True):
            if before is None or life <= before.life:
                yield from self._of_life(life, epochs[life], before)

    def _of_life(self, life: int, epoch: str, before: Place | None) -> Iterator[Line]:
        first, last = self._reach(epoch)
        if self._recorded and self._recorded.life == life:
            last = min(last, self._recorded.seq)
        if before and before.life == life:
            last = min(last, before.seq - 1)
        while first <= last:
            here = (known.site == self._site.id, known.epoch == epoch, known.seq.between(first, last))
            asked = select(known.seq, known.data).where(*here).order_by(known.seq.desc()).limit(CHUNK)
            found = [(Place(life, row.seq), self._event(epoch, row.seq, row.data)) for row in self._db.execute(asked)]
            if not found:
                return
            yield from self._taken(epoch, found)
            last = found[-1][0].seq - 1

    def _reach(self, epoch: str) -> tuple[int, int]:
        """The first and the last seq of the business day in this life; (1, 0) when there is none."""
        begins = wall(self._site, self._wanted.day, time(self._site.day_begins))
        ends = day_end(self._site, self._wanted.day)
        here = (known.site == self._site.id, known.epoch == epoch)
        within = (*here, known.at >= begins, known.at < ends)
        opened = known.type == "day-opened"
        begun = self._first(*here, known.at < begins)  # what this life began with belongs to its first day
        first = (begun and self._first(*within, opened)) or self._first(*within)
        if first is None:
            return 1, 0
        following = self._first(*here, known.at >= ends, opened)
        if following is not None:
            return first, following - 1
        newest = select(known.seq).where(*here).order_by(known.seq.desc()).limit(1)
        return first, int(self._db.execute(newest).scalar_one())

    def _first(self, *conditions: ColumnElement[bool]) -> int | None:
        asked = select(known.seq).where(*conditions).order_by(known.at, known.seq).limit(1)
        found: int | None = self._db.execute(asked).scalar()
        return found

    def _taken(self, epoch: str, found: Sequence[tuple[Place, e.Event]]) -> Iterator[Line]:
        calls = self._calls(epoch, [event for _, event in found])
        about = [(place, event, calls.get(getattr(event, "announcement", 0))) for place, event in found]
        tickets = self._tickets({getattr(call or event, "ticket", "") for _, event, call in about} - {""})
        for place, event, call in about:
            line = Line(place, event, tickets.get(getattr(call or event, "ticket", "")), call)
            if self._wanted.takes(line):
                yield line

    def _calls(self, epoch: str, found: Iterable[e.Event]) -> dict[int, e.Event]:
        """What the announcements among these were asked for by, as far as it was a call."""
        told = e.AnnouncementSpoken | e.AnnouncementExpired
        asked = {event.announcement for event in found if isinstance(event, told)}
        here = (known.site == self._site.id, known.epoch == epoch, known.seq.in_(asked - self._tailed.keys()))
        rows = self._db.execute(select(known.seq, known.data).where(*here)) if asked - self._tailed.keys() else ()
        events = {row.seq: self._event(epoch, row.seq, row.data) for row in rows}
        events |= {seq: self._tailed[seq] for seq in asked & self._tailed.keys()}
        return {seq: event for seq, event in events.items() if isinstance(event, CALLS)}

    def _tickets(self, ids: Collection[str]) -> dict[str, Number]:
        one = t.tickets.c
        wanted = select(one.ticket, one.number, one.issued_for, one.agency, one.service)
        rows = self._db.execute(wanted.where(one.site == self._site.id, one.ticket.in_(ids))) if ids else ()
        found = {row.ticket: Number(row.number, row.issued_for, row.agency, row.service) for row in rows}
        return {id: self._tail.tickets[id] for id in ids if id in self._tail.tickets} | found

    def _event(self, epoch: str, seq: int, data: str) -> e.Event:
        return read_event(self._site.id, epoch, seq, data)


def of_day(
    entries: Iterable[e.Entry], day: date, before: date | None, otherwise: Callable[[datetime], date]
) -> list[e.Entry]:
    """Those of the business day. before: the day in force at their beginning; where it is not known, `otherwise` tells."""
    found, current = [], before
    for entry in entries:
        if isinstance(entry.event, e.DayOpened):
            current = entry.event.day
        if (current or otherwise(entry.event.at)) == day:
            found.append(entry)
    return found


def people(db: Connection) -> dict[str, tuple[str, str, str | None]]:
    """The name, role and site of every account and token, by its id; a token's name is its label, perhaps empty."""
    accounts, tokens = t.accounts.c, t.tokens.c
    rows = [
        *db.execute(select(accounts.id, accounts.name.label("name"), accounts.role, accounts.site)),
        *db.execute(select(tokens.id, tokens.label.label("name"), tokens.role, tokens.site)),
    ]
    return {row.id: (row.name, row.role, row.site) for row in rows}
