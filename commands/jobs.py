"""`antrean jobs`: what the workers do, and what fails."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import click
import msgspec
from redis import Redis

from commands.common import FAILED, Sentence
from config.errors import shown
from config.settings import load_settings
from server import jobs
from server.host.valkey import Valkey
from server.jobs import Overview
from server.web.pages import words


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
        click.echo(msgspec.json.encode(found).decode() if as_json else _text(found))


@jobs_of_workers.command()
@click.argument("job", metavar="[ID|all]", default="all")
@click.pass_obj
def retry(redis: Redis, job: str) -> None:
    """Do a failed job, or all of them, again now."""
    done = jobs.retry(redis, None if job == "all" else job)
    click.echo("\n".join(done) if done else words("id")["jobs.failing.none"])


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


def _text(found: Overview) -> str:
    """For a terminal: queues, programs, and what fails."""
    now, said = datetime.now(UTC), words("id")
    parts = [
        _table(
            [said[key] for key in ("jobs.queue", "jobs.queued", "jobs.started", "jobs.failed")],
            [(_kind(one.name, said), str(one.queued), str(one.started), str(one.failed)) for one in found.shelves],
        ),
        _table(
            [said[key] for key in ("jobs.program", "jobs.machine", "jobs.process", "jobs.state", "jobs.sign")],
            [
                (
                    _kind(one.queue, said),
                    one.host,
                    str(one.pid),
                    one.state if one.alive else said["jobs.silent"],
                    _ago(one.seen, now, said),
                )
                for one in found.hands
            ],
        )
        if found.hands
        else said["jobs.nobody"],
    ]
    failing = [one for one in found.tasks if one.failures]
    for one in failing:
        when = f"{said['jobs.last']} {_ago(one.at, now, said)}, " if one.status == "failed" and one.at else ""
        times = said["jobs.times"].format(n=one.failures)
        parts.append(f"{one.id}\n  {_kind(one.queue, said)}: {one.about}\n  {times}, {when}{one.reason or '–'}")
    return "\n\n".join(parts if failing else [*parts, said["jobs.failing.none"]])


def _kind(queue: str, said: Mapping[str, str]) -> str:
    return said.get(f"jobs.kind.{queue or 'dispatch'}", queue)


def _ago(at: datetime, now: datetime, said: Mapping[str, str]) -> str:
    seconds = max(0, round((now - at).total_seconds()))
    for unit, length in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= length:
            return said[f"jobs.ago.{unit}"].format(n=seconds // length)
    return said["jobs.ago.seconds"].format(n=seconds)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in (head, *rows)
    )


@contextmanager
def _jobs() -> Iterator[Redis]:
    """RQ's Redis: the one of the settings, or that of the hall that is open on this machine."""
    settings = load_settings()
    with jobs.connect(settings.jobs_url or Valkey(settings.data).url) as redis:
        yield redis
