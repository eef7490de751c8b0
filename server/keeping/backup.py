"""Backup: the memory of a running hall into one file.

What is written must belong together though the hall goes on meanwhile. So the parts are read in this order:

1. what SQL has drawn from the logs (archive, tickets, visits, announcements, names, cursors, lives), all as of one
   moment. The logs are read later, so they are never behind this history; what they have more is recorded after the
   restore, as on any day;
2. the logs, each up to where it ended when its turn came. If one was trimmed in between beyond this history, or began
   another life, all of it is begun anew;
3. the truths of SQL (notices, pronunciations, answers, accounts, tokens, secrets), again as of one moment. A notice's
   text is in SQL before its event is in the log, so each notice of 2 has its text in 3; an account or token may be
   younger than the log, which harms nobody. Trimming takes texts away, so if a log was trimmed by then, all of it is
   begun anew.

Rows and entries pass through in small pieces; nothing is held in memory as a whole.
"""

from collections.abc import Iterator
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct
from sqlalchemy import Engine, select

from audio.clips import ClipStore
from server.domain.events import DayOpened
from server.history import tables as t
from server.history.engine import reading
from server.history.migrate import revision
from server.history.record import Cursor
from server.keeping.errors import Unsound
from server.keeping.form import KeptLog, Manifest, Writer, written
from server.keeping.joint import misfits
from server.keeping.reading import log_part, told
from server.keeping.rows import OF_THE_LOG, TRUTH, held, write_rows
from server.log.base import Position, Trimmed
from server.log.incoming import sites_in
from server.log.redis_log import RedisLog

ATTEMPTS = 3


class Kept(Struct, frozen=True):
    """doubts: why history and logs may not be those of one hall, in words."""

    manifest: Manifest
    doubts: tuple[str, ...]


class _Moved(Exception):
    """Log and history, as they were read, do not belong together."""


async def backup(path: Path, engine: Engine, url: str, clips: Path | None, *, force: bool) -> Kept:
    """Write all that the logs at `url` and the database hold into `path`, and the recordings of the folder `clips`.

    Raises KeepingError, with nothing at `path` that was not there before; and what log and database raise.
    """
    with engine.connect() as db:
        if "accounts" not in held(db):
            raise Unsound(
                "This database knows no account, so no hall was ever opened with it; give the settings of the hall "
                "(ANTREAN_DATA, ANTREAN_DATABASE_URL, ANTREAN_REDIS_URL)."
            )
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with written(path, force=force) as writer:
                return await _write(writer, engine, url, clips, last_attempt=attempt == ATTEMPTS)
        except (_Moved, Trimmed):
            continue
    raise Unsound("A log was trimmed or began another life while it was read, again and again; try again later.")


async def _write(writer: Writer, engine: Engine, url: str, clips: Path | None, *, last_attempt: bool) -> Kept:
    """A history that does not go on in its log, even after a while, has a hole, or the log lost its end: it is kept as it
    is, with a word about it."""
    made_at = datetime.now(UTC)
    with reading(engine) as db:
        schema = revision(db)
        write_rows(db, OF_THE_LOG, writer)
        cursors = {row.site: Cursor(row.epoch, row.seq, row.day) for row in db.execute(select(t.cursors))}
    logs: dict[str, KeptLog] = {}
    doubts: list[str] = []
    for site in await sites_in(url):
        async with aclosing(RedisLog(site, url)) as log:
            first, end = await log.first_seq(), await log.position()
            found = [*misfits(cursors.get(site), first, end)]
            if found and not last_attempt:
                raise _Moved
            doubts += (f"{site}: {one}" for one in [*_strangers(cursors.get(site), end), *found])
            logs[site] = await _write_log(writer, log, first, end)
    doubts += (f"{site}: there is a history and no log" for site in sorted(cursors.keys() - logs.keys()))
    with reading(engine) as db:
        write_rows(db, TRUTH, writer)
    for site, kept in logs.items():
        async with aclosing(RedisLog(site, url)) as log:
            if (await log.position()).epoch != kept.epoch or await log.first_seq() > max(1, kept.first):
                raise _Moved
    if clips:
        _write_clips(writer, clips)
    return Kept(writer.finish(made_at, schema, logs), tuple(doubts))


def _strangers(cursor: Cursor | None, end: Position) -> Iterator[str]:
    """So it is in a hall that was opened just now, and where a log is kept with the database of another hall."""
    if end.seq and cursor is None:
        yield "nothing of this log is recorded in the database"
    if end.seq and cursor and cursor.epoch != end.epoch:
        yield "the database has recorded another life of this log"


async def _write_log(writer: Writer, log: RedisLog, first: int, end: Position) -> KeptLog:
    day = 0
    with writer.part(log_part(log.site)) as part:
        async for entry in told(log, first, end.seq):
            if isinstance(entry, str):
                raise Unsound(f"The log of {log.site} is damaged, {entry}: see `antrean verify`. Nothing was written.")
            part.line(entry)
            if isinstance(entry.event, DayOpened):
                day = entry.seq
    return KeptLog(end.epoch, first, end.seq, day)


def _write_clips(writer: Writer, clips: Path) -> None:
    for file in sorted(ClipStore(clips).phrases.files()):
        try:
            sound = file.read_bytes()
        except FileNotFoundError:  # the hall goes on: it has just cleared it away
            continue
        with writer.part(f"clips/{file.name}") as part:
            part.write(sound)
