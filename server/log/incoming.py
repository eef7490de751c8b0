"""Logs that come from a backup, whole: laid beside, then made the log of their site in one step, in a life of their own."""

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from server.domain.events import Entry, encode
from server.log.base import Conflict, LogUnavailable, Position
from server.log.client import FAILURES, REPLY_WITHIN
from server.log.primary import connect
from server.log.redis_log import RedisLog
from server.log.safety import must_be_safe

ADOPT = (Path(__file__).parent / "adopt.lua").read_text()
TAKE_BACK = """
if redis.call('GET', KEYS[2]) == ARGV[1] then redis.call('DEL', KEYS[1], KEYS[2], KEYS[3]) end
redis.call('DEL', KEYS[4])
"""
WRITE_WITHIN = 30.0  # seconds for some hundred entries; a day-opened may have megabytes


async def sites_in(url: str) -> list[str]:
    """The ids of all sites that have a log on the server at `url`. Raises LogUnavailable, LogUnsafe."""
    redis: Any = connect(url, REPLY_WITHIN)
    try:
        await must_be_safe(redis)
        found = [key async for key in redis.scan_iter(match="antrean:{*}:events", count=1000)]
    except FAILURES as error:
        raise LogUnavailable(str(error)) from error
    finally:
        await redis.aclose()
    return sorted(match[1] for key in found if (match := re.fullmatch(r"antrean:\{(.+)\}:events", key.decode())))


class IncomingLog:
    """The log of one site. Every method raises LogUnavailable when it is unknown whether it was done."""

    def __init__(self, site: str, url: str) -> None:
        self._log = RedisLog(site, url)
        self._incoming = f"antrean:{{{site}}}:incoming"
        self._keys = (self._log.events, self._log.epoch, self._log.day, self._incoming)
        self._redis: Any = connect(url, REPLY_WITHIN)

    async def begin(self) -> None:
        """Forget what was laid beside before."""
        await self._ask("DEL", self._incoming)

    async def write(self, entries: Sequence[Entry]) -> None:
        """Lay these beside, after those written before."""
        pipe = self._redis.pipeline(transaction=False)
        for entry in entries:
            pipe.execute_command("XADD", self._incoming, f"{entry.seq}-0", "e", encode(entry.event))
        try:
            async with asyncio.timeout(WRITE_WITHIN):
                await pipe.execute()
        except FAILURES as error:
            raise LogUnavailable(str(error)) from error

    async def adopt(self, first: int, end: Position, day: int) -> None:
        """Make what was written, the entries from `first` to `end`, the site's log; on return it is on disk.

        day: the seq of its last day-opened, 0 for none. Raises Conflict when the site has a log, and LogUnavailable when
        not all entries are there any more, as after a machine that had not passed them on was replaced.
        """
        reply = await self._ask("EVAL", ADOPT, len(self._keys), *self._keys, end.epoch, first, end.seq, day)
        if reply[0] == 0:
            raise Conflict(end, Position(reply[1].decode(), reply[2]))
        if reply[0] != 1:
            raise LogUnavailable(f"of {end.seq - first + 1} entries that were written, {reply[1]} are there")
        await self._log.append(end, ())

    async def take_back(self, epoch: str) -> None:
        """Delete the log if it lives the life `epoch`, and what was laid beside."""
        await self._ask("EVAL", TAKE_BACK, len(self._keys), *self._keys, epoch)

    async def __aenter__(self) -> "IncomingLog":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._redis.aclose()
        await self._log.aclose()

    async def _ask(self, *command: Any) -> Any:
        try:
            return await self._redis.execute_command(*command)
        except FAILURES as error:
            raise LogUnavailable(str(error)) from error
