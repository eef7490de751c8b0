"""`antrean serve`: one server process."""

import click

from commands.common import first_run, with_redis
from server.host.screens import password
from server.web.run import serve as serve_hall


@click.command()
def serve() -> None:
    """One server process: HTTP, websockets, pages. Needs ANTREAN_REDIS_URL."""
    settings = with_redis()
    settings.data.mkdir(parents=True, exist_ok=True)
    if new_password := first_run(settings):
        click.echo(password(new_password))
    serve_hall(settings)
