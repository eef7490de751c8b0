"""`antrean verify`: the logs, the numbers and the history of a hall, or of a backup, are proved to be sound."""

import asyncio
import sqlite3
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

import click
from sqlalchemy import Engine, select
from sqlalchemy.exc import OperationalError

from commands.common import FAILED, REFUSED, Sentence, history
from config.errors import did_you_mean, shown
from config.settings import load_settings
from server.history import tables as t
from server.host.briefly import logs_of
from server.keeping.form import opened
from server.keeping.reading import LogOfBackup
from server.keeping.restore import laid_out
from server.keeping.verify import verify as prove
from server.keeping.verify import words
from server.log.incoming import sites_in
from server.log.redis_log import RedisLog


@click.command()
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--site", metavar="S", help="The id of the one site it is about; left out: all that have a log.")
def verify(file: Path | None, site: str | None) -> None:
    """Fold the logs, judge numbers and tickets, compare with SQL, and say what differs; the hall may be open or closed.

    With FILE: the same for a backup.
    """
    try:
        sound = _backup(file, site) if file else _hall(site)
    except OperationalError as error:
        if getattr(error.orig, "sqlite_errorcode", None) != sqlite3.SQLITE_FULL:
            raise
        room = f"The history does not fit into {gettempdir()}, where it is drawn again; name a folder on a larger disk"
        raise Sentence(f"{room} with TMPDIR, such as TMPDIR=/var/tmp.", FAILED) from error
    raise SystemExit(0 if sound else FAILED)


def _hall(site: str | None) -> bool:
    settings = load_settings()
    with logs_of(settings) as url, history(settings) as engine:
        sites = _chosen(asyncio.run(sites_in(url)), engine, site)
        proved = [asyncio.run(_proved(engine, RedisLog(one, url))) for one in sites]
    return all(proved)


def _backup(file: Path, site: str | None) -> bool:
    with opened(file) as kept, TemporaryDirectory(prefix="antrean-verify-") as folder:
        kept.check()
        with laid_out(kept, Path(folder)) as engine:
            sites = _chosen(list(kept.manifest.logs), engine, site)
            proved = [asyncio.run(_told(engine, LogOfBackup(kept, one))) for one in sites]
    return all(proved)


def _chosen(logs: list[str], engine: Engine, site: str | None) -> list[str]:
    """Those that have a log or a history."""
    with engine.connect() as db:
        found = sorted({*logs, *db.execute(select(t.cursors.c.site)).scalars()})
    if site is not None and site not in found:
        raise Sentence(f"There is no log of {shown(site)}; {did_you_mean(site, found)}", REFUSED)
    if not found:
        raise Sentence("There is nothing to verify: no site has a log or a history here.", FAILED)
    return found if site is None else [site]


async def _proved(engine: Engine, log: RedisLog) -> bool:
    try:
        return await _told(engine, log)
    finally:
        await log.aclose()


async def _told(engine: Engine, log: RedisLog | LogOfBackup) -> bool:
    found = await prove(engine, log)
    for line in words(found):
        click.echo(line)
    return not found.wrong
