"""`antrean backup` and `antrean restore`: all that a hall remembers, into one file and back."""

import asyncio
from pathlib import Path

import click

from commands.common import history
from config.settings import load_settings
from config.sites import load_sites
from server.host.briefly import logs_of, logs_of_closed
from server.keeping.backup import backup as keep
from server.keeping.form import opened
from server.keeping.restore import restore as put_back

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=FILE)
@click.option("--clips", is_flag=True, help="The recordings of the voices too; without them they are made anew.")
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
def backup(file: Path, clips: bool, force: bool) -> None:
    """Keep the logs and the database in FILE; the hall may be open. FILE holds password hashes: keep it to yourself."""
    settings = load_settings()
    with logs_of(settings) as url, history(settings) as engine:
        kept = asyncio.run(keep(file, engine, url, settings.clips if clips else None, force=force))
    made = kept.manifest
    for site, log in made.logs.items():
        entries = f"{log.last - log.first + 1} entries ({log.first}–{log.last})" if log.last else "an empty log"
        click.echo(f"{site}: {entries}, life {log.epoch}")
    rows = made.lines("sql")
    click.echo("SQL: " + ", ".join(f"{rows[name]} {name}" for name in ("events", "tickets", "visits", "accounts")))
    if recordings := len(made.lines("clips")):
        click.echo(f"{recordings} recordings")
    for doubt in kept.doubts:
        click.echo(f"DOUBTFUL {doubt}")
    if kept.doubts:
        click.echo(
            "Is this the hall's own database, and are these its logs? ANTREAN_DATA, ANTREAN_DATABASE_URL and "
            "ANTREAN_REDIS_URL must be as they are for the hall itself."
        )
    click.echo(f"{file}: {file.stat().st_size / 1e6:.1f} MB, whole. `antrean verify {file}` proves it.")


@click.command()
@click.argument("file", type=FILE)
def restore(file: Path) -> None:
    """Put the backup FILE into an empty data directory (and an empty database), with the hall closed everywhere."""
    settings = load_settings()
    known = {one["id"] for one in load_sites(settings.sites)}  # before anything is done: they may be missing here
    with opened(file) as kept:
        kept.check()
        with logs_of_closed(settings) as url:
            done = asyncio.run(put_back(kept, settings.database, url, settings.data, settings.clips))
        made = kept.manifest
    if done is None:
        click.echo("The restore that was cut off had done all of it already.")
    for site, log in made.logs.items():
        life = f", now of the life {done.epochs[site]}" if done else ""
        click.echo(f"{site}: as it was at entry {log.last}{life}")
    for site in sorted(made.logs.keys() - known):
        click.echo(f"{site} is in none of the site files; name its own with ANTREAN_SITES before the hall is opened.")
    click.echo(f"Made at {made.made_at:%Y-%m-%d %H:%M} UTC. What happened later is not in it: open with `antrean up`.")
