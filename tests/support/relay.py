"""What the proxies of the tests have in common: each connection gets a way on, and both end together."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from contextlib import closing, suppress
from typing import Self
from weakref import WeakSet

Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Accept = Callable[[asyncio.StreamReader, asyncio.StreamWriter], None]

TAKEN = 5  # rounds of the loop in which a client that has just come is taken


class Relay(ABC):
    """Use it with `async with`. A relay says where it listens, where it goes on, and what becomes of what passes."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: WeakSet[asyncio.StreamWriter] = WeakSet()

    def abort(self) -> None:
        """Every connection ends now, at both sides, with what was on its way."""
        for writer in tuple(self._writers):
            writer.transport.abort()

    @abstractmethod
    async def _listen(self, accept: Accept) -> asyncio.Server:
        """A server that calls `accept` for each client."""

    @abstractmethod
    async def _go_on(self) -> Ends:
        """A connection to what is behind; OSError: the client is not taken."""

    @abstractmethod
    def _ways(self, near: Ends, far: Ends) -> tuple[Awaitable[None], Awaitable[None]]:
        """What passes there and back; when one ends, both do."""

    async def __aenter__(self) -> Self:
        self._server = await self._listen(self._accept)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for _round in range(TAKEN):
            await asyncio.sleep(0)
        while self._tasks:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
        self.abort()  # what a client does not take would keep its transport open
        await asyncio.gather(*[writer.wait_closed() for writer in self._writers], return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        task = asyncio.create_task(self._serve((reader, writer)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: writer.close())  # also of one that ended before it had begun

    async def _serve(self, near: Ends) -> None:
        with suppress(OSError, asyncio.CancelledError):
            far = await self._go_on()
            self._writers.add(far[1])
            with closing(far[1]):
                await _first_to_end(*self._ways(near, far))


async def _first_to_end(*works: Awaitable[None]) -> None:
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
