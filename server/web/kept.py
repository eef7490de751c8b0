"""An answer of another machine, kept for some seconds: whoever asks waits neither long nor often."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Generic, TypeVar

import structlog

T = TypeVar("T")
FRESH = 5.0  # seconds
WITHIN = 2.0  # seconds

log = structlog.get_logger(__name__)


class Kept(Generic[T]):
    """name: what is asked for, in the program's own log. What `ask` raises of `trouble` means that there is no answer
    now. However many want to know, it is asked once."""

    def __init__(self, name: str, ask: Callable[[], Awaitable[T]], trouble: tuple[type[Exception], ...]) -> None:
        self._name, self._ask, self._trouble = name, ask, trouble
        self._asking: asyncio.Task[T | None] | None = None
        self._answered_at = 0.0
        self._well = True

    async def get(self) -> T | None:
        """At most FRESH seconds old; None when there was no answer WITHIN the time."""
        asking = self._asking
        if asking is None or (asking.done() and monotonic() - self._answered_at > FRESH):
            asking = self._asking = asyncio.create_task(self._question())
        await asyncio.wait({asking}, timeout=WITHIN)
        return asking.result() if asking.done() else None

    def forget(self) -> None:
        """What is kept is no longer true, nor what is being asked for now: whoever comes next asks anew."""
        self._asking = None

    async def _question(self) -> T | None:
        try:
            answer: T | None = await self._ask()
        except self._trouble as error:
            if self._well:
                log.warning("no-answer", of=self._name, why=str(error))
            answer = None
        if self._asking is asyncio.current_task():  # not forgotten meanwhile
            self._well = answer is not None
            self._answered_at = monotonic()
        return answer
