"""Who may speak in a zone: a key with a holder and an expiry, one speaker at a time across all server processes."""

from typing import Any, Protocol

from server.domain.turns import Tenure
from server.log.base import LogUnavailable
from server.log.redis_log import FAILURES, REPLY_WITHIN, connect

HOLD = """
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return holder and 2 or 1
"""
RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end"


class Lease(Protocol):
    """Both methods raise LogUnavailable when it is unknown who holds the zone."""

    async def hold(self, zone: str, holder: str, seconds: float) -> Tenure:
        """Take or renew the zone for `seconds` from now."""

    async def release(self, zone: str, holder: str) -> None:
        """Let go of the zone, if it is the holder's."""


class RedisLease:
    def __init__(self, site: str, url: str) -> None:
        self._prefix = f"antrean:{{{site}}}:speaker:"
        self._redis: Any = connect(url, REPLY_WITHIN)
        self._hold = self._redis.register_script(HOLD)
        self._release = self._redis.register_script(RELEASE)

    async def hold(self, zone: str, holder: str, seconds: float) -> Tenure:
        try:
            return Tenure(await self._hold(keys=[self._prefix + zone], args=[holder, round(seconds * 1000)]))
        except FAILURES as error:
            raise LogUnavailable(str(error)) from error

    async def release(self, zone: str, holder: str) -> None:
        try:
            await self._release(keys=[self._prefix + zone], args=[holder])
        except FAILURES as error:
            raise LogUnavailable(str(error)) from error

    async def aclose(self) -> None:
        await self._redis.aclose()
