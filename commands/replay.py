"""`antrean replay`: the history in SQL is proved to be what archive and log tell; what is not can be put right."""

import asyncio

import click
from msgspec import convert
from sqlalchemy import Engine

from commands.common import FAILED, history, one_site
from config.settings import load_settings
from config.sites import load_sites
from server.domain.site import Site
from server.history.archive import Damaged
from server.history.replay import Incomplete, Replay, repair, words
from server.history.replay import replay as draw_again
from server.host.valkey import Valkey
from server.log.base import LogError
from server.log.redis_log import RedisLog

ATTEMPTS = 5  # to write between two records of an open hall


@click.command()
@click.option("--site", metavar="S", help="The id of the one site it is about; left out: all sites.")
@click.option("--write", is_flag=True, help="Put the rows that differ right.")
def replay(site: str | None, write: bool) -> None:
    """Draw the history once more from archive and log, and prove it equal, row by row; the hall may be open."""
    settings = load_settings()
    sites = [convert(one, Site) for one in load_sites(settings.sites)]
    chosen = [one_site(sites, site)] if site is not None else sites
    url = settings.redis_url or Valkey(settings.data).url
    with history(settings) as engine:
        proved = [asyncio.run(_prove(engine, RedisLog(one.id, url), write)) for one in chosen]
    raise SystemExit(0 if all(proved) else FAILED)


async def _prove(engine: Engine, log: RedisLog, write: bool) -> bool:
    """Whether every row is proved. A log that does not answer, as behind a closed hall, is left out."""
    try:
        stream = log if await _answers(log) else None
        found = await _replay(engine, log.site, stream)
        if found.equal or not write:
            return found.equal
        for _ in range(ATTEMPTS):
            if repair(engine, found):
                click.echo(f"  put right: {sum(1 for one in found.differences if one.again)} rows.")
                break
            found = await draw_again(engine, log.site, stream)
        return (await _replay(engine, log.site, stream)).equal
    except (Damaged, Incomplete) as error:
        click.echo(str(error))
    except LogError as error:
        click.echo(f"{log.site}: the log changed or went away while it was read ({error}); try again.")
    finally:
        await log.aclose()
    return False


async def _answers(log: RedisLog) -> bool:
    try:
        await log.position()
    except LogError as error:
        click.echo(f"{log.site}: the log does not answer ({error}); the archive alone is asked.")
        return False
    return True


async def _replay(engine: Engine, site: str, stream: RedisLog | None) -> Replay:
    found = await draw_again(engine, site, stream)
    for line in words(found):
        click.echo(line)
    return found
