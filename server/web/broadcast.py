"""What screens see: each audience's whole view, computed and encoded once, sent when it changes."""

import asyncio
from collections import Counter
from collections.abc import Callable

import msgspec
import structlog

from server.domain.errors import Rejected
from server.domain.views import Make, View
from server.hall import Hall

REFRESH = 60.0  # seconds after which views are sent again: what depends on time has changed

log = structlog.get_logger(__name__)


class Frame(msgspec.Struct, frozen=True):
    """An encoded view, and the seq it holds."""

    text: str
    seq: int


class Inbox:
    """What waits to be sent on one socket: at most one view, the newest; messages that may not be dropped; an end."""

    def __init__(self) -> None:
        self.changed = asyncio.Event()
        self.view: Frame | None = None
        self.messages: list[str] = []
        self.beat = False
        self.ended = False

    def show(self, view: Frame) -> None:
        self.view = view
        self.changed.set()

    def tell(self, message: dict[str, object]) -> None:
        self.messages.append(msgspec.json.encode(message).decode())
        self.changed.set()

    def beat_now(self) -> None:
        self.beat = True
        self.changed.set()

    def end(self) -> None:
        """What was watched is no more."""
        self.ended = True
        self.changed.set()


class _Audience:
    def __init__(self, make: Make) -> None:
        self.make = make
        self.inboxes: set[Inbox] = set()
        self.last: tuple[str, View] | None = None  # epoch and view of `frame`
        self.frame: Frame | None = None


class Broadcast:
    """The audiences of one hall in this process. refresh: seconds."""

    def __init__(self, hall: Hall, refresh: float = REFRESH) -> None:
        self.hall = hall
        self._refresh = refresh
        self._audiences: dict[str, _Audience] = {}
        self._changed = asyncio.Event()
        self._available = True

    def join(self, key: str, make: Make, inbox: Inbox) -> Callable[[], None]:
        """Show `inbox` the audience's view now and whenever it changes; returns what ends that.

        key: names the audience. Raises Rejected when there is no such thing to see.
        """
        audience = self._audiences.get(key) or _Audience(make)
        changed = self._compute(audience, force=True)
        self._audiences[key] = audience
        audience.inboxes.add(inbox)
        if audience.frame:
            for each in audience.inboxes if changed else (inbox,):
                each.show(audience.frame)

        def leave() -> None:
            audience.inboxes.discard(inbox)
            if not audience.inboxes and self._audiences.get(key) is audience:
                del self._audiences[key]

        return leave

    def watching(self) -> Counter[str]:
        """How many screens of each kind (tv, counter, ticket) are connected to this process."""
        kinds = Counter[str]()
        for key, audience in self._audiences.items():
            kinds[key.partition("/")[0]] += len(audience.inboxes)
        return kinds

    def look_again(self) -> None:
        """What a view is made of besides the hall's state has changed."""
        self._changed.set()

    async def run(self) -> None:
        """Live until cancelled."""
        unwatch = self.hall.watch(self._changed.set)
        refresh_at = asyncio.get_running_loop().time() + self._refresh
        try:
            while True:
                force = await self._wait(refresh_at)
                if force:
                    refresh_at = asyncio.get_running_loop().time() + self._refresh
                self._tell_availability()
                for audience in list(self._audiences.values()):
                    self._show(audience, force)
                    await asyncio.sleep(0)
        finally:
            unwatch()

    async def _wait(self, refresh_at: float) -> bool:
        try:
            async with asyncio.timeout_at(refresh_at):  # wait_for of 3.11 may swallow the end of this task
                await self._changed.wait()
        except TimeoutError:
            return True
        self._changed.clear()
        return False

    def _tell_availability(self) -> None:
        if self.hall.available != self._available:
            self._available = self.hall.available
            for audience in self._audiences.values():
                for inbox in audience.inboxes:
                    inbox.beat_now()

    def _show(self, audience: _Audience, force: bool) -> None:
        try:
            changed = self._compute(audience, force)
        except Rejected:
            for inbox in audience.inboxes:
                inbox.end()
            return
        except Exception:
            log.exception("view-failed", site=self.hall.site.id)
            return
        if (changed or force) and audience.frame:
            for inbox in audience.inboxes:
                inbox.show(audience.frame)

    def _compute(self, audience: _Audience, force: bool) -> bool:
        """Bring the audience's frame up to date, its time too with `force`; True when the view is another one."""
        state = self.hall.confirmed
        if state.site is None:
            return False
        view = audience.make(state)
        changed = (self.hall.epoch, view) != audience.last
        if not changed and not force:
            return False
        audience.last = (self.hall.epoch, view)
        now = self.hall.now()
        frame = {"type": "view", "epoch": self.hall.epoch, "seq": state.seq, "view": view | {"now": now}}
        audience.frame = Frame(msgspec.json.encode(frame).decode(), state.seq)
        return changed
