"""Who may speak in a zone: a key with a holder and an expiry, one speaker at a time across all server processes."""

from collections.abc import Sequence
from typing import Any, Protocol

from server.domain.turns import Tenure
from server.log.base import LogUnavailable
from server.log.client import FAILURES, REPLY_WITHIN, Script
from server.log.primary import connect

# KEYS[1] the zone's key. ARGV[1] the holder, ARGV[2] milliseconds of the lease. Answers a Tenure.
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
    """Its words are sure, as those of the log are: a lease that a new primary did not know would let two speak."""

    def __init__(self, site: str, url: str) -> None:
        self._prefix = f"antrean:{{{site}}}:speaker:"
        self._redis = connect(url, REPLY_WITHIN)
        self._hold, self._release = Script(HOLD), Script(RELEASE)

    async def hold(self, zone: str, holder: str, seconds: float) -> Tenure:
        return Tenure(await self._run(self._hold, [self._prefix + zone], [holder, round(seconds * 1000)]))

    async def release(self, zone: str, holder: str) -> None:
        await self._run(self._release, [self._prefix + zone], [holder])

    async def aclose(self) -> None:
        await self._redis.aclose()

    async def _run(self, script: Script, keys: Sequence[str], args: Sequence[Any]) -> Any:
        try:
            return await self._redis.run(script, keys, args)
        except FAILURES as error:
            raise LogUnavailable(str(error)) from error
