"""A client of one Redis or Valkey, as a log needs it: it keeps time, and never sends a command twice."""

import asyncio
from collections.abc import Sequence
from hashlib import sha1
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError

REPLY_WITHIN = 3.0  # seconds; an fsync on a worn card may take one
RETRIES = 0  # of the client by itself: an append that is repeated would write twice
FAILURES = (RedisError, OSError)


class Script:
    """Lua that a server remembers by its digest."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.digest = sha1(text.encode(), usedforsecurity=False).hexdigest()


class Client(Redis):
    """Its methods raise one of FAILURES; TimeoutError when there is no answer after `reply_within` seconds.

    It keeps time itself: redis-py's `socket_timeout` uses `wait_for`, which on Python 3.11 may swallow the
    cancellation of the task that asks, so that a hall would not end.
    """

    reply_within = REPLY_WITHIN

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        try:
            async with asyncio.timeout(self.reply_within):
                return await super().execute_command(*args, **options)  # type: ignore[no-untyped-call]  # no types in redis-py
        except TimeoutError:
            raise self._silent() from None

    async def together(self, *commands: Sequence[Any]) -> list[Any]:
        """The replies to these commands, sent at once and done in their order on one connection.

        Raises the first error among them; the others may have been done.
        """
        try:
            async with asyncio.timeout(self.reply_within), self.pipeline(transaction=False) as pipe:
                for command in commands:
                    pipe.execute_command(*command)
                replies: list[Any] = await pipe.execute(raise_on_error=False)
        except TimeoutError:
            raise self._silent() from None
        for reply in replies:
            if isinstance(reply, Exception):
                raise reply
        return replies

    async def sure(self, *commands: Sequence[Any]) -> list[Any]:
        """Like `together`; on return, whatever happens to machines, nothing that was written or read is lost.

        Of a server alone that fsyncs before it answers, every answer is sure.
        """
        return await self.together(*commands)

    async def run(self, script: Script, keys: Sequence[str], args: Sequence[Any] = ()) -> Any:
        """The script's answer, sure. A server that does not know the script has done nothing, and is told it whole."""
        rest = (len(keys), *keys, *args)
        try:
            return (await self.sure(("EVALSHA", script.digest, *rest)))[0]
        except NoScriptError:
            return (await self.sure(("EVAL", script.text, *rest)))[0]

    def _silent(self) -> TimeoutError:
        return TimeoutError(f"no answer within {self.reply_within:g} s")


def no_retries() -> Retry:
    return Retry(NoBackoff(), RETRIES)
