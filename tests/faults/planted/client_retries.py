"""The client of the log sends a command again by itself when its reply was cut off; and the append has no condition,
for with one the second attempt would be refused."""

from typing import Any, cast

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from server.log import redis_log
from tests.faults.planted import no_condition


def plant() -> None:
    no_condition.plant()

    def connect(url: str, reply_within: float) -> Redis:
        client: Any = Redis.from_url(url, retry=Retry(NoBackoff(), 3), socket_timeout=reply_within, protocol=2)
        return cast(Redis, client)

    redis_log.connect = connect
