"""Verify: the log of a site is folded, judged, and compared with the history in SQL.

True while the hall is open: the history is read as of one moment, and the log only up to where it ended when it was
asked; what happens meanwhile is left to the next time.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import Connection, Engine, select

from server.domain import events as e
from server.domain.evolve import evolve
from server.domain.state import State
from server.history import archive
from server.history import tables as t
from server.history.archive import UNREADABLE, Damaged, Piece
from server.history.engine import reading
from server.history.notices import find_notices
from server.history.record import read_cursor
from server.history.replay import Replay, replay
from server.keeping.joint import misfits
from server.keeping.reading import Stream, told
from server.keeping.soundness import Soundness
from server.log.base import Position, Trimmed

ATTEMPTS = 3  # where the log was trimmed while it was read
MOST_ASKED = 500  # notices in one question
BATCH = 5000


class Verified(Struct, frozen=True):
    """What came of it: first, last: of the log. judged: entries of log and archive. wrong: in words."""

    site: str
    position: Position
    first: int
    judged: int
    days: int
    replayed: Replay | None
    wrong: tuple[str, ...]


async def verify(engine: Engine, log: Stream) -> Verified:
    """Raises what the log raises; Trimmed only if it is trimmed again and again."""
    for _ in range(ATTEMPTS - 1):
        try:
            return await _verify(engine, log)
        except Trimmed:
            continue
    return await _verify(engine, log)


async def _verify(engine: Engine, log: Stream) -> Verified:
    wrong: list[str] = []
    cursor = None
    with _telling(wrong, "history"):
        cursor = read_cursor(engine, log.site)  # before the end: read after it, it might seem to be ahead
    first = await log.first_seq()
    end = await log.position() if first else Position(cursor.epoch if cursor else "", 0)
    if not wrong:
        wrong += misfits(cursor, first, end)
    folded, sound = Folded(), Soundness()
    with _telling(wrong, "the archive cannot be read"), reading(engine) as db:
        pieces = archive.pieces(db, log.site)
        wrong += _lives(db, log.site, pieces, end.epoch, first)
        wrong += _archived(db, log.site, pieces, end.epoch, first, sound)
    async for entry in told(log, first, end.seq):
        if isinstance(entry, str):
            wrong.append(entry)
        else:
            wrong += [*sound.take(entry), *folded.take(entry)]
    wrong += folded.end()
    with _telling(wrong, "what stands beside the log cannot be read"):
        day = await log.day_start()
        if day != folded.day_start and (day <= end.seq or day > (await log.position()).seq):
            wrong.append(f"the last day-opened is entry {folded.day_start}, beside the log stands {day}")
    with _telling(wrong, "the texts of the notices cannot be read"):
        wrong += _texts(engine, folded.notices)
    compared = None
    try:
        compared = await replay(engine, log.site, log if first else None)
        wrong += compared.holes
        wrong += [f"history: {difference}" for difference in compared.differences]
    except (Damaged, *UNREADABLE, LookupError, Trimmed) as error:
        if isinstance(error, Trimmed) and not wrong:
            raise
        wrong.append(f"the history cannot be compared: {error}")
    return Verified(log.site, end, first, sound.judged, folded.days, compared, tuple(wrong))


def words(found: Verified, most: int = 20) -> Iterator[str]:
    """The result, line by line."""
    if found.position.seq:
        entries = f"{found.position.seq - found.first + 1} entries ({found.first}–{found.position.seq})"
        yield f"{found.site}: the log has {entries} of {found.days} days, life {found.position.epoch}."
    else:
        yield f"{found.site}: the log is empty."
    if found.replayed and found.replayed.cursor:
        counted = ", ".join(f"{found.replayed.counted[name]} {name}" for name in ("events", "tickets", "visits"))
        yield f"  history: {counted}; recorded up to entry {found.replayed.cursor.seq}."
    for one in found.wrong[:most]:
        yield f"  WRONG {one}"
    if len(found.wrong) > most:
        yield f"  … and {len(found.wrong) - most} more."
    if not found.wrong:
        yield f"  sound: {found.judged} entries follow from one another, numbers have no gap, SQL tells the same."


class Folded:
    """The log folded from its beginning and from its last day-opened, side by side."""

    def __init__(self) -> None:
        self.day_start = self.days = 0
        self.notices: list[str] = []
        self._whole, self._today = State(), State()
        self._stopped = False

    def take(self, entry: e.Entry) -> Iterator[str]:
        if isinstance(entry.event, e.NoticeAnnounced):
            self.notices.append(entry.event.notice)
        if isinstance(entry.event, e.DayOpened):
            self.day_start, self.days = entry.seq, self.days + 1
            self._today = State()
        if self._stopped:
            return
        if not self._whole.seq and entry.seq > 1 and not self.day_start:
            self._stopped = True
            yield f"the log begins at entry {entry.seq}, inside a business day: what stood before it was removed by hand"
            return
        try:
            evolve(self._whole, entry)
            if self.day_start:
                evolve(self._today, entry)
        except Exception as error:  # whatever it stumbles over, the entry is what cannot be
            self._stopped = True
            kind = type(entry.event).__struct_config__.tag
            yield f"entry {entry.seq} ({kind}) cannot follow what stands before it: {type(error).__name__} {error}"

    def end(self) -> Iterator[str]:
        if self._stopped or not self.day_start:
            return
        today = asdict(self._today)
        for name, value in asdict(self._whole).items():
            if today[name] != value:
                yield f"folded from the last day-opened, {name} is not what it is folded from the beginning"


@contextmanager
def _telling(wrong: list[str], what: str) -> Iterator[None]:
    """What is too damaged to be read is wrong, and the rest is looked at all the same."""
    try:
        yield
    except (Damaged, *UNREADABLE) as error:
        wrong.append(f"{what}: {error}")


def _lives(db: Connection, site: str, pieces: Sequence[Piece], epoch: str, first: int) -> Iterator[str]:
    """What is wrong with the lives of which the archive tells, and with the beginning of the first one. The log, which
    begins at `first`, lives the life `epoch`."""
    recorded = db.execute(select(t.cursors.c.epoch).where(t.cursors.c.site == site)).scalar_one_or_none()
    newest = pieces[-1].epoch if pieces else None
    if recorded != newest:
        yield f"the history is recorded in the life {recorded or '–'}, the newest that it knows of is {newest or '–'}"
    archived = select(t.events.c.epoch).where(t.events.c.site == site).distinct()
    for life in sorted({*db.execute(archived).scalars()} - {piece.epoch for piece in pieces}):
        yield f"the archive has entries of the life {life}, of which it does not know when it was lived"
    begins = pieces[0].first if pieces else 1
    if first and pieces and pieces[0].epoch == epoch:
        begins = min(begins, first)
    if begins > 1:
        yield f"the entries 1–{begins - 1} of the first life stand neither in the archive nor in the log"


def _archived(
    db: Connection, site: str, pieces: Sequence[Piece], epoch: str, first: int, sound: Soundness
) -> Iterator[str]:
    """What is wrong with the entries that the archive alone can tell; `sound` judges those of the life `epoch`."""
    for piece in _before(pieces, epoch, first):
        former = sound if piece.epoch == epoch else Soundness()
        after = piece.first - 1
        while found := archive.entries(db, site, Piece(piece.epoch, after + 1, piece.last), BATCH):
            after = found[-1].seq
            for entry in found:
                yield from (f"in the archive, life {piece.epoch}: {one}" for one in former.take(entry))


def _before(pieces: Sequence[Piece], epoch: str, first: int) -> Iterator[Piece]:
    """What the archive alone can tell: former lives, and of this one what the log has forgotten."""
    for piece in pieces:
        last = min(piece.last, first - 1) if piece.epoch == epoch and first else piece.last
        if piece.first <= last:
            yield Piece(piece.epoch, piece.first, last)


def _texts(engine: Engine, notices: Sequence[str]) -> Iterator[str]:
    for at in range(0, len(notices), MOST_ASKED):
        asked = notices[at : at + MOST_ASKED]
        known = find_notices(engine, asked)
        yield from (f"the notice {one} has no text in SQL" for one in asked if one not in known)
