"""The network between clients and a server: a small TCP proxy that can be cut, held up, or made to pass one way only."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from typing import Self

from tests.support.relay import Accept, Ends, Relay


class Wire(Relay):
    """port: where clients connect. upstream: the server's port on 127.0.0.1.

    What is held (`up`: towards the server, `down`: towards the client) arrives when it is let go, unless the wire is
    cut before.
    """

    def __init__(self, upstream: int) -> None:
        super().__init__()
        self.upstream = upstream
        self.port = 0
        self.delay = 0.0
        self.refuses = False
        self._up, self._down = asyncio.Event(), asyncio.Event()
        self.let_go()

    def hold(self, *, up: bool = True, down: bool = True) -> None:
        """Nothing passes any more in these directions; no connection ends."""
        if up:
            self._up.clear()
        if down:
            self._down.clear()

    def let_go(self) -> None:
        self._up.set()
        self._down.set()
        self.delay = 0.0
        self.refuses = False

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def _listen(self, accept: Accept) -> asyncio.Server:
        return await asyncio.start_server(accept, "127.0.0.1", 0)

    async def _go_on(self) -> Ends:
        if self.refuses:
            raise ConnectionRefusedError
        return await asyncio.open_connection("127.0.0.1", self.upstream)

    def _ways(self, near: Ends, far: Ends) -> tuple[Awaitable[None], Awaitable[None]]:
        return self._pass(near[0], far[1], self._up), self._pass(far[0], near[1], self._down)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: asyncio.Event) -> None:
        with suppress(OSError):
            while data := await reader.read(1 << 16):
                await way.wait()
                if self.delay:
                    await asyncio.sleep(self.delay)
                writer.write(data)
                await writer.drain()
