"""Catching up: what a log holds beyond the cursor goes into the archive and the visits, in batches.

Cursor, archive and visits move in one transaction, and the cursor moves first and only from where it was read: of
two that catch up at once one finds it moved and reads on, and a kill leaves nothing half done.

A new life of the log (epoch) is read from its beginning. What both lives tell falls on the same rows, because a visit
is known by its ticket and number; what only the former life knew remains, ended as lost or unfinished.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, Protocol, TypeVar

from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import Connection, Engine, RowMapping, Table, select, update

from server.domain import events as e
from server.domain.site import Site
from server.history import tables as t
from server.history.engine import add, put, writing
from server.history.visits import LASTING, Book, Ticket, Visit

BATCH = 1000
MOST_NAMED = 500  # ids in one question


class Position(Protocol):
    @property
    def epoch(self) -> str: ...

    @property
    def seq(self) -> int: ...


P = TypeVar("P", bound=Position)


class Source(Protocol[P]):
    """The part of a server.log that is read here."""

    @property
    def site(self) -> str: ...

    async def position(self) -> P: ...

    async def read(self, after: int, limit: int = ...) -> list[e.Entry]: ...

    async def first_seq(self) -> int: ...

    async def renew(self, lost: P) -> None: ...


class Cursor(Struct, frozen=True):
    """Up to where a log was read; `day` is the business day in force there."""

    epoch: str
    seq: int
    day: date | None = None


async def catch_up(engine: Engine, log: Source[P], *, batch: int = BATCH) -> int:
    """Record what the log holds beyond the cursor, up to its end; the number of entries recorded by this call.

    May be called again or at once from anywhere. Blocks the event loop while it writes. Raises what the log raises,
    and sqlalchemy.exc.DBAPIError when the database cannot be written; what was recorded before stays.
    """
    recorded = 0
    while True:
        cursor = read_cursor(engine, log.site)  # before the position: read after it, it might seem to be ahead
        end = await log.position()
        if cursor is None or cursor.epoch != end.epoch:
            _begin(engine, log.site, cursor, Cursor(end.epoch, max(0, await log.first_seq() - 1)))
        elif cursor.seq > end.seq:
            await log.renew(end)  # it ends below what was recorded: from now on it lives another life
        elif cursor.seq == end.seq:
            return recorded
        else:
            entries = await log.read(cursor.seq, batch)
            if entries and (await log.position()).epoch == cursor.epoch:
                recorded += _record(engine, log.site, cursor, entries)


def behind(engine: Engine, site: str, end: Position) -> bool:
    """Whether a log that ends at `end` holds what is not recorded yet."""
    cursor = read_cursor(engine, site)
    return cursor is None or (cursor.epoch, cursor.seq) != (end.epoch, end.seq)


def read_cursor(engine: Engine, site: str) -> Cursor | None:
    with engine.connect() as db:
        row = db.execute(select(t.cursors).where(t.cursors.c.site == site)).one_or_none()
    return Cursor(row.epoch, row.seq, row.day) if row else None


def _begin(engine: Engine, site: str, former: Cursor | None, first: Cursor) -> None:
    """Stand before the first entry of a log's life that was not read before."""
    with writing(engine) as db:
        if former is None:
            add(db, t.cursors, {"site": site, **asdict(first)})
        elif _move(db, site, former, first):
            lasting = t.tickets.c.status.in_(LASTING)
            db.execute(update(t.tickets).where(t.tickets.c.site == site, lasting).values(status="lost"))
            lasting = t.visits.c.outcome.is_(None)
            db.execute(update(t.visits).where(t.visits.c.site == site, lasting).values(outcome="unfinished"))


def _record(engine: Engine, site: str, cursor: Cursor, entries: Sequence[e.Entry]) -> int:
    """All of the entries, or none when someone else has moved the cursor."""
    days = [entry.event.day for entry in entries if isinstance(entry.event, e.DayOpened)]
    after = Cursor(cursor.epoch, entries[-1].seq, days[-1] if days else cursor.day)
    with writing(engine) as db:
        if not _move(db, site, cursor, after):
            return 0
        put(db, t.events, (_archived(site, cursor.epoch, entry) for entry in entries))
        book = _open_book(db, site, cursor.day, entries)
        for entry in entries:
            book.apply(entry)
        put(db, t.tickets, ({"site": site, **asdict(ticket)} for ticket in book.tickets.values()))
        put(db, t.visits, ({"site": site, **asdict(visit)} for visit in book.visits.values()))
        for entry in entries:
            if isinstance(entry.event, e.SiteConfigured | e.DayOpened):
                put(db, t.names, _names(entry.event.site))
    return len(entries)


def _move(db: Connection, site: str, before: Cursor, after: Cursor) -> bool:
    here = t.cursors.c
    standing = (here.site == site, here.epoch == before.epoch, here.seq == before.seq)
    return db.execute(update(t.cursors).where(*standing).values(**asdict(after))).rowcount == 1


def _archived(site: str, epoch: str, entry: e.Entry) -> dict[str, Any]:
    event = entry.event
    return {
        "site": site,
        "epoch": epoch,
        "seq": entry.seq,
        "type": type(event).__struct_config__.tag,
        "at": event.at,
        "data": e.encode(event).decode(),
    }


def _open_book(db: Connection, site: str, day: date | None, entries: Iterable[e.Entry]) -> Book:
    about = {entry.event.ticket: None for entry in entries if isinstance(entry.event, e.TicketEvent)}
    tickets = [Ticket(**row) for row in _rows(db, t.tickets, site, list(about))]
    visits = [Visit(**row) for row in _rows(db, t.visits, site, list(about), t.visits.c.outcome.is_(None))]
    return Book(day, {ticket.ticket: ticket for ticket in tickets}, {visit.ticket: visit for visit in visits})


def _rows(db: Connection, table: Table, site: str, tickets: Sequence[str], *conditions: Any) -> Iterator[RowMapping]:
    columns = [column for column in table.c if column.name != "site"]
    for at in range(0, len(tickets), MOST_NAMED):
        named = table.c.ticket.in_(tickets[at : at + MOST_NAMED])
        yield from db.execute(select(*columns).where(table.c.site == site, named, *conditions)).mappings()


def _names(site: Site) -> Iterator[dict[str, Any]]:
    agencies = [(agency.id, agency.name) for agency in site.agencies]
    services = [(service.id, service.name) for service in site.services]
    counters = [(counter.id, counter.label) for counter in site.counters]
    for kind, known in (("agency", agencies), ("service", services), ("counter", counters)):
        for place, (one, name) in enumerate(known):
            yield {"site": site.id, "kind": kind, "id": one, "name": name, "place": place}
