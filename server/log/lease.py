"""Who may speak in a zone: a key with a holder and an expiry, one speaker at a time across all server processes.

Beside it a key that says what was last given to a speaker of the zone, for the process to which that speaker comes back.
"""

from collections.abc import Sequence
from typing import Any, Protocol

from server.domain.turns import Tenure
from server.log.base import LogUnavailable
from server.log.client import FAILURES, REPLY_WITHIN, Script
from server.log.primary import connect

# KEYS[1] the zone's key, KEYS[2] what was last given there. ARGV[1] the holder, ARGV[2] milliseconds of the lease,
# ARGV[3] the announcement that it is given, if any. Answers a Tenure.
HOLD = """
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
if ARGV[3] then redis.call('SET', KEYS[2], ARGV[3]) end
return holder and 2 or 1
"""
GAVE = "return redis.call('GET', KEYS[1]) == ARGV[1] and 1 or 0"
RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end"


class Lease(Protocol):
    """All methods raise LogUnavailable when it is unknown who holds the zone."""

    async def hold(self, zone: str, holder: str, seconds: float, announcement: int | None = None) -> Tenure:
        """Take or renew the zone for `seconds` from now. announcement: what the holder is to be given."""

    async def gave(self, zone: str, announcement: int) -> bool:
        """Whether it is what was last given in the zone."""

    async def release(self, zone: str, holder: str) -> None:
        """Let go of the zone, if it is the holder's."""


class RedisLease:
    """Its words are sure, as those of the log are: a lease that a new primary did not know would let two speak."""

    def __init__(self, site: str, url: str) -> None:
        self._prefix, self._given = f"antrean:{{{site}}}:speaker:", f"antrean:{{{site}}}:given:"
        self._redis = connect(url, REPLY_WITHIN)
        self._hold, self._gave, self._release = map(Script, (HOLD, GAVE, RELEASE))

    async def hold(self, zone: str, holder: str, seconds: float, announcement: int | None = None) -> Tenure:
        given = [] if announcement is None else [announcement]
        keys, args = [self._prefix + zone, self._given + zone], [holder, round(seconds * 1000), *given]
        return Tenure(await self._run(self._hold, keys, args))

    async def gave(self, zone: str, announcement: int) -> bool:
        return bool(await self._run(self._gave, [self._given + zone], [announcement]))

    async def release(self, zone: str, holder: str) -> None:
        await self._run(self._release, [self._prefix + zone], [holder])

    async def aclose(self) -> None:
        await self._redis.aclose()

    async def _run(self, script: Script, keys: Sequence[str], args: Sequence[Any]) -> Any:
        try:
            return await self._redis.run(script, keys, args)
        except FAILURES as error:
            raise LogUnavailable(str(error)) from error
