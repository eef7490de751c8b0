"""Loudspeakers of a living hall, and TV pages that play what they are given."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from time import monotonic
from typing import Any

from audio.clips import ClipStore, digest_of
from audio.espeak_voice import EspeakVoice
from audio.pcm import RATE, Pcm, fade, seconds
from audio.phrases import Utterable
from audio.speech import Speech, Utterance
from server.domain import commands as c
from server.domain import events as e
from server.domain.announcements import AnnouncementQueue
from server.domain.turns import SETTLE, Tenure
from server.hall import Hall
from server.log.lease import RedisLease
from server.log.redis_log import RedisLog
from server.speech import Loudspeaker, Words
from tests.support.halls import MORNING, ask, entries_of, issue, living
from tests.support.proxy import until
from tests.unit.domain.builders import SITE

ZONE, COUNTERS = "utara", ("satu", "dua")
LENGTH = 0.45  # seconds of chime and utterance together


class ShortSpeech(Speech):
    """Says only the beginnings, so that tests need not listen for minutes; made, kept and measured as ever.

    length: seconds of chime and utterance together.
    """

    length = LENGTH

    def chime(self) -> Utterance:
        return self._shorten(super().chime(), 0.1)

    def utterance(self, what: Utterable) -> Utterance:
        return self._shorten(super().utterance(what), self.length - 0.1)

    def _shorten(self, whole: Utterance, length: float) -> Utterance:
        pcm: Pcm | None = self.store.utterances.read(whole.digest)
        assert pcm is not None
        short = fade(pcm[: round(length * RATE)])
        digest = digest_of("short", whole.digest, str(length))
        self._keep(digest, short)
        return Utterance(digest, seconds(short), whole.caption, whole.voice)


@contextmanager
def speech(folder: Path, kind: type[Speech] = ShortSpeech) -> Iterator[Speech]:
    made = kind(ClipStore(folder / "clips"), [EspeakVoice()])
    try:
        yield made
    finally:
        made.close()


class WatchedLease(RedisLease):
    """Counts how often it was asked."""

    def __init__(self, site: str, url: str) -> None:
        super().__init__(site, url)
        self.holds = 0

    async def hold(self, zone: str, holder: str, seconds: float) -> Tenure:
        self.holds += 1
        return await super().hold(zone, holder, seconds)


@dataclass
class Heard:
    """What a page played: sent, began and ended in monotonic seconds; ended is None when it was not heard to the end."""

    announcement: int
    text: str
    clips: list[str]
    seconds: float
    sent: float
    began: float
    ended: float | None = None

    @property
    def over(self) -> float:
        """Before that nobody may be given anything else. The server counts from when it sent it, and tells it rounded."""
        return self.sent + self.seconds + SETTLE - 0.01


class Ear:
    """A TV page as a speaker. plays: answers when it has played; slower: seconds it needs more than the length."""

    def __init__(self, loudspeaker: Loudspeaker, *, plays: bool = True, slower: float = 0.0) -> None:
        self.loudspeaker = loudspeaker
        self.plays, self.slower = plays, slower
        self.heard: list[Heard] = []
        self.cut_off: list[float] = []  # when the server cut its line; it stays on it all the same
        self.speaker = loudspeaker.join(self._hear, lambda: self.cut_off.append(monotonic()))
        self._tasks: set[asyncio.Task[None]] = set()

    def ready(self) -> "Ear":
        self.loudspeaker.report(self.speaker, ready=True)
        return self

    def mute(self) -> None:
        self.loudspeaker.report(self.speaker, ready=False)

    def go(self) -> None:
        """The page is closed, in the midst of a word too."""
        self.loudspeaker.leave(self.speaker)
        for task in self._tasks:
            task.cancel()

    async def say_spoken(self, announcement: int) -> None:
        await self.loudspeaker.spoken(self.speaker, announcement)

    async def _hear(self, message: dict[str, Any]) -> None:
        assert message["type"] == "speak"
        told = {name: message[name] for name in ("announcement", "text", "clips", "seconds", "sent")}
        heard = Heard(began=monotonic(), **told)
        self.heard.append(heard)
        if self.plays:
            task = asyncio.create_task(self._play(heard))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _play(self, heard: Heard) -> None:
        await asyncio.sleep(heard.seconds + self.slower)
        heard.ended = monotonic()
        await self.say_spoken(heard.announcement)


class Zone:
    """One zone of one hall in one server."""

    def __init__(self, hall: Hall, lease: WatchedLease, loudspeaker: Loudspeaker) -> None:
        self.hall, self.lease, self.loudspeaker = hall, lease, loudspeaker

    def ear(self, **how: Any) -> Ear:
        return Ear(self.loudspeaker, **how)

    async def open(self) -> None:
        for counter in COUNTERS:
            await ask(self.hall, c.OpenCounter, counter=counter)

    async def call(self, counter: str = "satu") -> int:
        """Issue a ticket and call it; the id of its announcement."""
        await issue(self.hall)
        return (await ask(self.hall, c.CallNext, counter=counter)).seq

    def waiting(self) -> list[int]:
        return waiting(self.hall, self.loudspeaker.zone)

    async def log(self) -> list[e.Entry]:
        return await entries_of(self.hall._log)

    async def fates(self) -> list[tuple[int, str]]:
        """(announcement, "spoken" or why it expired), in the order of the log."""
        return [
            (event.announcement, event.reason if isinstance(event, e.AnnouncementExpired) else "spoken")
            for event in (entry.event for entry in await self.log())
            if isinstance(event, e.AnnouncementSpoken | e.AnnouncementExpired)
        ]


def waiting(hall: Hall, zone: str) -> list[int]:
    return [announcement.id for announcement in hall.confirmed.announcements.get(zone, AnnouncementQueue())]


@dataclass(frozen=True)
class Said:
    """What a notice says."""

    text: str
    language: str = "id"
    repeat: bool = False


NOTICES = {
    "tutup": Said("Loket tutup pukul tiga."),
    "mobil": Said("Pemilik mobil merah, mohon ke pintu utama."),
    "bisu": Said("..."),
}


async def find_notice(notice: str) -> Words | None:
    return NOTICES.get(notice)


@asynccontextmanager
async def zones(
    *urls: str,
    speech: Speech,
    lease_url: str | None = None,
    clock: Callable[[], datetime] = MORNING,
    zone: str = ZONE,
) -> AsyncIterator[list[Zone]]:
    """The same zone in as many servers as there are URLs."""
    async with AsyncExitStack() as stack:
        made = []
        for url in urls:
            hall = await stack.enter_async_context(living(RedisLog(SITE.id, url), clock=clock))
            lease = WatchedLease(SITE.id, lease_url or url)
            stack.push_async_callback(lease.aclose)
            loudspeaker = Loudspeaker(hall, zone, lease, speech, lambda site: site.pronunciation, find_notice)
            stack.push_async_callback(loudspeaker.aclose)
            made.append(Zone(hall, lease, loudspeaker))
        yield made


def check_one_after_another(*ears: Ear) -> None:
    """Nothing began before what came before it had ended."""
    heard = sorted((heard for ear in ears for heard in ear.heard), key=lambda heard: heard.began)
    for before, after in pairwise(heard):
        assert after.began >= (before.ended or before.over), (before, after)


async def no_longer_waiting(zone: Zone) -> None:
    """What was called so far, through other servers too, was said or given up."""
    await zone.hall.current()
    await until(lambda: not zone.waiting(), within=30, tell=zone.waiting)
