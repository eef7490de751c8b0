"""The door: the command line. It may import everything; nobody imports it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click
from msgspec import convert
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from config.errors import ConfigError, Problem, did_you_mean, shown
from config.settings import CHECKOUT, Settings, load_settings, unknown_variable_problems
from config.sites import load_sites
from demo.run import TOKEN as DEMO_TOKEN
from demo.run import demo as live
from server.domain.days import is_open
from server.domain.site import Site
from server.history.accounts import ROLES, create_token, ensure_admin, forget_tokens
from server.history.engine import connect
from server.history.migrate import migrate
from server.history.reports import report_text
from server.host.children import Child
from server.host.errors import HostError
from server.host.parent import command, programs
from server.host.parent import up as keep_open
from server.host.screens import ALL_CLOSED, password
from server.web.run import serve as serve_hall
from workers.dispatch import dispatch as run_dispatcher
from workers.worker import work as run_worker

QUEUES = ("voice", "metrics")
FAILED, REFUSED = 1, 2  # REFUSED: what is configured cannot work; to try again does not help


class Sentence(click.ClickException):
    """A known mistake as the reader sees it: no traceback."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code

    def show(self, file: Any = None) -> None:
        click.echo(self.message, err=True)


class Door(click.Group):
    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ConfigError as error:
            raise Sentence(str(error), REFUSED) from error
        except HostError as error:
            raise Sentence(str(error), FAILED) from error
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
    with _history(settings) as engine:
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
@click.argument("queue", type=click.Choice(QUEUES))
def work(queue: str) -> None:
    """A worker for one QUEUE. Needs ANTREAN_REDIS_URL."""
    run_worker(_with_redis(), queue)


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


@main.group()
def token() -> None:
    """Tokens with which other programs use the API."""


@token.command()
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--site", metavar="S", help="The id of the one site it is for; left out: all sites.")
@click.option("--agency", metavar="A", help="The id of the one agency it is for (operators).")
def create(role: str, site: str | None, agency: str | None) -> None:
    """Make a token; it is the last word printed and cannot be shown again."""
    settings = load_settings()
    sites = {known["id"]: known for known in load_sites(settings.sites)}
    if site is not None and site not in sites:
        raise Sentence(f"There is no site {shown(site)}; {did_you_mean(site, sites)}", REFUSED)
    agencies = {a["id"] for known in sites.values() if site in (None, known["id"]) for a in known["agencies"]}
    if agency is not None and agency not in agencies:
        raise Sentence(f"There is no agency {shown(agency)}; {did_you_mean(agency, agencies)}", REFUSED)
    if agency is not None and role != "operator":
        click.echo(f"--agency is only for operators; this {role} is for all agencies.", err=True)
    if site is not None and role == "admin":
        click.echo("--site is not for admins; this one is for all sites.", err=True)
    with _history(settings) as engine:
        click.echo(create_token(engine, role, site, agency))


@main.command()
@click.argument("day", default="today", metavar="[today|DATE]")
def report(day: str) -> None:
    """Issued, served, no-shows and waiting times of each agency on a business day (DATE: 2026-11-21)."""
    on = None if day == "today" else _date(day)
    settings = load_settings()
    sites = load_sites(settings.sites)
    with _history(settings):
        click.echo(report_text(settings.database, sites, on))


@contextmanager
def _history(settings: Settings) -> Iterator[Engine]:
    """The history's database, brought up to date: these commands may be the first to use it."""
    settings.data.mkdir(parents=True, exist_ok=True)
    migrate(settings.database)
    engine = connect(settings.database)
    try:
        yield engine
    finally:
        engine.dispose()


def _date(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise Sentence(f'"{text}" is no date; write it like 2026-11-21, or today', REFUSED) from None


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


if __name__ == "__main__":
    main(prog_name="antrean")
