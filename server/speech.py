"""The loudspeaker of a zone: which speaker says which announcement, one after another, never two at once.

One connected speaker per zone holds the lease. It is given the oldest announcement that waits; the next one only
when it has said that one to the end, or when so much time has passed that it must have ended.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from secrets import token_urlsafe

import structlog

from audio.errors import AudioError
from audio.phrases import Call
from audio.speech import Speech, Utterance
from server.domain.commands import ExpireAnnouncement, MarkSpoken
from server.domain.decide import must_expire
from server.domain.errors import Rejected
from server.domain.state import Announcement
from server.hall import Hall, fresh_id
from server.log.base import LogUnavailable
from server.log.lease import Lease

SETTLE = 2.0  # seconds after an utterance's length before another speaker may take over (DESIGN.md)
REST = 10.0  # seconds for which a connected speaker that did not answer is passed over
IDLE_LEASE = 6.0  # seconds the lease lasts while nothing is said
BEAT = 2.0  # seconds between renewals while nothing is said

log = structlog.get_logger(__name__)

Send = Callable[[dict[str, object]], Awaitable[None]]


class Speaker:
    """One connected loudspeaker.

    send: gives it a message. ready: whether it says it can make sound. rests_until: when it may be tried again after
    it kept silent (loop time). saying: the announcement it was given and has not answered.
    """

    def __init__(self, send: Send) -> None:
        self.id = token_urlsafe(8)
        self.send = send
        self.ready = False
        self.rests_until = 0.0
        self.saying: int | None = None


class Loudspeaker:
    """Speaks for one zone of one hall in this process; idle while no speaker of the zone is connected here.

    holder: the speaker here that has the zone now, if any.
    """

    def __init__(self, hall: Hall, zone: str, lease: Lease, speech: Speech) -> None:
        self.hall = hall
        self.zone = zone
        self.holder: Speaker | None = None
        self._lease = lease
        self._speech = speech
        self._speakers: list[Speaker] = []
        self._said: set[int] = set()
        self._unspeakable = 0  # the announcement that no voice could say a moment ago
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._unwatch: Callable[[], None] | None = None

    def join(self, speaker: Speaker) -> None:
        self._speakers.append(speaker)
        if self._task is None:
            self._unwatch = self.hall.watch(self._changed.set)
            self._task = asyncio.create_task(self._run())

    def leave(self, speaker: Speaker) -> None:
        self._speakers.remove(speaker)
        self.report(speaker, ready=False)

    def report(self, speaker: Speaker, ready: bool) -> None:
        """The speaker can, or cannot, make sound now."""
        speaker.ready = ready
        speaker.rests_until = 0.0
        self._changed.set()

    async def spoken(self, speaker: Speaker, announcement: int) -> None:
        """The speaker has said it to the end. When that can't be written now, it is as soon as the log is back."""
        if speaker.saying == announcement:
            speaker.saying = None
        self._said.add(announcement)
        self._changed.set()
        with suppress(LogUnavailable):
            await self._settle()

    async def _settle(self) -> None:
        """Write what was said; the rules count it once, and only for the announcement in hand."""
        for announcement in sorted(self._said):
            with suppress(Rejected):  # the zone was removed: nothing is left to be counted
                await self.hall.ask(
                    MarkSpoken(
                        at=self.hall.clock(), by="speaker", id=fresh_id(), zone=self.zone, announcement=announcement
                    )
                )
            self._said.discard(announcement)

    async def aclose(self) -> None:
        if self._unwatch:
            self._unwatch()
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            try:
                await self._settle()
                now = asyncio.get_running_loop().time()
                able = [one for one in self._speakers if one.ready and one.rests_until <= now]
                if able:
                    able[0].rests_until = 0.0
                    await self._serve(able[0])
                else:
                    await self._pause(BEAT if self._speakers else None)
            except LogUnavailable:
                await asyncio.sleep(1)
            except Exception:
                log.exception("loudspeaker-failed", site=self.hall.site.id, zone=self.zone)
                await asyncio.sleep(1)

    async def _serve(self, speaker: Speaker) -> None:
        """Hold the zone for `speaker` and give it one announcement after another while it can speak."""
        if not await self._lease.hold(self.zone, speaker.id, IDLE_LEASE):
            await asyncio.sleep(BEAT)
            return
        self.holder = speaker
        try:
            while speaker.ready and not speaker.rests_until:
                if not self.hall.available or not await self._lease.hold(self.zone, speaker.id, IDLE_LEASE):
                    await asyncio.sleep(0.5)
                    return
                await self._settle()
                announcement = self._next()
                if announcement is None:
                    await self._wait_for_a_call(speaker)
                elif must_expire(self.hall.confirmed.hall, announcement, self.hall.clock()):
                    await self._give_up(announcement)
                else:
                    await self._say(speaker, announcement)
        finally:
            self.holder = None
            if speaker.saying is None:  # else it may still be heard, and the lease runs until it must have ended
                await self._lease.release(self.zone, speaker.id)

    async def _wait_for_a_call(self, speaker: Speaker) -> None:
        """Until there is something to say, at most until the lease must be renewed; the hall changes far more often."""
        until = asyncio.get_running_loop().time() + BEAT
        while speaker.ready and self._next() is None and (left := until - asyncio.get_running_loop().time()) > 0:
            await self._pause(left)

    def _next(self) -> Announcement | None:
        return next(iter(self.hall.confirmed.announcements.get(self.zone, {}).values()), None)

    async def _say(self, speaker: Speaker, announcement: Announcement) -> None:
        try:
            chime, utterance = await self._utter(announcement)
        except AudioError as error:
            log.error("nothing-to-say-with", zone=self.zone, why=str(error))
            await asyncio.sleep(BEAT)
            if announcement.id == self._unspeakable:
                await self._give_up(announcement, unspeakable=True)
            self._unspeakable = announcement.id
            return
        length = chime.seconds + utterance.seconds
        if not await self._still_to_say(speaker, announcement):
            return
        if not await self._lease.hold(self.zone, speaker.id, length + SETTLE):
            return
        over = asyncio.get_running_loop().time() + length + SETTLE
        speaker.saying = announcement.id
        await speaker.send(
            {
                "type": "speak",
                "announcement": announcement.id,
                "text": utterance.caption,
                "clips": [f"/audio/{part.digest}.wav" for part in (chime, utterance)],
                "seconds": round(length, 3),
            }
        )
        while speaker.saying == announcement.id:
            left = over - asyncio.get_running_loop().time()
            if left <= 0:
                speaker.saying = None
                speaker.rests_until = over + REST
                return
            await self._pause(left)

    async def _still_to_say(self, speaker: Speaker, announcement: Announcement) -> bool:
        """Whether nobody has said it yet, as the log's end shows it and not this process, which may lag behind."""
        if not await self._lease.hold(self.zone, speaker.id, IDLE_LEASE):
            return False
        await self.hall.current()
        return self._next() == announcement

    async def _utter(self, announcement: Announcement) -> tuple[Utterance, Utterance]:
        site = self.hall.confirmed.hall
        call = Call(
            number=announcement.number,
            counter=site.counter[announcement.counter].spoken,
            agency=site.agency[announcement.agency].spoken if site.announcement.agency else "",
            style="number" if site.number_style == "number" else "digits",
            repeat=site.announcement.repeat,
        )
        chime = await asyncio.to_thread(self._speech.chime)
        return chime, await asyncio.to_thread(self._speech.utterance, call)

    async def _give_up(self, announcement: Announcement, *, unspeakable: bool = False) -> None:
        await self.hall.ask(
            ExpireAnnouncement(
                at=self.hall.clock(),
                by="system",
                id=fresh_id(),
                zone=self.zone,
                announcement=announcement.id,
                unspeakable=unspeakable,
            )
        )

    async def _pause(self, seconds: float | None) -> None:
        self._changed.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._changed.wait()
