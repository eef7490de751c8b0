"""`antrean dispatch`: the dispatcher."""

import click

from commands.common import with_redis
from workers.dispatch import dispatch as run_dispatcher


@click.command()
def dispatch() -> None:
    """The dispatcher: turns events of the log into jobs. Needs ANTREAN_REDIS_URL."""
    run_dispatcher(with_redis())
