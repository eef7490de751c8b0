"""`antrean up`: the hall of this machine."""

from datetime import UTC, datetime

import click
from msgspec import convert

from commands.common import first_run, warn
from config.settings import Settings, load_settings
from config.sites import load_sites
from server.domain.days import is_open
from server.domain.site import Site
from server.host.parent import up as keep_open
from server.host.screens import ALL_CLOSED


@click.command()
def up() -> None:
    """Open the hall on this machine: Valkey, server, dispatcher, workers. Ctrl-C closes it."""
    warn()
    settings = load_settings()
    raise SystemExit(keep_open(settings, prepare=lambda: first_run(settings), note=_hours(settings)))


def _hours(settings: Settings) -> str:
    """Advice for whoever tries a hall at night: every agency is closed now."""
    now = datetime.now(UTC)
    sites = [convert(one, Site) for one in load_sites(settings.sites, always_open=settings.always_open)]
    return "" if any(is_open(site, agency, now) for site in sites for agency in site.agencies) else ALL_CLOSED
