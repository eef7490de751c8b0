"""The archive: every entry of a log, of every life the log has lived, in the order in which they were read.

Of a `day-opened` it leaves out the answers, which would be most of the archive: no ticket, visit or announcement follows
from them, and they themselves follow from the entries of the two business days before. A log made from the archive
folds like the first one, but for the repetition of requests that were made before its last `day-opened`.
"""

from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection, func, select

from server.domain import events as e
from server.domain.site import Site
from server.history import tables as t
from server.history.engine import put

known = t.events.c
CONFIGURING = ("site-configured", "day-opened")


UNREADABLE = (ValueError, TypeError, AttributeError)  # what reading a damaged value of SQL raises


class Damaged(Exception):
    """What stands in SQL cannot be read."""


class Piece(Struct, frozen=True):
    """The entries of one life from `first` to `last`, all of which are there; none when last is first - 1."""

    epoch: str
    first: int
    last: int


def row(site: str, epoch: str, entry: e.Entry) -> dict[str, Any]:
    """The entry as the archive keeps it."""
    event = replace(entry.event, answers=()) if isinstance(entry.event, e.DayOpened) else entry.event
    return {
        "site": site,
        "epoch": epoch,
        "seq": entry.seq,
        "type": type(event).__struct_config__.tag,
        "at": event.at,
        "data": e.encode(event).decode(),
    }


def entries(db: Connection, site: str, piece: Piece, limit: int) -> list[e.Entry]:
    """At most `limit` entries of the piece, in order. Raises Damaged."""
    of_piece = (known.site == site, known.epoch == piece.epoch, known.seq.between(piece.first, piece.last))
    wanted = select(known.seq, known.data).where(*of_piece).order_by(known.seq).limit(limit)
    return [e.Entry(found.seq, read_event(site, piece.epoch, found.seq, found.data)) for found in db.execute(wanted)]


def configuration(db: Connection, site: str, epoch: str, seq: int) -> Site | None:
    """The site as it was configured after the entry `seq`; None when this life has not told it by then."""
    configured = (known.site == site, known.epoch == epoch, known.seq <= seq, known.type.in_(CONFIGURING))
    found = db.execute(select(known.seq, known.data).where(*configured).order_by(known.seq.desc()).limit(1)).first()
    if found is None:
        return None
    event = read_event(site, epoch, found.seq, found.data)
    return event.site if isinstance(event, e.SiteConfigured | e.DayOpened) else None


def begin_life(db: Connection, site: str, epoch: str) -> None:
    """From now on the log is read in the life `epoch`, which may be one that was read before."""
    lived = t.lives.c
    highest = db.execute(select(func.max(lived.life)).where(lived.site == site)).scalar_one() or 0
    put(db, t.lives, [{"site": site, "epoch": epoch, "life": highest + 1}])


def pieces(db: Connection, site: str) -> list[Piece]:
    """What the archive holds, in the order in which it was read; a life of which it holds nothing is an empty piece."""
    lived = t.lives.c
    epochs = db.execute(select(lived.epoch).where(lived.site == site).order_by(lived.life)).scalars()
    return [piece for epoch in epochs for piece in _pieces_of(db, site, epoch)]


def _pieces_of(db: Connection, site: str, epoch: str) -> list[Piece]:
    before = func.lag(known.seq).over(order_by=known.seq).label("before")
    numbered = select(known.seq, before).where(known.site == site, known.epoch == epoch).subquery()
    begins = numbered.c.before.is_(None) | (numbered.c.before < numbered.c.seq - 1)
    starts = db.execute(select(numbered.c.seq, numbered.c.before).where(begins).order_by(numbered.c.seq)).all()
    last = db.execute(select(func.max(known.seq)).where(known.site == site, known.epoch == epoch)).scalar_one()
    ends = [start.before for start in starts[1:]] + [last]
    return [Piece(epoch, start.seq, end) for start, end in zip(starts, ends, strict=False)] or [Piece(epoch, 1, 0)]


def read_event(site: str, epoch: str, seq: int, data: str) -> e.Event:
    """The event in a row of the archive. Raises Damaged."""
    try:
        return e.decode(data.encode())
    except UNREADABLE as error:
        raise Damaged(f"entry {seq} of {site} (life {epoch}) cannot be read in the archive: {error}") from error
