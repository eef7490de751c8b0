"""The door: the command line. It may import everything; nobody imports it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import msgspec
from msgspec import convert
from redis import Redis, RedisError
from sqlalchemy.exc import SQLAlchemyError

from audio.errors import AudioError
from commands.common import FAILED, REFUSED, Sentence, history
from commands.loudspeaker import speaker
from commands.people import account, token
from commands.replay import replay
from commands.reports import report
from config.errors import ConfigError, Problem, shown
from config.settings import CHECKOUT, Settings, load_settings, unknown_variable_problems
from config.sites import load_sites
from demo.run import TOKEN as DEMO_TOKEN
from demo.run import demo as live
from server import jobs
from server.domain.days import is_open
from server.domain.site import Site
from server.history.accounts import AccountError, create_token, ensure_admin, forget_tokens
from server.host.children import Child
from server.host.errors import HostError
from server.host.parent import command, programs
from server.host.parent import up as keep_open
from server.host.screens import ALL_CLOSED, password
from server.host.valkey import Valkey
from server.web.run import serve as serve_hall
from workers.dispatch import dispatch as run_dispatcher
from workers.voices import voices
from workers.worker import work as run_worker


class Door(click.Group):
    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ConfigError as error:
            raise Sentence(str(error), REFUSED) from error
        except (HostError, AccountError, AudioError) as error:
            raise Sentence(str(error), FAILED) from error
        except jobs.NoSuchJob as error:
            raise Sentence(
                f"No job {shown(str(error))} has failed; `antrean jobs` tells which have.", FAILED
            ) from error
        except RedisError as error:
            raise Sentence(
                f"Redis does not answer ({error}); is the hall open? See ANTREAN_REDIS_URL.", FAILED
            ) from error
        except SQLAlchemyError as error:
            reason = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
            raise Sentence(f"The database cannot be used ({reason}); see ANTREAN_DATABASE_URL.", FAILED) from error


@click.group(cls=Door, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Antrean: the queue of a public service hall, from the number at the kiosk to the call at the counter.

    Settings come from the environment (ANTREAN_…), sites from TOML files; see README.md.
    """


@main.command()
def up() -> None:
    """Open the hall on this machine: Valkey, server, dispatcher, workers. Ctrl-C closes it."""
    _warn()
    settings = load_settings()
    raise SystemExit(keep_open(settings, prepare=lambda: _first_run(settings), note=_hours(settings)))


def _hours(settings: Settings) -> str:
    """Advice for whoever tries a hall at night: every agency is closed now."""
    now = datetime.now(UTC)
    sites = [convert(one, Site) for one in load_sites(settings.sites, always_open=settings.always_open)]
    return "" if any(is_open(site, agency, now) for site in sites for agency in site.agencies) else ALL_CLOSED


def _first_run(settings: Settings) -> str | None:
    return ensure_admin(settings.database, settings.admin_password)


@main.command()
@click.option("--speed", type=float, metavar="N", help="How much faster than life, such as 60.")
def demo(speed: float | None) -> None:
    """Open the hall with simulated visitors and operators, apart from the real one (in var/demo)."""
    _warn()
    os.environ.setdefault("ANTREAN_ALWAYS_OPEN", "1")
    if not os.environ.get("ANTREAN_DATA"):
        os.environ["ANTREAN_DATA"] = str(CHECKOUT / "var" / "demo")
    if speed is not None:
        os.environ["ANTREAN_SPEED"] = str(speed)
    settings = load_settings()
    if settings.redis_url or settings.database_url:
        raise Sentence(
            "The demo keeps apart from a real hall: unset ANTREAN_REDIS_URL and ANTREAN_DATABASE_URL for it.", REFUSED
        )
    raise SystemExit(keep_open(settings, prepare=lambda: _first_run(settings), children=_programs_and_visitors))


def _programs_and_visitors(settings: Settings) -> tuple[Child, ...]:
    with history(settings) as engine:
        forget_tokens(engine, label="demo")
        token = create_token(engine, "operator", label="demo")
    visitors = command("visitors", settings, "visitors", patience=3, more={DEMO_TOKEN: token})
    return (visitors, *programs(settings))


@main.command(hidden=True)
def visitors() -> None:
    """The simulated visitors and operators alone, against the server of the settings."""
    live(load_settings())


@main.command()
def serve() -> None:
    """One server process: HTTP, websockets, pages. Needs ANTREAN_REDIS_URL."""
    settings = _with_redis()
    settings.data.mkdir(parents=True, exist_ok=True)
    if new_password := _first_run(settings):
        click.echo(password(new_password))
    serve_hall(settings)


@main.command()
def dispatch() -> None:
    """The dispatcher: turns events of the log into jobs. Needs ANTREAN_REDIS_URL."""
    run_dispatcher(_with_redis())


@main.command()
@click.argument("queue", type=click.Choice(jobs.QUEUES))
def work(queue: str) -> None:
    """A worker for one QUEUE. Needs ANTREAN_REDIS_URL."""
    run_worker(_with_redis(), queue)


@main.group("jobs", invoke_without_command=True)
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


@main.command(hidden=True)
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


main.add_command(voices)
main.add_command(speaker)


@main.command("check-config")
@click.argument("files", nargs=-1, metavar="[FILE]...", type=click.Path(path_type=Path))
def check_config(files: tuple[Path, ...]) -> None:
    """Check the settings and the site files (or only the given site files) and tell every mistake."""
    problems: list[Problem] = list(unknown_variable_problems())
    settings, sites = None, []
    try:
        settings = load_settings()
    except ConfigError as error:
        problems += error.problems
    try:
        sites = load_sites(files or (settings.sites if settings else _sites_named()))
    except ConfigError as error:
        problems += error.problems
    if problems:
        for problem in problems:
            click.echo(str(problem), err=True)
        n = len(problems)
        raise Sentence(f"{n} kesalahan · {n} mistake{'s' if n > 1 else ''}", FAILED)
    counted = {word: sum(len(s[key]) for s in sites) for word, key in COUNTED.items()}
    click.echo(f"{len(sites)} situs, {', '.join(f'{n} {word}' for word, n in counted.items())}: benar.")


def _sites_named() -> tuple[Path, ...]:
    """The site files of an environment in which something else is wrong."""
    named = [part.strip() for part in os.environ.get("ANTREAN_SITES", "").split(",")]
    default: tuple[Path, ...] = Settings.model_fields["sites"].default
    return tuple(Path(part) for part in named if part) or default


COUNTED = {"zona": "zones", "instansi": "agencies", "layanan": "services", "loket": "counters"}


def _with_redis() -> Settings:
    settings = load_settings()
    if settings.redis_url is None:
        raise Sentence(
            'ANTREAN_REDIS_URL is not set; name the Redis or Valkey server, or use "antrean up", which has its own.',
            REFUSED,
        )
    return settings


def _warn() -> None:
    for problem in unknown_variable_problems():
        click.echo(str(problem), err=True)


for about_sql in (token, account, report, replay):
    main.add_command(about_sql)

if __name__ == "__main__":
    main(prog_name="antrean")
