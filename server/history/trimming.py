"""Trimming: the log forgets the days that are older than some weeks and stand in the archive; the texts of notices of
which it no longer tells go with them.

It forgets a business day at a time, up to a `day-opened`, where a fold may begin. The weeks are counted back from the
last recorded entry, in the log's own time, so a hall that slept for a year wakes up with its last weeks.
"""

from datetime import timedelta

import structlog
from sqlalchemy import Engine, delete, func, select

from server.domain.events import NoticeAnnounced
from server.history import tables as t
from server.history.archive import read_event
from server.history.engine import writing
from server.history.record import Log, P, read_cursor

KEEP = timedelta(days=28)

log = structlog.get_logger(__name__)
known = t.events.c


async def trim(engine: Engine, stream: Log[P], keep: timedelta = KEEP) -> int:
    """Have the log forget what is older than `keep`; the number of entries it forgot. Raises what the log raises.

    May be called again or at once from anywhere, and while others read: see server.log.base.Log.trim.
    """
    end = await stream.position()
    begun = first = await stream.first_seq()
    while following := _next_day(engine, stream.site, end.epoch, first, keep):
        await stream.trim(end.epoch, following)
        first = following
    if first > begun:
        _forget_texts(engine, stream.site, end.epoch, first)
    return first - begun


def _forget_texts(engine: Engine, site: str, epoch: str, first: int) -> None:
    """Of notices that were given in before the log's first entry, but for those of which it tells."""
    told = (known.site == site, known.epoch == epoch, known.seq >= first)
    with writing(engine) as db:
        begins = db.execute(select(known.at).where(*told, known.seq == first)).scalar_one()
        rows = db.execute(select(known.seq, known.data).where(*told, known.type == "notice-announced"))
        events = [read_event(site, epoch, row.seq, row.data) for row in rows]
        needed = [event.notice for event in events if isinstance(event, NoticeAnnounced)]
        texts = t.notices.c
        db.execute(delete(t.notices).where(texts.site == site, texts.created_at < begins, texts.id.not_in(needed)))


def _next_day(engine: Engine, site: str, epoch: str, first: int, keep: timedelta) -> int:
    """The seq of the `day-opened` up to which a log that begins at `first` may be trimmed next; 0: none."""
    cursor = read_cursor(engine, site)
    if first == 0 or cursor is None or cursor.epoch != epoch:
        return 0
    of_life = (known.site == site, known.epoch == epoch)
    opened = (*of_life, known.type == "day-opened", known.seq > first)
    with engine.connect() as db:
        newest = db.execute(select(known.at).where(*of_life, known.seq == cursor.seq)).scalar_one_or_none()
        day = db.execute(select(known.seq, known.at).where(*opened).order_by(known.seq).limit(1)).one_or_none()
        if day is None or newest is None or newest - day.at < keep:
            return 0
        before = (*of_life, known.seq >= first, known.seq < day.seq)
        archived: int = db.execute(select(func.count()).select_from(t.events).where(*before)).scalar_one()
    if archived < day.seq - first:
        lacks = f"{day.seq - first - archived} of the entries {first}–{day.seq - 1}"
        log.error("not-trimmed", site=site, why=f"the archive lacks {lacks}; see `antrean replay`")
        return 0
    return int(day.seq)
