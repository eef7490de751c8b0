"""What every server process knows of itself and of the devices that talk to it, kept in Redis beside the logs.

Nothing hangs on it but what people are shown: a hall lives with or without it. A device is remembered until it is
dismissed or was not heard of for a week; a process until it says that it ends, or for a day.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from server.log.base import LogUnavailable
from server.log.client import FAILURES, REPLY_WITHIN
from server.log.primary import connect

DEVICES_KEPT = timedelta(days=7)
SERVERS_KEPT = timedelta(days=1)
MOST_DEVICES = 1000  # of all sites: a TV's socket is open to everybody

# KEYS: servers, devices, seen. ARGV: this process, its word; how many devices may be known; seconds for which all is
# kept; how many devices are described; for each its key and description; then pairs of a key and for how many seconds
# that device has been silent. Answers the keys for which no description is known.
TELL = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.3f ', now) .. ARGV[2])
local at = 6
for _ = 1, tonumber(ARGV[5]) do
  if redis.call('HEXISTS', KEYS[2], ARGV[at]) == 1 or redis.call('HLEN', KEYS[2]) < tonumber(ARGV[3]) then
    redis.call('HSET', KEYS[2], ARGV[at], ARGV[at + 1])
  end
  at = at + 2
end
local unknown = {}
while at < #ARGV do
  if redis.call('HEXISTS', KEYS[2], ARGV[at]) == 1 then
    redis.call('HSET', KEYS[3], ARGV[at], string.format('%.3f', now - tonumber(ARGV[at + 1])))
  else
    unknown[#unknown + 1] = ARGV[at]
  end
  at = at + 2
end
for _, key in ipairs(KEYS) do
  redis.call('EXPIRE', key, ARGV[4])
end
return unknown
"""


T = TypeVar("T")


class Standing(Struct, frozen=True):
    """How one hall stands in one process. seq: what it has confirmed; lag: how many entries the log was ahead of that
    when it was told. available: the process reaches the log. phones: their number. others: how many sockets told no
    device's name, by `kind/place`."""

    seq: int
    lag: int
    available: bool
    phones: int = 0
    others: dict[str, int] = {}


class Server(Struct, frozen=True):
    """A server process in its own words. halls: by site."""

    host: str
    port: int
    pid: int
    since: datetime
    halls: dict[str, Standing]

    @property
    def name(self) -> str:
        """The same after a restart."""
        return f"{self.host}:{self.port}"


class Device(Struct, frozen=True):
    """A screen or a loudspeaker. id: chosen by itself, at random. kind: tv, kiosk, counter, hall or speaker.
    place: its zone's or counter's id, if it has one. since: when it last connected."""

    site: str
    kind: str
    place: str
    id: str
    address: str
    since: datetime

    @property
    def key(self) -> str:
        """Two windows of one browser at two places are two devices."""
        return "/".join((self.site, self.kind, self.place, self.id))


class Known(Struct, frozen=True):
    """What is known at the moment `at`, on the clock of Redis.

    servers: each with when it last spoke. devices: each with when it was last heard. ends, dispatched: by site, the
    seq at which its log ends, and up to which the dispatcher has read. redis: what its INFO says.
    """

    at: datetime
    servers: list[tuple[Server, datetime]]
    devices: list[tuple[Device, datetime]]
    ends: dict[str, int]
    dispatched: dict[str, int]
    redis: dict[str, Any]


class DeviceBoard:
    """One process's. Every method raises LogUnavailable when Redis does not answer."""

    def __init__(self, url: str) -> None:
        self._servers, self._devices, self._seen = (
            f"antrean:{{health}}:{name}" for name in ("servers", "devices", "seen")
        )
        self._redis = connect(url, REPLY_WITHIN)

    async def tell(self, server: Server, described: Collection[Device], silent: Mapping[str, float]) -> set[str]:
        """This is how the process stands. silent: for how many seconds each device, by its key, has been silent.

        Answers the keys of those that must be described before they are remembered.
        """
        known: list[Any] = [part for device in described for part in (device.key, msgspec.json.encode(device))]
        heard: list[Any] = [part for key, seconds in silent.items() for part in (key, f"{seconds:.3f}")]
        limits = (MOST_DEVICES, round(DEVICES_KEPT.total_seconds()), len(described))
        keys = (self._servers, self._devices, self._seen)
        word = msgspec.json.encode(server)
        told = ("EVAL", TELL, len(keys), *keys, server.name, word, *limits, *known, *heard)
        (unknown,) = await self._all([told])
        return {key.decode() for key in unknown}

    async def ends(self, sites: Collection[str]) -> dict[str, int]:
        """Where the log of each site ends."""
        found = await self._all([_end(site) for site in sites])
        return {site: _seq(newest) for site, newest in zip(sites, found, strict=True)}

    async def read(self, sites: Collection[str]) -> Known:
        """What all processes have told; what is too old is forgotten."""
        asked: list[Sequence[Any]] = [("TIME",), ("INFO",)]
        asked += [("HGETALL", key) for key in (self._servers, self._devices, self._seen)]
        asked += [_end(site) for site in sites]
        asked += [("GET", f"antrean:{{{site}}}:dispatch") for site in sites]
        time, info, servers, devices, seen, *of_sites = await self._all(asked)
        now = datetime.fromtimestamp(time[0] + time[1] / 1e6, UTC)
        ends, cursors = of_sites[: len(sites)], of_sites[len(sites) :]
        known = Known(
            now,
            [found for word in servers.values() if (found := _server(word))],
            [(one, _time(seen.get(key, b"0"))) for key, told in devices.items() if (one := _read(told, Device))],
            {site: _seq(newest) for site, newest in zip(sites, ends, strict=True)},
            {site: int(msgspec.json.decode(told)["seq"]) for site, told in zip(sites, cursors, strict=True) if told},
            info,
        )
        await self.forget([device.key for device, at in known.devices if now - at > DEVICES_KEPT])
        for old in [one.name for one, at in known.servers if now - at > SERVERS_KEPT]:
            await self.forget_server(old)
        return known

    async def forget(self, devices: Collection[str]) -> None:
        """By their keys. One that is heard of again is remembered again."""
        await self._all([("HDEL", key, *devices) for key in (self._devices, self._seen) if devices])

    async def forget_server(self, name: str) -> None:
        await self._all([("HDEL", self._servers, name)])

    async def aclose(self) -> None:
        await self._redis.aclose()

    async def _all(self, commands: Sequence[Sequence[Any]]) -> list[Any]:
        try:
            return await self._redis.together(*commands) if commands else []
        except FAILURES as error:
            raise LogUnavailable(str(error)) from error


def _end(site: str) -> tuple[Any, ...]:
    return ("XREVRANGE", f"antrean:{{{site}}}:events", "+", "-", "COUNT", 1)


def _seq(newest: list[tuple[bytes, Any]]) -> int:
    return int(newest[0][0].partition(b"-")[0]) if newest else 0


def _server(told: bytes) -> tuple[Server, datetime] | None:
    at, _, word = told.partition(b" ")
    server = _read(word, Server)
    return (server, _time(at)) if server else None


def _read(word: bytes, kind: type[T]) -> T | None:
    """None for what a process of another version has told in its own way."""
    try:
        return msgspec.json.decode(word, type=kind)
    except msgspec.MsgspecError:
        return None


def _time(told: bytes) -> datetime:
    return datetime.fromtimestamp(float(told), UTC)
