"""What a command brought is shown and answered before it is on the disk."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from server.domain.events import Entry
from server.log.base import LogError, Position
from server.log.redis_log import RedisLog
from tests.faults.planted import put

WRITING: set[asyncio.Task[None]] = set()


def plant() -> None:
    append = RedisLog.append

    async def later(self: RedisLog, after: Position, entries: Sequence[Entry]) -> None:
        async def write() -> None:
            with suppress(LogError):
                await append(self, after, entries)

        task = asyncio.create_task(write())
        WRITING.add(task)
        task.add_done_callback(WRITING.discard)

    put(RedisLog, "append", later)
