"""Which speakers are connected to which server process, kept in Redis for as long as the process says so.

Nothing hangs on it but what people are shown: a speaker speaks with or without it.
"""

from collections.abc import Sequence
from datetime import datetime
from secrets import token_hex
from typing import Any

import msgspec

from server.log.base import LogUnavailable
from server.log.client import FAILURES, REPLY_WITHIN
from server.log.primary import connect

KEPT = 12  # seconds for which a process is believed after its last word

# KEYS[1] the hash. ARGV[1] a process, ARGV[2] its speakers, ARGV[3] seconds for which words are kept.
# Tells what all processes say.
TELL = """
local now = tonumber(redis.call('TIME')[1])
redis.call('HSET', KEYS[1], ARGV[1], now .. ' ' .. ARGV[2])
local said = redis.call('HGETALL', KEYS[1])
local found = {}
for i = 1, #said, 2 do
  local at, words = string.match(said[i + 1], '^(%d+) (.*)$')
  if now - tonumber(at) < tonumber(ARGV[3]) then
    found[#found + 1] = words
  else
    redis.call('HDEL', KEYS[1], said[i])
  end
end
redis.call('EXPIRE', KEYS[1], ARGV[3])
return found
"""


class Connected(msgspec.Struct, frozen=True):
    """A speaker as one process knows it: see `server.speech.Told`."""

    zone: str
    id: str
    since: datetime
    ready: bool
    holder: bool
    resting: bool
    saying: int | None


class SpeakerBoard:
    """One site's, for one process."""

    def __init__(self, site: str, url: str) -> None:
        self._key = f"antrean:{{{site}}}:speakers"
        self._process = token_hex(8)
        self._redis: Any = connect(url, REPLY_WITHIN)
        self._tell = self._redis.register_script(TELL)

    async def tell(self, speakers: Sequence[Connected]) -> list[Connected]:
        """These, and no others, are connected to this process; answers those of all, in the order in which they came.

        Raises LogUnavailable.
        """
        try:
            said = await self._tell(keys=[self._key], args=[self._process, msgspec.json.encode(speakers), KEPT])
        except FAILURES as error:
            raise LogUnavailable(str(error)) from error
        return sorted((one for words in said for one in _speakers(words)), key=lambda one: one.since)

    async def aclose(self) -> None:
        await self._redis.aclose()


def _speakers(words: bytes) -> list[Connected]:
    """None when they are of another version of ours, as while one process after another is renewed."""
    try:
        return msgspec.json.decode(words, type=list[Connected])
    except msgspec.ValidationError:
        return []
