"""The websocket of a loudspeaker: it comes back by itself for ever, and no frame for too long counts as its end."""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from speaker.errors import Belated

FIRST_DELAY, LONGEST_DELAY = 0.5, 10.0  # seconds (CONTRACT.md, Websockets)
SILENCE = 12.0  # seconds without a frame after which the line is given up (the same)
REFUSALS = (4001, 4003, 4004)

Hear = Callable[[dict[str, Any]], Awaitable[None]]
Lost = Callable[[str, int], Awaitable[None]]


def delays() -> Iterator[float]:
    """Seconds before each attempt to come back: full jitter below 0.5, 1, 2, 4, 8, 10, 10, …"""
    longest = FIRST_DELAY
    while True:
        yield random.uniform(0, longest)
        longest = min(longest * 2, LONGEST_DELAY)


class Line:
    """hear: takes each frame; Belated when the line is not to be trusted any more. lost: why it ended or could not
    begin, and the close code (0: none was sent)."""

    def __init__(self, url: str, token: str, hear: Hear, lost: Lost) -> None:
        self._url, self._token, self._hear, self._lost = url, token, hear, lost
        self._socket: ClientConnection | None = None

    async def send(self, frame: dict[str, object]) -> None:
        """Does nothing when the line is down: whoever sends is told by `lost`."""
        if self._socket:
            with suppress(ConnectionClosed):
                await self._socket.send(json.dumps(frame))

    async def run(self) -> None:
        """For ever."""
        waits = delays()
        while True:
            heard = False
            why, code = "", 0
            try:
                async with connect(
                    self._url,
                    additional_headers={"Authorization": f"Bearer {self._token}"},
                    compression=None,
                    proxy=None,
                    ping_interval=None,
                    open_timeout=SILENCE,
                    close_timeout=1,
                ) as self._socket:
                    while True:
                        async with asyncio.timeout(SILENCE):
                            frame = json.loads(await self._socket.recv())
                        heard = True
                        await self._hear(frame)
            except ConnectionClosed as closed:
                why, code = (closed.rcvd.reason, closed.rcvd.code) if closed.rcvd else ("connection lost", 0)
            except TimeoutError:
                why = "no answer"
            except (OSError, WebSocketException, ValueError, Belated) as error:
                why = str(error)
            finally:
                self._socket = None
            await self._lost(why, code)
            if heard:
                waits = delays()
            await asyncio.sleep(next(waits))
