"""A site's log in a Redis or Valkey stream that fsyncs before it answers, on one machine or on several."""

from collections.abc import Sequence
from pathlib import Path
from secrets import token_hex
from time import monotonic
from typing import Any

from server.domain.events import DayOpened, Entry, decode, encode
from server.log.base import Conflict, LogUnavailable, Position, Trimmed
from server.log.client import FAILURES, REPLY_WITHIN, Script
from server.log.primary import PrimaryClient, connect
from server.log.safety import must_be_safe

APPEND = (Path(__file__).parent / "append.lua").read_text()
RENEW = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('SET', KEYS[1], ARGV[2]) end"
TRIM = """
local day = tonumber(redis.call('GET', KEYS[3]) or 0)
if redis.call('GET', KEYS[2]) == ARGV[1] and tonumber(ARGV[2]) <= day then
  redis.call('XTRIM', KEYS[1], 'MINID', ARGV[2] .. '-0')
end
"""
LONGEST_BLOCK = 1.0  # seconds; so much less than REPLY_WITHIN that a disk which stalls does not look like a log away


class RedisLog:
    """The stream `antrean:{SITE}:events`; all its keys share one hash tag, so they live on one node of a cluster."""

    def __init__(self, site: str, url: str) -> None:
        self.site = site
        self.events = f"antrean:{{{site}}}:events"
        self.epoch = f"antrean:{{{site}}}:epoch"
        self.day = f"antrean:{{{site}}}:day"
        self._redis = connect(url, REPLY_WITHIN)
        self._append = Script(APPEND)

    async def position(self) -> Position:
        await must_be_safe(self._redis)
        _, epoch, newest = await self._sure(
            ("SETNX", self.epoch, token_hex(8)),
            ("GET", self.epoch),
            ("XREVRANGE", self.events, "+", "-", "COUNT", 1),
        )
        return Position(epoch.decode(), _seq(newest[0][0]) if newest else 0)

    async def append(self, after: Position, entries: Sequence[Entry]) -> None:
        opened = [entry.seq for entry in entries if isinstance(entry.event, DayOpened)]
        events = [encode(entry.event) for entry in entries]
        keys = [self.events, self.epoch, self.day]
        args = [after.epoch, after.seq, opened[-1] if opened else "", *events]
        try:
            reply = await self._redis.run(self._append, keys, args)
        except FAILURES as error:
            raise LogUnavailable(str(error)) from error
        if reply[0] != 1:
            raise Conflict(after, Position(reply[1].decode(), reply[2]))

    async def read(self, after: int, limit: int = 1000) -> list[Entry]:
        [found] = await self._sure(("XRANGE", self.events, f"{after + 1}-0", "+", "COUNT", limit))
        return _entries(found, after)

    async def wait(self, after: int, seconds: float) -> list[Entry]:
        until = monotonic() + seconds
        while True:
            left = min(until - monotonic(), LONGEST_BLOCK)
            block = max(1, round(left * 1000))  # 0 would mean for ever
            found = await self._ask("XREAD", "COUNT", 1000, "BLOCK", block, "STREAMS", self.events, f"{after}-0")
            if found and isinstance(self._redis, PrimaryClient):
                return await self.read(after)  # what was heard so far may be the word of a primary that was replaced
            if found:
                return _entries(found[0][1], after)
            if monotonic() >= until:
                return []

    async def day_start(self) -> int:
        [day] = await self._sure(("GET", self.day))
        return int(day or 0)

    async def first_seq(self) -> int:
        [found] = await self._sure(("XRANGE", self.events, "-", "+", "COUNT", 1))
        return _seq(found[0][0]) if found else 0

    async def renew(self, lost: Position) -> None:
        await self._sure(("EVAL", RENEW, 1, self.epoch, lost.epoch, token_hex(8)))

    async def trim(self, epoch: str, before: int) -> None:
        keys = (self.events, self.epoch, self.day)
        await self._sure(("EVAL", TRIM, len(keys), *keys, epoch, before))

    async def aclose(self) -> None:
        await self._redis.aclose()

    async def _ask(self, *command: Any) -> Any:
        try:
            return await self._redis.execute_command(*command)
        except FAILURES as error:
            raise LogUnavailable(str(error)) from error

    async def _sure(self, *commands: Sequence[Any]) -> list[Any]:
        try:
            return await self._redis.sure(*commands)
        except FAILURES as error:
            raise LogUnavailable(str(error)) from error


def _seq(entry_id: bytes) -> int:
    return int(entry_id.partition(b"-")[0])


def _entries(found: list[tuple[bytes, dict[bytes, bytes]]], after: int) -> list[Entry]:
    entries = [Entry(_seq(entry_id), decode(fields.get(b"e", b""))) for entry_id, fields in found]
    if entries and entries[0].seq > after + 1:
        raise Trimmed(entries[0].seq)
    return entries
