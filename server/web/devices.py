"""The devices that talk to this process, and the loop that tells the other processes of them.

A device is a screen or a loudspeaker that names itself: `{"type": "here", "device": id}`, on connecting and after each
heartbeat. That is its last contact; an open socket alone is none, for a cable that was pulled leaves it open.
"""

import asyncio
import socket
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from os import getpid
from time import monotonic
from typing import Literal

import msgspec
from starlette.websockets import WebSocket

from server.log.base import LogUnavailable
from server.log.devices import DEVICES_KEPT, MOST_DEVICES, Device, DeviceBoard, Server, Standing
from server.web.broadcast import Broadcast

TOLD_EVERY = 4.0  # seconds
GOODBYE = 1.0  # seconds for it: nobody waits for a Redis that is away
GOING_AWAY = 1001  # close code of a page that somebody leaves
COME_AND_GO = ("counter", "hall")  # screens of people, who close them when they like: then they are no longer missed


class Here(msgspec.Struct):
    """What a device says; other frames are not for this place."""

    type: Literal["here"]
    device: str = msgspec.field(default="")


class Guest:
    """A connected socket. device: as what it has named itself, None as long as it has not."""

    def __init__(self, site: str, kind: str, place: str, address: str) -> None:
        self.site, self.kind, self.place, self.address = site, kind, place, address
        self.since = datetime.now(UTC)
        self.device: Device | None = None


class Devices:
    """All sites', for one process."""

    def __init__(self, screens: Mapping[str, Broadcast], board: DeviceBoard, port: int) -> None:
        """screens: what each site shows. port: where this process listens."""
        self.board = board
        self._screens, self._port = screens, port
        self._since = datetime.now(UTC)
        self._guests: set[Guest] = set()
        self._known: dict[str, Device] = {}
        self._heard: dict[str, float] = {}  # by key: when, on this process's own clock
        self._told: dict[str, float] = {}
        self._undescribed: set[str] = set()
        self._left: set[str] = set()

    @contextmanager
    def guest(self, websocket: WebSocket, kind: str, place: str = "") -> Iterator[Guest]:
        """For as long as the socket is open."""
        address = websocket.client.host if websocket.client else ""
        guest = Guest(websocket.path_params["site"], kind, place, address)
        self._guests.add(guest)
        try:
            yield guest
        finally:
            self._guests.discard(guest)
            if guest.device and kind in COME_AND_GO and getattr(websocket.state, "close_code", 0) == GOING_AWAY:
                self._left.add(guest.device.key)

    def hear(self, guest: Guest, device: str) -> None:
        """The device says that it is there. The first name that a socket gives counts."""
        if guest.device is None and is_name(device):
            guest.device = Device(guest.site, guest.kind, guest.place, device, guest.address, guest.since)
            self._known.pop(guest.device.key, None)  # described anew: it has connected again, perhaps from elsewhere
        if guest.device is None or not self._remember(guest.device):
            return
        self._heard[guest.device.key] = monotonic()
        self._left.discard(guest.device.key)

    def listener(self, guest: Guest) -> Callable[[str], Awaitable[None]]:
        """Takes what a socket says on which nothing else is to be said; anything else is passed over."""

        async def hear(text: str) -> None:
            with suppress(msgspec.MsgspecError):
                self.hear(guest, msgspec.json.decode(text, type=Here).device)

        return hear

    def own(self, site: str) -> list[tuple[Device, float]]:
        """The devices of a site that talked to this process, each with the seconds since."""
        now = monotonic()
        return [(one, now - self._heard[key]) for key, one in self._known.items() if one.site == site]

    def server(self, ends: Mapping[str, int]) -> Server:
        """This process. ends: where the logs end, as far as that is known."""
        halls = {site: self._standing(site, shown, ends.get(site, 0)) for site, shown in self._screens.items()}
        return Server(socket.gethostname(), self._port, getpid(), self._since, halls)

    async def forget(self, key: str) -> None:
        """Nobody misses it any more. Raises LogUnavailable."""
        await self.board.forget([key])
        self._drop(key)

    async def keep_told(self) -> None:
        """For ever."""
        while True:
            try:
                await self._tell()
            except LogUnavailable:
                self._told.clear()
                self._undescribed = set(self._known)
            await asyncio.sleep(TOLD_EVERY)

    async def aclose(self) -> None:
        """A process that ends as it should is not missed."""
        with suppress(LogUnavailable, TimeoutError):
            async with asyncio.timeout(GOODBYE):
                await self.board.forget_server(self.server({}).name)
        await self.board.aclose()

    async def _tell(self) -> None:
        await self._tell_who_left()
        now = monotonic()
        for key in [key for key, at in self._heard.items() if now - at > DEVICES_KEPT.total_seconds()]:
            self._drop(key)
        server = self.server(await self.board.ends(self._screens))
        described = {key: self._known[key] for key in self._undescribed}
        heard = {key: at for key, at in self._heard.items() if self._told.get(key) != at}
        now = monotonic()
        unknown = await self.board.tell(server, described.values(), {key: now - at for key, at in heard.items()})
        self._told |= heard
        self._undescribed = {
            key
            for key, device in self._known.items()
            if key in unknown or (key in self._undescribed and described.get(key) is not device)
        }

    async def _tell_who_left(self) -> None:
        left, self._left = self._left, set()
        for key in left:
            self._drop(key)
        try:
            await self.board.forget(left)
        except LogUnavailable:
            self._left |= left - self._known.keys()
            raise

    def _remember(self, device: Device) -> bool:
        """Whether there is room for it."""
        if device.key not in self._known:
            if len(self._known) >= MOST_DEVICES:
                return False
            self._known[device.key] = device
            self._undescribed.add(device.key)
        return True

    def _drop(self, key: str) -> None:
        for known in (self._known, self._heard, self._told):
            known.pop(key, None)
        self._undescribed.discard(key)

    def _standing(self, site: str, shown: Broadcast, end: int) -> Standing:
        others = Counter(
            f"{one.kind}/{one.place}"
            for one in self._guests
            if one.site == site and one.device is None and one.kind != "speaker"  # the board of speakers has those
        )
        hall, phones = shown.hall, shown.watching()["ticket"]
        return Standing(hall.confirmed.seq, max(0, end - hall.confirmed.seq), hall.available, phones, dict(others))


def is_name(device: str) -> bool:
    """Sixteen to forty letters and digits: long enough that no two choose the same."""
    return 16 <= len(device) <= 40 and device.isascii() and device.isalnum()
