"""Those who only listen to a hall: TVs and speakers, which come back by the contract's rules when their socket ends."""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from time import monotonic

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from tests.faults.hall import SITE, Hall
from tests.faults.records import Heard, Records, Screen

SILENCE = 12.0  # seconds without a frame after which a client comes back
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0
SLOW_START = 0.2  # seconds a speaker may take to fetch what it is to play
TOO_OLD, BEGIN_WITHIN, SILENT_AFTER, MUTED = 1.0, 1.3, 1.8, 3.0  # seconds; docs/api.md, "Speaking in time"

Message = dict[str, object]


class Socket:
    """A websocket of a client that is there for as long as it lives."""

    def __init__(self, hall: Hall, rng: random.Random, path: str, role: str = "") -> None:
        self._hall, self._rng, self._path = hall, rng, path
        self._headers = {"Authorization": f"Bearer {hall.tokens[role]}"} if role else {}
        self.reads = asyncio.Event()
        self.reads.set()
        self.connection: ClientConnection | None = None
        self.server = 0

    def drop(self) -> None:
        """The connection is given up; another one is made."""
        if self.connection:
            self.connection.transport.abort()

    async def live(self, came: Callable[[], Awaitable[None]], hear: Callable[[dict[str, object]], None]) -> None:
        """Until cancelled. came: called at each connection; hear: for each frame."""
        pause = FIRST_PAUSE
        while True:
            with suppress(OSError, WebSocketException, TimeoutError):
                self.server = self._rng.randrange(len(self._hall.wires))
                url = f"ws://127.0.0.1:{self._hall.wires[self.server].port}/ws/sites/{SITE}/{self._path}"
                async with connect(
                    url,
                    additional_headers=self._headers,
                    compression=None,
                    proxy=None,
                    max_queue=2,
                    ping_interval=None,
                    open_timeout=SILENCE,
                    close_timeout=0.2,
                ) as self.connection:
                    try:
                        await came()
                        while True:
                            await self.reads.wait()
                            async with asyncio.timeout(SILENCE):  # wait_for of 3.11 may swallow the end of this task
                                frame = await self.connection.recv()
                            pause = FIRST_PAUSE
                            hear(json.loads(frame))
                    finally:
                        self.connection.transport.abort()
            await asyncio.sleep(self._rng.uniform(0, pause))
            pause = min(pause * 2, LONGEST_PAUSE)


class Tv:
    """socket.reads cleared: it takes nothing any more, like a TV whose browser hangs."""

    def __init__(self, hall: Hall, records: Records, rng: random.Random, name: str, zone: str) -> None:
        self.screen = Screen(name, zone)
        self.socket = Socket(hall, rng, f"tv/{zone}")
        records.screens.append(self.screen)

    async def live(self) -> None:
        await self.socket.live(self._came, self._hear)

    async def _came(self) -> None:
        self.screen.connections += 1

    def _hear(self, frame: dict[str, object]) -> None:
        self.screen.seen_at = monotonic()
        if frame["type"] != "view":
            return
        view, epoch = frame["view"], frame["epoch"]
        assert isinstance(view, dict)
        assert isinstance(epoch, str)
        self.screen.epoch, self.screen.seq, self.screen.view = epoch, int(str(frame["seq"])), view
        for call in view["calls"]:
            self.screen.shown[epoch, call["seq"]] = (call["number"], call["counter"])


class Speaker:
    """Plays what it is given, a little late, and says so when it has; and again when it comes back.

    holds: as its server says, it has the zone.
    """

    def __init__(self, hall: Hall, records: Records, rng: random.Random, zone: str) -> None:
        self._records, self._rng, self._zone = records, rng, zone
        self._epoch, self._quickest, self.holds = "", float("inf"), False
        self._last: Heard | None = None
        self._playing: set[asyncio.Task[None]] = set()
        self.socket = Socket(hall, rng, f"speaker/{zone}", "kiosk")

    @property
    def speaks(self) -> bool:
        return bool(self._playing)

    async def live(self) -> None:
        try:
            await self.socket.live(self._came, self._hear)
        finally:
            self.fall_silent()

    def fall_silent(self) -> None:
        """In the midst of a word, as with a cut cable."""
        for task in tuple(self._playing):
            task.cancel()

    async def _came(self) -> None:
        self._epoch, self._quickest, self.holds = "", float("inf"), False

    def _hear(self, frame: dict[str, object]) -> None:
        way = monotonic() - float(str(frame.get("sent", monotonic())))
        self._quickest = min(self._quickest, way)
        age = way - self._quickest
        if frame["type"] == "heartbeat":
            self.holds = bool(frame.get("speaks"))
            if not self._epoch:
                self._epoch = str(frame["epoch"])
                self._do(self._greet())
        if frame["type"] == "speak" and age > TOO_OLD:
            self.socket.drop()
        elif frame["type"] == "speak":
            self._do(self._play(int(str(frame["announcement"])), float(str(frame["seconds"])), monotonic() - age))

    def _do(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._playing.add(task)
        task.add_done_callback(self._playing.discard)

    async def _greet(self) -> None:
        if self._last and self._last.epoch == self._epoch:
            await self._tell({"type": "spoken", "announcement": self._last.announcement})
        await self._tell({"type": "ready"})

    async def _play(self, announcement: int, seconds: float, sent: float) -> None:
        await asyncio.sleep(self._rng.uniform(0, SLOW_START))
        if monotonic() > sent + BEGIN_WITHIN:
            await self._tell({"type": "muted"})
            await asyncio.sleep(MUTED)
            await self._tell({"type": "ready"})
            return
        heard = Heard(self._zone, self._epoch, announcement, monotonic())
        self._records.heard.append(heard)
        await asyncio.sleep(seconds)
        if monotonic() > sent + seconds + SILENT_AFTER:
            return
        heard.ended = monotonic()
        self._last = heard
        if await self._tell({"type": "spoken", "announcement": announcement}):
            heard.told = monotonic()

    async def _tell(self, message: Message) -> bool:
        with suppress(OSError, WebSocketException):
            if self.socket.connection:
                await self.socket.connection.send(json.dumps(message))
                return True
        return False
