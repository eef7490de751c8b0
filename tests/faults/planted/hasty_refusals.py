"""A refusal, or "nobody waits", is answered from what this process knows, without standing at the log's end."""

from collections.abc import Sequence

from server.domain.events import Entry
from server.log.base import Position
from server.log.redis_log import RedisLog
from tests.faults.planted import put


def plant() -> None:
    append = RedisLog.append

    async def hasty(self: RedisLog, after: Position, entries: Sequence[Entry]) -> None:
        if entries:
            await append(self, after, entries)

    put(RedisLog, "append", hasty)
