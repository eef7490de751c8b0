"""The network between clients and a server: a small TCP proxy that can be cut, held up, or made to pass one way only."""

import asyncio
from contextlib import suppress


class Wire:
    """Use it with `async with`. port: where clients connect. upstream: the server's port on 127.0.0.1.

    What is held (`up`: towards the server, `down`: towards the client) arrives when it is let go, unless the wire is
    cut before.
    """

    def __init__(self, upstream: int) -> None:
        self.upstream = upstream
        self.port = 0
        self.delay = 0.0
        self.refuses = False
        self._up, self._down = asyncio.Event(), asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
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

    def cut(self) -> None:
        """Every connection ends now, at both sides, with what was on its way."""
        for writer in tuple(self._writers):
            writer.transport.abort()

    async def __aenter__(self) -> "Wire":
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        mine = [writer]
        try:
            if self.refuses:
                return
            on_reader, on_writer = await asyncio.open_connection("127.0.0.1", self.upstream)
            mine.append(on_writer)
            self._writers.update(mine)
            both = (self._pass(reader, on_writer, self._up), self._pass(on_reader, writer, self._down))
            tasks = [asyncio.ensure_future(way) for way in both]
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in tasks:
                    way.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            for one in mine:
                self._writers.discard(one)
                one.transport.abort() if self.refuses else one.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: asyncio.Event) -> None:
        with suppress(OSError):
            while data := await reader.read(1 << 16):
                await way.wait()
                if self.delay:
                    await asyncio.sleep(self.delay)
                writer.write(data)
                await writer.drain()
