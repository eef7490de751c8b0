"""Restore: a backup into an empty place, as a new life of its logs.

A log that comes from a backup may lack what the hall had told before it was lost, so its epoch is a new one: screens and
programs that knew the former life begin anew. The history joins on by calling the life in which the backup was made
by the new name: entry for entry it is the same log, so nothing is recorded twice and trimming finds its archive.

A restore is done when SQL's transaction is; the logs come into being just before it ends. A mark in the data directory
stands from before the first change until after the last. Where one was left, a second restore looks whether SQL has
the whole; if not, it takes back the logs that the first had brought and begins anew.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

import msgspec
from alembic.util import CommandError
from msgspec import DecodeError
from sqlalchemy import Engine, select

from audio.clips import ClipStore
from server.domain.events import Entry
from server.history import tables as t
from server.history.engine import connect, put, writing
from server.history.migrate import migrate
from server.keeping import mark as marks
from server.keeping.errors import Damaged, KeepingError, Occupied
from server.keeping.form import Backup, sync_folder
from server.keeping.mark import Mark
from server.keeping.reading import decode_entry, log_part
from server.keeping.rows import Row, held, insert_rows, read_rows
from server.log.base import Position
from server.log.incoming import IncomingLog, sites_in

RESTORED = "restored"  # the secret that tells which restore filled this database
AT_ONCE = 200  # entries
CLIPS = "clips/"


async def restore(backup: Backup, database: str, url: str, data: Path, clips: Path) -> Mark | None:
    """Put a backup that was checked into the database, the server of logs at `url` and the folder `clips`.

    None when a restore that was cut off had done all of it already. Raises KeepingError, and what log and database
    raise; after that `marks.must_be_whole(data)` tells whether anything was begun.
    """
    with _connected(database) as engine:
        begun = marks.find(data)
        rows, by = _held_by(engine)
        if begun and by == begun.id:
            _finish(data, database)
            return None
        for site, epoch in begun.epochs.items() if begun else ():
            async with IncomingLog(site, url) as log:
                await log.take_back(epoch)
        _must_be_empty(rows, await sites_in(url))
        _make_tables(database, backup)
        mark = Mark(token_hex(8), {site: token_hex(8) for site in backup.manifest.logs})
        _write_durably(data / marks.NAME, msgspec.json.encode(mark))
        await _fill(backup, engine, url, clips, mark)
    _finish(data, database)
    return mark


@contextmanager
def laid_out(backup: Backup, folder: Path) -> Iterator[Engine]:
    """The history of a backup in a database of its own in `folder`, to be looked at."""
    url = f"sqlite:///{folder / 'history.sqlite3'}"
    _make_tables(url, backup)
    with _connected(url) as engine:
        with writing(engine) as db:
            insert_rows(db, backup)
        migrate(url)
        yield engine


def _make_tables(url: str, backup: Backup) -> None:
    """As they were when the backup was made; the steps that came since are done when they are filled."""
    try:
        migrate(url, backup.manifest.schema)
    except CommandError as error:
        raise KeepingError(
            f"{backup.path} was made by a newer version of antrean (database step {backup.manifest.schema}); "
            "update this one first."
        ) from error


@contextmanager
def _connected(url: str) -> Iterator[Engine]:
    engine = connect(url)
    try:
        yield engine
    finally:
        engine.dispose()


def _must_be_empty(rows: dict[str, int], sites: list[str]) -> None:
    held_here = [f"{count} {table}" for table, count in rows.items()] + [f"the log of {site}" for site in sites]
    if held_here:
        raise Occupied(
            f"Here is a hall already ({', '.join(held_here)}); a backup is restored into an empty place alone, and "
            "nothing was changed. Name an empty data directory with ANTREAN_DATA (and, where they are set, an empty "
            "database with ANTREAN_DATABASE_URL and a server without these logs with ANTREAN_REDIS_URL)."
        )


async def _fill(backup: Backup, engine: Engine, url: str, clips: Path, mark: Mark) -> None:
    _write_clips(backup, clips)
    logs = backup.manifest.logs
    for site in logs:
        async with IncomingLog(site, url) as log:
            await log.begin()
            for entries in _entries(backup, site):
                await log.write(entries)
    with writing(engine) as db:
        renamed = _renamed(backup, mark)
        insert_rows(db, backup, lambda row: _under_new_name(row, renamed))
        put(db, t.secrets, [{"name": RESTORED, "value": mark.id}])
        for site, kept in logs.items():
            if kept.last:
                async with IncomingLog(site, url) as log:
                    await log.adopt(kept.first, Position(mark.epochs[site], kept.last), kept.day)


def _entries(backup: Backup, site: str) -> Iterator[list[Entry]]:
    found: list[Entry] = []
    for line in backup.lines(log_part(site)):
        try:
            found.append(decode_entry(line))
        except DecodeError as error:
            raise Damaged(f"{backup.path} has an entry of {site} that cannot be read ({error}).") from error
        if len(found) == AT_ONCE:
            yield found
            found = []
    if found:
        yield found


def _renamed(backup: Backup, mark: Mark) -> dict[tuple[str, str], str]:
    """The new names of lives that go on, by site and former name; where the history had got beyond the log, the new
    life is read from its beginning."""
    logs = backup.manifest.logs
    return {
        (row["site"], row["epoch"]): mark.epochs[row["site"]]
        for row in read_rows(backup, t.cursors)
        if row["site"] in logs
        and (kept := logs[row["site"]]).epoch == row["epoch"]
        and kept.first - 1 <= row["seq"] <= kept.last
    }


def _under_new_name(row: Row, renamed: dict[tuple[str, str], str]) -> Row:
    name = renamed.get((row["site"], row["epoch"])) if "epoch" in row else None
    return {**row, "epoch": name} if name else row


def _held_by(engine: Engine) -> tuple[dict[str, int], str | None]:
    """What the database holds, and which restore has filled it."""
    wanted = select(t.secrets.c.value).where(t.secrets.c.name == RESTORED)
    with engine.connect() as db:
        rows = held(db)
        return rows, db.execute(wanted).scalar_one_or_none() if "secrets" in rows else None


def _write_clips(backup: Backup, clips: Path) -> None:
    shelf = ClipStore(clips).phrases
    for name in backup.manifest.parts:
        if name.startswith(CLIPS):
            digest = name.removeprefix(CLIPS).removesuffix(".wav")
            if not digest.isalnum():
                raise Damaged(f"{backup.path} has a recording with a strange name ({name}).")
            shelf.path(digest).parent.mkdir(parents=True, exist_ok=True)
            _write_durably(shelf.path(digest), backup.content(name))


def _write_durably(path: Path, content: bytes) -> None:
    beside = path.with_name(f".{path.name}.{token_hex(4)}")
    with beside.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    sync_folder(path.parent)


def _finish(data: Path, database: str) -> None:
    migrate(database)
    (data / marks.NAME).unlink()
    sync_folder(data)
