"""Catching up: what a log holds beyond the cursor goes into the archive, the visits and the announcements, in batches.

Cursor, archive and the rest move in one transaction, and the cursor moves first and only from where it was read: of
two that catch up at once one finds it moved and reads on, and a kill leaves nothing half done.

A new life of the log (epoch) is read from its beginning. What both lives tell falls on the same rows, because a visit
is known by its ticket and number, an announcement by its place and time; what only the former life knew remains, ended
as lost, unfinished or expired. The same is done where the log has forgotten what was never read.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, Protocol, TypeVar

import structlog
from msgspec import Struct, convert
from msgspec.structs import asdict
from sqlalchemy import Connection, Engine, RowMapping, Table, select, update

from server.domain import events as e
from server.domain.site import Site
from server.history import archive
from server.history import tables as t
from server.history.announcements import Announcement, Announcements
from server.history.engine import add, put, writing
from server.history.visits import LASTING, Book, Ticket, Visit

BATCH = 1000
MOST_NAMED = 500  # ids in one question

log = structlog.get_logger(__name__)


class Position(Protocol):
    @property
    def epoch(self) -> str: ...

    @property
    def seq(self) -> int: ...


P = TypeVar("P", bound=Position)


class Source(Protocol):
    """The part of a server.log that is read here."""

    @property
    def site(self) -> str: ...

    async def position(self) -> Position: ...

    async def read(self, after: int, limit: int = ...) -> list[e.Entry]: ...

    async def first_seq(self) -> int: ...


class Log(Source, Protocol[P]):
    """The part of a server.log that is used here."""

    async def position(self) -> P: ...

    async def renew(self, lost: P) -> None: ...

    async def trim(self, epoch: str, before: int) -> None: ...


class Cursor(Struct, frozen=True):
    """Up to where a log was read; `day` is the business day in force there."""

    epoch: str
    seq: int
    day: date | None = None


async def catch_up(engine: Engine, stream: Log[P], *, batch: int = BATCH) -> int:
    """Record what the stream holds beyond the cursor, up to its end; the number of entries recorded by this call.

    May be called again or at once from anywhere. Blocks the event loop while it writes. Raises what the stream raises,
    sqlalchemy.exc.DBAPIError when the database cannot be written, and archive.Damaged; what was recorded before stays.
    """
    recorded = await read_on(engine, stream, batch=batch)
    while await _ends_below(engine, stream):
        recorded += await read_on(engine, stream, batch=batch)
    return recorded


async def read_on(engine: Engine, source: Source, *, batch: int = BATCH) -> int:
    """Like `catch_up`, but leaves a source alone that ends below what was recorded."""
    recorded = 0
    while True:
        cursor = read_cursor(engine, source.site)  # before the position: read after it, it might seem to be ahead
        end = await source.position()
        first = Cursor(end.epoch, max(0, await source.first_seq() - 1))
        if cursor is None or cursor.epoch != end.epoch or cursor.seq < first.seq:
            _begin(engine, source.site, cursor, first)
        elif cursor.seq >= end.seq:
            return recorded
        else:
            entries = await source.read(cursor.seq, batch)
            if entries and (await source.position()).epoch == cursor.epoch:
                recorded += _record(engine, source.site, cursor, entries)


async def _ends_below(engine: Engine, stream: Log[P]) -> bool:
    """Whether the stream ended below what was recorded; from now on it lives another life."""
    cursor = read_cursor(engine, stream.site)
    end = await stream.position()
    if cursor is None or cursor.epoch != end.epoch or cursor.seq <= end.seq:
        return False
    await stream.renew(end)
    return True


def behind(engine: Engine, site: str, end: Position) -> bool:
    """Whether a log that ends at `end` holds what is not recorded yet."""
    cursor = read_cursor(engine, site)
    return cursor is None or (cursor.epoch, cursor.seq) != (end.epoch, end.seq)


def read_cursor(engine: Engine, site: str) -> Cursor | None:
    """Raises archive.Damaged."""
    with engine.connect() as db:
        return cursor_in(db, site)


def cursor_in(db: Connection, site: str) -> Cursor | None:
    """Raises archive.Damaged."""
    try:
        row = db.execute(select(t.cursors).where(t.cursors.c.site == site)).mappings().one_or_none()
        return convert(row, Cursor) if row else None
    except archive.UNREADABLE as error:
        raise archive.Damaged(f"how far the history of {site} is recorded cannot be read: {error}") from error


def _begin(engine: Engine, site: str, former: Cursor | None, first: Cursor) -> None:
    """Stand before the first entry of a log's life that was not read before, or that is left of it."""
    with writing(engine) as db:
        if not move(db, site, former, first):
            return
        if former is None or former.epoch != first.epoch:
            archive.begin_life(db, site, first.epoch)
        else:
            log.error("history-has-a-hole", site=site, epoch=first.epoch, lost=f"{former.seq + 1}–{first.seq}")
        for table, lasting, end in (
            (t.tickets, t.tickets.c.status.in_(LASTING), {"status": "lost"}),
            (t.visits, t.visits.c.outcome.is_(None), {"outcome": "unfinished"}),
            (t.announcements, t.announcements.c.outcome.is_(None), {"outcome": "expired"}),
        ):
            db.execute(update(table).where(table.c.site == site, lasting).values(end))


def _record(engine: Engine, site: str, cursor: Cursor, entries: Sequence[e.Entry]) -> int:
    """All of the entries, or none when someone else has moved the cursor."""
    days = [entry.event.day for entry in entries if isinstance(entry.event, e.DayOpened)]
    after = Cursor(cursor.epoch, entries[-1].seq, days[-1] if days else cursor.day)
    with writing(engine) as db:
        if not move(db, site, cursor, after):
            return 0
        site_then = archive.configuration(db, site, cursor.epoch, cursor.seq)
        put(db, t.events, (archive.row(site, cursor.epoch, entry) for entry in entries))
        book = _open_book(db, site, cursor.day, entries)
        said = Announcements(cursor.epoch, cursor.day, site_then, _waiting(db, site, cursor.epoch, entries))
        for entry in entries:
            book.apply(entry)
            said.apply(entry)
        put(db, t.tickets, ({"site": site, **asdict(ticket)} for ticket in book.tickets.values()))
        put(db, t.visits, ({"site": site, **asdict(visit)} for visit in book.visits.values()))
        put(db, t.announcements, ({"site": site, **asdict(row)} for row in said.rows.values()))
        for entry in entries:
            if isinstance(entry.event, e.SiteConfigured | e.DayOpened):
                put(db, t.names, _names(entry.event.site))
    return len(entries)


def move(db: Connection, site: str, before: Cursor | None, after: Cursor) -> bool:
    """Whether the cursor stood at `before`; then nobody else moves it before this transaction ends."""
    if before is None:
        return add(db, t.cursors, {"site": site, **asdict(after)})
    here = t.cursors.c
    standing = (here.site == site, here.epoch == before.epoch, here.seq == before.seq)
    return db.execute(update(t.cursors).where(*standing).values(**asdict(after))).rowcount == 1


def _open_book(db: Connection, site: str, day: date | None, entries: Iterable[e.Entry]) -> Book:
    about = {entry.event.ticket: None for entry in entries if isinstance(entry.event, e.TicketEvent)}
    lasting = t.visits.c.outcome.is_(None)
    tickets = [Ticket(**row) for row in _rows(db, t.tickets, site, "ticket", list(about))]
    visits = [Visit(**row) for row in _rows(db, t.visits, site, "ticket", list(about), lasting)]
    return Book(day, {ticket.ticket: ticket for ticket in tickets}, {visit.ticket: visit for visit in visits})


def _waiting(db: Connection, site: str, epoch: str, entries: Iterable[e.Entry]) -> dict[tuple[str, int], Announcement]:
    """The announcements that the entries end."""
    ends = e.AnnouncementSpoken | e.AnnouncementExpired
    ended = {entry.event.announcement: None for entry in entries if isinstance(entry.event, ends)}
    of_life = t.announcements.c.epoch == epoch
    found = [Announcement(**row) for row in _rows(db, t.announcements, site, "seq", list(ended), of_life)]
    return {(row.zone, row.seq): row for row in found}


def _rows(
    db: Connection, table: Table, site: str, key: str, wanted: Sequence[Any], *conditions: Any
) -> Iterator[RowMapping]:
    """The rows with these values of the column `key`."""
    columns = [column for column in table.c if column.name != "site"]
    for at in range(0, len(wanted), MOST_NAMED):
        named = table.c[key].in_(wanted[at : at + MOST_NAMED])
        yield from db.execute(select(*columns).where(table.c.site == site, named, *conditions)).mappings()


def _names(site: Site) -> Iterator[dict[str, Any]]:
    agencies = [(agency.id, agency.name) for agency in site.agencies]
    services = [(service.id, service.name) for service in site.services]
    counters = [(counter.id, counter.label) for counter in site.counters]
    for kind, known in (("agency", agencies), ("service", services), ("counter", counters)):
        for place, (one, name) in enumerate(known):
            yield {"site": site.id, "kind": kind, "id": one, "name": name, "place": place}
