"""A site's log in a Redis or Valkey stream that fsyncs before it answers."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from secrets import token_hex
from time import monotonic
from typing import Any, cast

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, RedisError, ResponseError

from server.domain.events import DayOpened, Entry, decode, encode
from server.log.base import Conflict, LogUnavailable, LogUnsafe, Position, Trimmed

APPEND = (Path(__file__).parent / "append.lua").read_text()
RENEW = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('SET', KEYS[1], ARGV[2]) end"
TRIM = """
local day = tonumber(redis.call('GET', KEYS[3]) or 0)
if redis.call('GET', KEYS[2]) == ARGV[1] and tonumber(ARGV[2]) <= day then
  redis.call('XTRIM', KEYS[1], 'MINID', ARGV[2] .. '-0')
end
"""
REPLY_WITHIN = 3.0  # seconds; an fsync on a worn card may take one
LONGEST_BLOCK = 2.0  # seconds; less than REPLY_WITHIN, or a wait would look like a server that does not answer
OLDEST_REDIS = (7, 2)
SAFE = {  # what a server needs to keep what it acknowledges
    "appendonly": "yes",
    "appendfsync": "always",
    "no-appendfsync-on-rewrite": "no",
    "maxmemory-policy": "noeviction",
}

FAILURES = (RedisError, OSError)


class RedisLog:
    """The stream `antrean:{SITE}:events`; all its keys share one hash tag, so they live on one node of a cluster."""

    def __init__(self, site: str, url: str) -> None:
        self.site = site
        self.events = f"antrean:{{{site}}}:events"
        self.epoch = f"antrean:{{{site}}}:epoch"
        self.day = f"antrean:{{{site}}}:day"
        self._redis: Any = connect(url, REPLY_WITHIN)
        self._append = self._redis.register_script(APPEND)

    async def position(self) -> Position:
        await must_be_safe(self._redis)
        fresh = token_hex(8).encode()
        epoch = await self._ask("SET", self.epoch, fresh, "NX", "GET", get=True) or fresh
        newest = await self._ask("XREVRANGE", self.events, "+", "-", "COUNT", 1)
        return Position(epoch.decode(), _seq(newest[0][0]) if newest else 0)

    async def append(self, after: Position, entries: Sequence[Entry]) -> None:
        opened = [entry.seq for entry in entries if isinstance(entry.event, DayOpened)]
        events = [encode(entry.event) for entry in entries]
        keys = [self.events, self.epoch, self.day]
        args = [after.epoch, after.seq, opened[-1] if opened else "", *events]
        try:
            reply = await self._append(keys=keys, args=args)
        except FAILURES as error:
            raise LogUnavailable(str(error)) from error
        if reply[0] != 1:
            raise Conflict(after, Position(reply[1].decode(), reply[2]))

    async def read(self, after: int, limit: int = 1000) -> list[Entry]:
        return _entries(await self._ask("XRANGE", self.events, f"{after + 1}-0", "+", "COUNT", limit), after)

    async def wait(self, after: int, seconds: float) -> list[Entry]:
        until = monotonic() + seconds
        while True:
            left = min(until - monotonic(), LONGEST_BLOCK)
            block = max(1, round(left * 1000))  # 0 would mean for ever
            found = await self._ask("XREAD", "COUNT", 1000, "BLOCK", block, "STREAMS", self.events, f"{after}-0")
            if found:
                return _entries(found[0][1], after)
            if monotonic() >= until:
                return []

    async def day_start(self) -> int:
        return int(await self._ask("GET", self.day) or 0)

    async def first_seq(self) -> int:
        found = await self._ask("XRANGE", self.events, "-", "+", "COUNT", 1)
        return _seq(found[0][0]) if found else 0

    async def renew(self, lost: Position) -> None:
        await self._ask("EVAL", RENEW, 1, self.epoch, lost.epoch, token_hex(8))

    async def trim(self, epoch: str, before: int) -> None:
        keys = (self.events, self.epoch, self.day)
        await self._ask("EVAL", TRIM, len(keys), *keys, epoch, before)

    async def aclose(self) -> None:
        await self._redis.aclose()

    async def _ask(self, *command: Any, **options: Any) -> Any:
        try:
            return await self._redis.execute_command(*command, **options)
        except FAILURES as error:
            raise LogUnavailable(str(error)) from error


class _Client(Redis):
    """Keeps time itself: redis-py's `socket_timeout` uses `wait_for`, which on Python 3.11 may swallow the
    cancellation of the task that asks, so that a hall would not end."""

    reply_within = REPLY_WITHIN

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        try:
            async with asyncio.timeout(self.reply_within):
                return await super().execute_command(*args, **options)  # type: ignore[no-untyped-call]  # so in redis-py
        except TimeoutError:
            raise TimeoutError(f"no answer within {self.reply_within:g} s") from None


def connect(url: str, reply_within: float) -> Redis:
    """A client that never repeats a command by itself: a repeated append would write twice.

    Its commands raise one of FAILURES; TimeoutError when there is no answer after `reply_within` seconds.
    """
    client: Any = _Client.from_url(url, retry=Retry(NoBackoff(), 0), socket_timeout=None, protocol=2)
    client.reply_within = reply_within
    return cast(Redis, client)


async def must_be_safe(redis: Any) -> None:
    """Raises LogUnsafe when this server may forget what it acknowledges; LogUnavailable when it does not answer."""
    try:
        config = await redis.execute_command("CONFIG GET", *SAFE)
        info = await redis.execute_command("INFO", "server")
    except (ResponseError, AuthenticationError) as error:
        raise LogUnsafe(
            f"This Redis does not tell whether it keeps what it acknowledges ({error}): correct the user and "
            "password in ANTREAN_REDIS_URL, and allow that user CONFIG GET and INFO."
        ) from error
    except FAILURES as error:
        raise LogUnavailable(str(error)) from error
    needed = [f"{name} {value}" for name, value in SAFE.items() if config.get(name) != value]
    if needed:
        raise LogUnsafe(
            "This Redis may forget what it acknowledged: start it with "
            + " and ".join(f"`{setting}`" for setting in needed)
            + ", or on a running one: "
            + "".join(f"CONFIG SET {setting}; " for setting in needed)
            + "CONFIG REWRITE."
        )
    version = info["redis_version"]
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST_REDIS:
        raise LogUnsafe(f"Redis {version} is too old: Redis 7.2 or Valkey 8 and later keep this log.")


def _seq(entry_id: bytes) -> int:
    return int(entry_id.partition(b"-")[0])


def _entries(found: list[tuple[bytes, dict[bytes, bytes]]], after: int) -> list[Entry]:
    entries = [Entry(_seq(entry_id), decode(fields[b"e"])) for entry_id, fields in found]
    if entries and entries[0].seq > after + 1:
        raise Trimmed(entries[0].seq)
    return entries
