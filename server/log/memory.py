"""The twin of a log, in memory: for the rules of a log to be tested once, and for halls that live in a test."""

import asyncio
from collections.abc import Sequence
from secrets import token_hex

from server.domain.events import DayOpened, Entry, decode, encode
from server.log.base import Conflict, Position, Trimmed


class MemoryLog:
    def __init__(self, site: str) -> None:
        self.site = site
        self._epoch = token_hex(8)
        self._first = 1
        self._events: list[bytes] = []
        self._day = 0
        self._grown = asyncio.Condition()

    @property
    def _last(self) -> int:
        return self._first + len(self._events) - 1

    async def position(self) -> Position:
        return Position(self._epoch, self._last)

    async def append(self, after: Position, entries: Sequence[Entry]) -> None:
        async with self._grown:
            if after != Position(self._epoch, self._last):
                raise Conflict(after, Position(self._epoch, self._last))
            self._events.extend(encode(entry.event) for entry in entries)
            for entry in entries:
                if isinstance(entry.event, DayOpened):
                    self._day = entry.seq
            self._grown.notify_all()

    async def read(self, after: int, limit: int = 1000) -> list[Entry]:
        if after + 1 < self._first and self._events:
            raise Trimmed(self._first)
        at = after + 1 - self._first
        return [Entry(after + 1 + n, decode(data)) for n, data in enumerate(self._events[at : at + limit])]

    async def wait(self, after: int, seconds: float) -> list[Entry]:
        async with self._grown:
            try:
                async with asyncio.timeout(seconds):
                    await self._grown.wait_for(lambda: self._last > after)
            except TimeoutError:
                return []
        return await self.read(after)

    async def day_start(self) -> int:
        return self._day

    async def first_seq(self) -> int:
        return self._first if self._events else 0

    async def renew(self, lost: Position) -> None:
        if self._epoch == lost.epoch:
            self._epoch = token_hex(8)

    async def trim(self, epoch: str, before: int) -> None:
        if epoch != self._epoch or before > self._day:
            return
        gone = max(0, before - self._first)
        del self._events[:gone]
        self._first += gone

    async def aclose(self) -> None:
        return None
