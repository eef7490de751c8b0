"""The loudspeaker of a zone: the shell around `Turns` that holds the lease, asks the log, makes sounds and sends words."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import datetime
from secrets import token_urlsafe
from typing import Any, Protocol, TypedDict

import structlog
from msgspec import Struct

from audio.errors import SpeechUnavailable
from audio.phrases import Utterable
from audio.speech import Speech, Utterance
from server import wording
from server.domain.announcements import Announcement, CallAnnouncement, NoticeAnnouncement, must_expire
from server.domain.commands import Command, ExpireAnnouncement, MarkSpoken
from server.domain.errors import Rejected
from server.domain.site import Site
from server.domain.turns import (
    BEAT,
    Count,
    Cut,
    Expire,
    Hold,
    Listen,
    Make,
    Prove,
    Release,
    Speak,
    Step,
    Turns,
    Wait,
)
from server.hall import Hall, fresh_id
from server.log.base import LogUnavailable
from server.log.lease import Lease

AGAIN = 1.0  # seconds after trouble
LISTEN = 0.1  # seconds in which what lies in the sockets of this process is read
ROUNDS = 20  # of the loop in which that is so for certain, though this process slept those seconds too

log = structlog.get_logger(__name__)

Send = Callable[[dict[str, object]], Awaitable[None]]


class Words(Protocol):
    """What a notice says. language: "id" or "en"."""

    @property
    def text(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def repeat(self) -> bool: ...


FindNotice = Callable[[str], Awaitable[Words | None]]
Table = Callable[[Site], Mapping[str, str]]


class Speaker(Struct, frozen=True, eq=False):
    """One connected loudspeaker. send: gives it a message. cut: ends its connection, at once and with what is still on
    its way. since: when it came."""

    send: Send
    cut: Callable[[], None]
    since: datetime
    id: str


class Told(TypedDict):
    """A speaker for pages and figures. holder: it has the zone. resting: it kept silent and is passed over for a while.
    saying: the announcement it was given and has not answered."""

    id: str
    since: datetime
    ready: bool
    holder: bool
    resting: bool
    saying: int | None


class Loudspeaker:
    """Speaks for one zone of one hall in this process; idle while no speaker of the zone is connected here.

    table: how the site's words are pronounced. find_notice: the words of a notice by its id, None when there are none.
    """

    def __init__(
        self, hall: Hall, zone: str, lease: Lease, speech: Speech, table: Table, find_notice: FindNotice
    ) -> None:
        self.hall = hall
        self.zone = zone
        self._lease = lease
        self._speech = speech
        self._table = table
        self._find_notice = find_notice
        self._turns = Turns()
        self._speakers: dict[str, Speaker] = {}
        self._sounds: tuple[Utterance, Utterance] | None = None
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._unwatch: Callable[[], None] | None = None

    def join(self, send: Send, cut: Callable[[], None]) -> Speaker:
        """A speaker has come; it is asked for nothing until it reports to be ready."""
        speaker = Speaker(send, cut, self.hall.now(), token_urlsafe(8))
        self._speakers[speaker.id] = speaker
        self._turns.join(speaker.id)
        if self._task is None:
            self._unwatch = self.hall.watch(self._changed.set)
            self._task = asyncio.create_task(self._run())
        return speaker

    def leave(self, speaker: Speaker) -> None:
        del self._speakers[speaker.id]
        self._turns.leave(speaker.id)
        self._changed.set()

    def report(self, speaker: Speaker, ready: bool) -> None:
        """The speaker can, or cannot, make sound now."""
        self._turns.report(speaker.id, ready)
        self._changed.set()

    async def spoken(self, speaker: Speaker, announcement: int) -> None:
        """The speaker says that it has said it to the end. When that can't be written now, it is as soon as the log is
        back; when it cannot be true, it is passed over."""
        self._turns.heard(speaker.id, announcement)
        self._changed.set()
        with suppress(LogUnavailable):
            for heard in self._turns.uncounted():
                await self._count(heard)

    def holds(self, speaker: Speaker) -> bool:
        """Whether the speaker has the zone."""
        return self._turns.holder == speaker.id

    def speakers(self) -> list[Told]:
        """The speakers that are connected to this process, in the order in which they came."""
        turns, saying, now = self._turns, self._turns.saying, self._now()
        return [
            {
                "id": id,
                "since": speaker.since,
                "ready": turns.ready(id),
                "holder": turns.holder == id,
                "resting": turns.resting(id, now),
                "saying": saying.announcement if saying and saying.speaker == id else None,
            }
            for id, speaker in self._speakers.items()
        ]

    async def aclose(self) -> None:
        """What is being said may be heard to its end, and what was heard may still be told to another server: the zone is
        let go only when there is nothing of it."""
        if self._unwatch:
            self._unwatch()
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._turns.holder and not self._turns.saying and not self._turns.uncounted():
            with suppress(LogUnavailable):
                await self._lease.release(self.zone, self._turns.holder)

    async def _run(self) -> None:
        while True:
            try:
                if not self.hall.available:
                    self._turns.lose(self._now() + AGAIN / 2)
                await self._do(self._next())
            except LogUnavailable:
                self._turns.lose(self._now() + AGAIN)
                await asyncio.sleep(AGAIN)
            except Exception:
                log.exception("loudspeaker-failed", site=self.hall.site.id, zone=self.zone)
                await asyncio.sleep(AGAIN)

    def _next(self) -> Step:
        announcement = self._in_hand()
        stale = announcement is not None and must_expire(self.hall.confirmed.hall, announcement, self.hall.clock())
        return self._turns.next(self._now(), announcement, stale)

    def _in_hand(self) -> Announcement | None:
        queue = self.hall.confirmed.announcements.get(self.zone)
        return queue.in_hand if queue else None

    async def _do(self, step: Step) -> None:
        match step:
            case Wait(seconds):
                await self._pause(seconds)
            case Count(announcement):
                await self._count(announcement)
            case Listen():
                await asyncio.sleep(LISTEN)
                for _ in range(ROUNDS):
                    await asyncio.sleep(0)
            case Cut(speaker):
                log.warning("silent-speaker", site=self.hall.site.id, zone=self.zone, speaker=speaker)
                self._speakers[speaker].cut()
            case Hold(speaker, seconds):
                asked = self._now()
                self._turns.held(step, await self._lease.hold(self.zone, speaker, seconds), asked)
            case Release(speaker):
                await self._lease.release(self.zone, speaker)
            case Expire(announcement, unspeakable):
                fields = self._stamp("system")
                await self._ask(ExpireAnnouncement(**fields, announcement=announcement, unspeakable=unspeakable))
            case Make(announcement):
                await self._make(announcement)
            case Prove():
                await self.hall.current()
                self._turns.proved(self._in_hand())
            case Speak(speaker, announcement, at):
                await self._speak(self._speakers[speaker], announcement, at)

    async def _count(self, announcement: int) -> None:
        """The rules count it once, and only for the announcement in hand."""
        await self._ask(MarkSpoken(**self._stamp("speaker"), announcement=announcement))
        self._turns.counted(announcement)

    def _stamp(self, by: str) -> dict[str, Any]:
        return {"at": self.hall.clock(), "by": by, "id": fresh_id(), "zone": self.zone}

    async def _ask(self, command: Command) -> None:
        with suppress(Rejected):  # the zone was removed: nothing is left to be counted
            await self.hall.ask(command)

    async def _make(self, announcement: Announcement) -> None:
        """Whatever prevents it, those that wait behind it are spoken."""
        try:
            utterable = await self._utterable(announcement)
            chime = await asyncio.to_thread(self._speech.chime)
            utterance = await asyncio.to_thread(self._speech.utterance, utterable)
        except Exception as error:
            log.error("nothing-to-say-with", zone=self.zone, announcement=announcement.id, why=repr(error))
            self._turns.failed(announcement, self._now())
        else:
            self._sounds = chime, utterance
            self._turns.made(announcement, chime.seconds + utterance.seconds)

    async def _utterable(self, announcement: Announcement) -> Utterable:
        """Raises SpeechUnavailable for a notice whose words are not to be had."""
        site = self.hall.confirmed.hall
        table = self._table(site)
        match announcement:
            case CallAnnouncement(number=number, counter=counter, agency=agency):
                return wording.call(site, table, number, counter, agency)
            case NoticeAnnouncement(notice=notice):
                async with asyncio.timeout(BEAT):
                    words = await self._find_notice(notice)
                if words is None:
                    raise SpeechUnavailable(f"nobody knows the words of notice {notice}")
                return wording.notice(site, table, words.text, words.language, words.repeat)
        raise TypeError(announcement)

    async def _speak(self, speaker: Speaker, announcement: Announcement, at: float) -> None:
        """sent: since when the speaker's time runs, even if this process sleeps before the frame goes out."""
        assert self._sounds
        chime, utterance = self._sounds
        await speaker.send(
            {
                "type": "speak",
                "announcement": announcement.id,
                "text": utterance.caption,
                "clips": [f"/audio/{part.digest}.wav" for part in (chime, utterance)],
                "seconds": round(chime.seconds + utterance.seconds, 3),
                "sent": round(at, 3),
            }
        )

    async def _pause(self, seconds: float | None) -> None:
        self._changed.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._changed.wait()

    def _now(self) -> float:
        return asyncio.get_running_loop().time()
