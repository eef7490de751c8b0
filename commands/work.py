"""`antrean work`: an RQ worker."""

import click

from commands.common import with_redis
from server.jobs import QUEUES
from workers.worker import work as run_worker


@click.command()
@click.argument("queue", type=click.Choice(QUEUES))
def work(queue: str) -> None:
    """A worker for one QUEUE. Needs ANTREAN_REDIS_URL."""
    run_worker(with_redis(), queue)
