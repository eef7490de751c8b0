"""Replay: the history of a site is drawn once more, from archive and log, and compared with what stands in SQL.

Drawn again are the rows of all tables that follow from the log, in an SQLite database beside, by the very code that
records them day by day. The living rows, the archive and the cursor are read as of one moment, and the log only up to
that cursor, so the answer is true while the hall is open. Where the log still has an entry, the log is believed, and
the archive is compared with it too.
"""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec import Struct
from sqlalchemy import Connection, Engine, Table, func, select

from server.domain import events as e
from server.history import archive
from server.history import tables as t
from server.history.archive import Piece
from server.history.compare import DRAWN, Difference, compare
from server.history.engine import connect, put, reading, writing
from server.history.record import Cursor, Source, cursor_in, move, read_on

BATCH = 5000


class Incomplete(Exception):
    """The history cannot be drawn again in whole."""


class Replay(Struct, frozen=True):
    """What came of it.

    cursor: up to where the history is recorded; None: nothing is. lives: that the log has lived. from_log: entries that
    the log itself told. counted: rows drawn, by table. holes: what is missing, in words. differences: between the rows
    in SQL and those drawn again.
    """

    site: str
    cursor: Cursor | None
    lives: int
    from_log: int
    counted: dict[str, int]
    holes: tuple[str, ...]
    differences: tuple[Difference, ...]

    @property
    def equal(self) -> bool:
        return not self.differences


async def replay(engine: Engine, site: str, stream: Source | None) -> Replay:
    """Draw the history of the site again and compare. stream: its log, or None when only the archive can be read.

    Raises what the stream raises, and archive.Damaged.
    """
    with TemporaryDirectory(prefix="antrean-replay-") as folder, reading(engine) as living:
        again = connect(f"sqlite:///{Path(folder, 'again.sqlite3')}")
        try:
            t.metadata.create_all(again)
            cursor = cursor_in(living, site)
            begins = await _begins(stream, cursor)
            pieces = _pieces(living, site, cursor, begins)
            from_log = 0
            for piece in pieces:
                in_life = cursor is not None and piece.epoch == cursor.epoch
                told = _Told(living, site, piece, stream if in_life else None, begins)
                await read_on(again, told, batch=BATCH)
                from_log += told.from_log
            with reading(again) as drawn:
                return Replay(
                    site=site,
                    cursor=cursor,
                    lives=len({piece.epoch for piece in pieces}),
                    from_log=from_log,
                    counted={table.name: _count(drawn, table) for table in DRAWN},
                    holes=tuple(_holes(pieces)),
                    differences=tuple(compare(living, drawn, site)),
                )
        finally:
            again.dispose()


def repair(engine: Engine, found: Replay) -> bool:
    """Put the rows that were drawn again in the place of those that differ, all or none. None is deleted.

    False, and nothing done, when the history has grown since: replay again. Raises Incomplete.
    """
    if found.holes:
        raise Incomplete("Nothing was written: what the archive lacks, the rows drawn again lack too.")
    with writing(engine) as db:
        if found.cursor is None or not move(db, found.site, found.cursor, found.cursor):
            return False
        for difference in found.differences:
            if difference.again:
                put(db, difference.table, [difference.again])
    return True


def words(found: Replay) -> Iterator[str]:
    """The result, line by line."""
    if found.cursor is None:
        yield f"{found.site}: nothing is recorded yet."
        return
    source = f"{found.from_log} of them told by the log itself" if found.from_log else "told by the archive alone"
    entries = found.counted["events"]
    yield f"{found.site}: {entries} entries of {found.lives} {'life' if found.lives == 1 else 'lives'}, {source}."
    yield "  drawn again: " + ", ".join(f"{found.counted[table.name]} {table.name}" for table in DRAWN)
    for hole in found.holes:
        yield f"  {hole}"
    for difference in found.differences:
        yield f"  {difference}"
    yield "  equal, row by row." if found.equal else f"  {len(found.differences)} rows differ."


class _Told:
    """One piece of one life, told by the archive and, from its entry `begins` on, by the log itself."""

    def __init__(self, living: Connection, site: str, piece: Piece, stream: Source | None, begins: int | None) -> None:
        self.site = site
        self.from_log = 0
        self._living, self._piece, self._stream = living, piece, stream
        self._begins = begins if stream and begins and begins <= piece.last else None

    async def position(self) -> Cursor:
        return Cursor(self._piece.epoch, self._piece.last)

    async def first_seq(self) -> int:
        return self._piece.first

    async def read(self, after: int, limit: int = BATCH) -> list[e.Entry]:
        if self._stream and self._begins and after + 1 >= self._begins:
            found = await self._stream.read(after, limit)
            found = [entry for entry in found if entry.seq <= self._piece.last]
            self.from_log += len(found)
            return found
        last = self._begins - 1 if self._begins else self._piece.last
        return archive.entries(self._living, self.site, Piece(self._piece.epoch, after + 1, last), limit)


async def _begins(stream: Source | None, cursor: Cursor | None) -> int | None:
    """From which entry on the log itself can tell what is recorded; None when it cannot."""
    if stream is None or cursor is None:
        return None
    end = await stream.position()
    first = await stream.first_seq()
    return first if end.epoch == cursor.epoch and 0 < first <= cursor.seq <= end.seq else None


def _pieces(living: Connection, site: str, cursor: Cursor | None, begins: int | None) -> list[Piece]:
    """All that is to be told, in order, and at last the life that the cursor is in, up to it."""
    if cursor is None:
        return []
    held = archive.pieces(living, site)
    former = [piece for piece in held if piece.epoch != cursor.epoch]
    upto = (begins or cursor.seq + 1) - 1  # told by the archive
    last = [
        Piece(piece.epoch, piece.first, min(piece.last, upto))
        for piece in held
        if piece.epoch == cursor.epoch and piece.first <= min(piece.last, upto)
    ]
    if last and last[-1].last == upto:
        last[-1] = Piece(cursor.epoch, last[-1].first, cursor.seq)
    else:
        last.append(Piece(cursor.epoch, upto + 1, cursor.seq))
    return former + last


def _holes(pieces: list[Piece]) -> Iterator[str]:
    for piece, following in pairwise(pieces):
        if piece.epoch == following.epoch:
            gap = f"{piece.last + 1}–{following.first - 1}"
            yield f"the entries {gap} of the life {piece.epoch} stand neither in the archive nor in the log"


def _count(db: Connection, table: Table) -> int:
    counted: int = db.execute(select(func.count()).select_from(table)).scalar_one()
    return counted
