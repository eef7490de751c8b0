"""A site's log in a Redis or Valkey stream that fsyncs before it answers."""

from collections.abc import Sequence
from pathlib import Path
from secrets import token_hex
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from server.domain.events import DayOpened, Entry, decode, encode
from server.log.base import Conflict, LogUnavailable, LogUnsafe, Position, Trimmed

APPEND = (Path(__file__).parent / "append.lua").read_text()
RENEW = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('SET', KEYS[1], ARGV[2]) end"
REPLY_WITHIN = 3.0  # seconds; an fsync on a worn card may take one
OLDEST_REDIS = (7, 2)

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
        await self._refuse_unsafe()
        await self._ask("SET", self.epoch, token_hex(8), "NX")
        epoch = (await self._ask("GET", self.epoch)).decode()
        if not await self._ask("EXISTS", self.events):
            return Position(epoch, 0)
        info = await self._ask("XINFO STREAM", self.events)
        return Position(epoch, _seq(info["last-generated-id"]))

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
        block = max(1, round(seconds * 1000))
        found = await self._ask("XREAD", "COUNT", 1000, "BLOCK", block, "STREAMS", self.events, f"{after}-0")
        return _entries(found[0][1], after) if found else []

    async def day_start(self) -> int:
        return int(await self._ask("GET", self.day) or 0)

    async def first_seq(self) -> int:
        found = await self._ask("XRANGE", self.events, "-", "+", "COUNT", 1)
        return _seq(found[0][0]) if found else 0

    async def renew(self, lost: Position) -> None:
        await self._ask("EVAL", RENEW, 1, self.epoch, lost.epoch, token_hex(8))

    async def trim(self, before: int) -> None:
        await self._ask("XTRIM", self.events, "MINID", f"{before}-0")

    async def aclose(self) -> None:
        await self._redis.aclose()

    async def _ask(self, *command: Any) -> Any:
        try:
            return await self._redis.execute_command(*command)
        except FAILURES as error:
            raise LogUnavailable(str(error)) from error

    async def _refuse_unsafe(self) -> None:
        config = await self._ask("CONFIG GET", "appendonly", "appendfsync")
        if config != {"appendonly": "yes", "appendfsync": "always"}:
            raise LogUnsafe(
                "This Redis forgets what it acknowledged when the power fails: start it with "
                "`appendonly yes` and `appendfsync always`, or on a running one: "
                "CONFIG SET appendonly yes; CONFIG SET appendfsync always; CONFIG REWRITE."
            )
        version = (await self._ask("INFO", "server"))["redis_version"]
        if tuple(int(part) for part in version.split(".")[:2]) < OLDEST_REDIS:
            raise LogUnsafe(f"Redis {version} is too old: Redis 7.2 or Valkey 8 and later keep this log.")


def connect(url: str, reply_within: float) -> Redis:
    """A client that never repeats a command by itself: a repeated append would write twice."""
    return Redis.from_url(
        url,
        retry=Retry(NoBackoff(), 0),
        socket_timeout=reply_within,
        socket_connect_timeout=reply_within,
        protocol=2,
    )


def _seq(entry_id: bytes) -> int:
    return int(entry_id.partition(b"-")[0])


def _entries(found: list[tuple[bytes, dict[bytes, bytes]]], after: int) -> list[Entry]:
    entries = [Entry(_seq(entry_id), decode(fields[b"e"])) for entry_id, fields in found]
    if entries and entries[0].seq > after + 1:
        raise Trimmed(entries[0].seq)
    return entries
