"""A counter's screen: the newest view of its websocket, which comes back by itself."""

import asyncio
import json
import random
from typing import Any
from urllib.parse import quote

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from demo.client import FIRST_PAUSE, LONGEST_PAUSE, Unwelcome

OLD = 12.0  # seconds without a frame, after which the data is old (CONTRACT.md)
OPEN_WITHIN, CLOSE_WITHIN = 5.0, 0.3
REFUSED = (4001, 4003)


class Screen:
    """view: None while there is no connection, else the newest, with its `seq` and `epoch`."""

    def __init__(self, base: str, token: str, site: str, counter: str) -> None:
        self._url = f"ws{base.removeprefix('http')}/ws/sites/{quote(site)}/counter/{quote(counter)}"
        self._headers = {"Authorization": f"Bearer {token}"}
        self._changed = asyncio.Event()
        self.view: dict[str, Any] | None = None
        self.seq, self.epoch = 0, ""

    async def follow(self) -> None:
        """For ever. Raises Unwelcome."""
        pause = FIRST_PAUSE
        while True:
            try:
                async with connect(
                    self._url,
                    additional_headers=self._headers,
                    open_timeout=OPEN_WITHIN,
                    close_timeout=CLOSE_WITHIN,
                    compression=None,
                    proxy=None,
                ) as socket:
                    await self._read(socket)
            except (OSError, TimeoutError, InvalidHandshake):
                pass
            except ConnectionClosed as closed:
                if closed.rcvd and closed.rcvd.code in REFUSED:
                    raise Unwelcome(f"{self._url} answers {closed.rcvd.code} {closed.rcvd.reason}") from None
            if self.view:
                self.view, pause = None, FIRST_PAUSE
            await asyncio.sleep(random.uniform(0, pause))
            pause = min(pause * 2, LONGEST_PAUSE)

    async def changes(self, within: float | None = None) -> None:
        """Returns when another view came, at the latest after `within` seconds."""
        self._changed.clear()
        try:
            async with asyncio.timeout(within):
                await self._changed.wait()
        except TimeoutError:
            return

    async def _read(self, socket: ClientConnection) -> None:
        while True:
            async with asyncio.timeout(OLD):
                frame = json.loads(await socket.recv())
            if frame["type"] == "view":
                self.view, self.seq, self.epoch = frame["view"], frame["seq"], frame["epoch"]
                self._changed.set()
