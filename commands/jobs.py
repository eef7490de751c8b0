"""`antrean jobs`: what the workers do, and what fails."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
import msgspec
from redis import Redis

from commands.common import FAILED, Sentence
from config.errors import shown
from config.settings import load_settings
from server import jobs
from server.host.valkey import Valkey


class Jobs(click.Group):
    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except jobs.NoSuchJob as error:
            raise Sentence(
                f"No job {shown(str(error))} has failed; `antrean jobs` tells which have.", FAILED
            ) from error


@click.group("jobs", cls=Jobs, invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def jobs_of_workers(context: click.Context, as_json: bool) -> None:
    """What the workers have to do, what they do, and what fails (without a word: shows it)."""
    context.obj = context.with_resource(_jobs())
    if context.invoked_subcommand is None:
        found = jobs.overview(context.obj)
        click.echo(msgspec.json.encode(found).decode() if as_json else jobs.text(found))


@jobs_of_workers.command()
@click.argument("job", metavar="[ID|all]", default="all")
@click.pass_obj
def retry(redis: Redis, job: str) -> None:
    """Do a failed job, or all of them, again now."""
    done = jobs.retry(redis, None if job == "all" else job)
    click.echo("\n".join(done) if done else "Tidak ada yang gagal.")


@jobs_of_workers.command()
@click.argument("job", metavar="ID")
@click.pass_obj
def forget(redis: Redis, job: str) -> None:
    """Throw a failed job away; if it is still to be done, it is offered again by itself."""
    jobs.forget(redis, job)


@click.command(hidden=True)
@click.argument("program", type=click.Choice(("dispatch", *jobs.QUEUES)))
def beats(program: str) -> None:
    """Whether this machine's dispatcher or worker has given a sign of life in the last minute (for containers)."""
    with _jobs() as redis:
        if not jobs.beats_here(redis, "" if program == "dispatch" else program):
            raise Sentence(f"{program} has given no sign of life for {jobs.SILENT_AFTER:g} s.", FAILED)


@contextmanager
def _jobs() -> Iterator[Redis]:
    """RQ's Redis: the one of the settings, or that of the hall that is open on this machine."""
    settings = load_settings()
    with jobs.connect(settings.jobs_url or Valkey(settings.data).url) as redis:
        yield redis
