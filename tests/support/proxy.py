"""A proxy between a client and a Redis that does to requests what networks do.

It listens on a unix socket, in the loop of the test, or in a thread (`in_thread`) for tests without one. A fault
strikes the first request that contains its word, once.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from tests.support.relay import Accept, Ends, Relay

APPEND = b'"cause":{'  # what stands in every event, and so in each append that brings one
Kind = Literal["swallow", "cut-after", "cut-before", "cut-midway", "hold", "delay", "late"]


class Fault:
    """swallow: the request arrives, no reply ever comes. cut-after: it arrives, then the connection is cut in place of
    the reply. cut-before: it is cut in place of the request. cut-midway: half of the request arrives. hold: it arrives
    after `let_go`, even if the client has gone. delay: it arrives `seconds` later. late: so it does, and the reply
    comes after `let_go`."""

    def __init__(self, kind: Kind, word: bytes, seconds: float = 0.0) -> None:
        self.kind, self.word, self.seconds = kind, word, seconds
        self.struck = asyncio.Event()
        self.let_go = asyncio.Event()
        self.arrived = asyncio.Event()


class _Connection:
    """One client and its way on. deaf: the fault for which nothing comes back any more, or only later."""

    def __init__(self) -> None:
        self.deaf: Fault | None = None


class Proxy(Relay):
    """Use it with `async with`. upstream: the path of the Redis' socket. requests: what clients sent, in pieces."""

    def __init__(self, folder: Path, upstream: Path) -> None:
        super().__init__()
        self.path = folder / "proxy.sock"
        self.upstream = upstream
        self.requests: list[bytes] = []
        self._passes = asyncio.Event()
        self._passes.set()
        self._faults: list[Fault] = []

    @property
    def url(self) -> str:
        return f"unix://{self.path}"

    def strike(self, kind: Kind, word: bytes = APPEND, seconds: float = 0.0) -> Fault:
        fault = Fault(kind, word, seconds)
        self._faults.append(fault)
        return fault

    def cut(self) -> None:
        """The network is gone: nothing passes any more, and no connection ends."""
        self._passes.clear()

    def mend(self) -> None:
        """It is back, and what was on its way arrives."""
        self._passes.set()

    def count(self, word: bytes) -> int:
        """How many requests had this word in them."""
        return sum(word in request for request in self.requests)

    async def _listen(self, accept: Accept) -> asyncio.Server:
        return await asyncio.start_unix_server(accept, self.path)

    async def _go_on(self) -> Ends:
        return await asyncio.open_unix_connection(self.upstream)

    def _ways(self, near: Ends, far: Ends) -> tuple[Awaitable[None], Awaitable[None]]:
        connection = _Connection()
        return self._requests(connection, near[0], far[1]), self._replies(connection, far[0], near[1])

    async def _requests(
        self, connection: _Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while data := await reader.read(1 << 20):
            self.requests.append(data)
            fault = next((fault for fault in self._faults if fault.word in data), None)
            if fault:
                self._faults.remove(fault)
                fault.struck.set()
            if fault and fault.kind == "cut-before":
                return
            if fault and fault.kind == "cut-midway":
                data = data[: len(data) // 2]
            if fault and fault.kind in ("swallow", "cut-after", "hold", "late"):
                connection.deaf = fault
            if fault and fault.kind == "hold":
                await fault.let_go.wait()
            if fault and fault.kind in ("delay", "late"):
                await asyncio.sleep(fault.seconds)
            await self._passes.wait()
            writer.write(data)
            await writer.drain()
            if fault and fault.kind == "cut-midway":
                return
        if connection.deaf:  # the client has gone; what it sent may still be on its way
            await connection.deaf.arrived.wait()

    async def _replies(
        self, connection: _Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while data := await reader.read(1 << 20):
            if connection.deaf:
                connection.deaf.arrived.set()
                if connection.deaf.kind == "cut-after":
                    return
                if connection.deaf.kind != "late":
                    continue
                await connection.deaf.let_go.wait()
                connection.deaf = None
            await self._passes.wait()
            writer.write(data)
            await writer.drain()


@contextmanager
def in_thread(folder: Path, upstream: Path) -> Iterator[tuple[Proxy, Callable[[Callable[[], None]], object]]]:
    """A proxy that runs beside the test, and what has something done in its loop."""
    loop = asyncio.new_event_loop()
    proxy = Proxy(folder, upstream)
    loop.run_until_complete(proxy.__aenter__())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield proxy, loop.call_soon_threadsafe
    finally:
        asyncio.run_coroutine_threadsafe(proxy.__aexit__(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def until(what: Callable[[], object], *, within: float = 20.0, tell: Callable[[], object] = str) -> None:
    """Wait until it is true; fail with what `tell` says."""
    limit = asyncio.get_running_loop().time() + within
    while not what():
        if asyncio.get_running_loop().time() > limit:
            raise AssertionError(f"not within {within:g} s: {tell()}")
        await asyncio.sleep(0.005)
