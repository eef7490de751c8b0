"""What commands share: a mistake told in a sentence, the history's database, sites by their ids."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from msgspec import convert
from sqlalchemy import Engine

from config.errors import did_you_mean, shown
from config.settings import Settings, load_settings, unknown_variable_problems
from config.sites import load_sites
from server.domain.site import Site
from server.history.accounts import ensure_admin
from server.history.engine import connect
from server.history.migrate import migrate
from server.keeping.mark import must_be_whole

FAILED, REFUSED = 1, 2  # REFUSED: what is configured cannot work; to try again does not help


class Sentence(click.ClickException):
    """A known mistake as the reader sees it: no traceback."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code

    def show(self, file: Any = None) -> None:
        click.echo(self.message, err=True)


def warn() -> None:
    """Tells of variables that look like settings and are none."""
    for problem in unknown_variable_problems():
        click.echo(str(problem), err=True)


def with_redis() -> Settings:
    """The settings of a program that needs a server for its logs. Raises Sentence when they name none."""
    settings = load_settings()
    if settings.redis_url is None:
        raise Sentence(
            'ANTREAN_REDIS_URL is not set; name the Redis or Valkey server, or use "antrean up", which has its own.',
            REFUSED,
        )
    return settings


def first_run(settings: Settings) -> str | None:
    """What must be true before a hall opens; the admin's password when it was made just now. Raises KeepingError."""
    must_be_whole(settings.data)
    return ensure_admin(settings.database, settings.admin_password)


@contextmanager
def history(settings: Settings) -> Iterator[Engine]:
    """The history's database, brought up to date: these commands may be the first to use it. Raises KeepingError."""
    must_be_whole(settings.data)
    settings.data.mkdir(parents=True, exist_ok=True)
    migrate(settings.database)
    engine = connect(settings.database)
    try:
        yield engine
    finally:
        engine.dispose()


def one_site(sites: list[Site], site: str) -> Site:
    """Raises Sentence when there is no such site."""
    found = {one.id: one for one in sites}
    if site not in found:
        raise Sentence(f"There is no site {shown(site)}; {did_you_mean(site, found)}", REFUSED)
    return found[site]


def check_place(settings: Settings, role: str, site: str | None, agency: str | None) -> None:
    """Site and agency are those of the site files, and mean something for the role. Raises Sentence."""
    sites = [convert(one, Site) for one in load_sites(settings.sites)]
    here = sites if site is None else [one_site(sites, site)]
    agencies = {one.id for known in here for one in known.agencies}
    if agency is not None and agency not in agencies:
        raise Sentence(f"There is no agency {shown(agency)}; {did_you_mean(agency, agencies)}", REFUSED)
    if agency is not None and role != "operator":
        click.echo(f"--agency is only for operators; this {role} is for all agencies.", err=True)
    if site is not None and role == "admin":
        click.echo("--site is not for admins; this one is for all sites.", err=True)
