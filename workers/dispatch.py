"""The dispatcher: follows the log of every hall and sees to it that its phrases get clips and its events a history.

What is new in a log is offered to the workers at once. What is still to be done is offered again every few seconds,
for RQ may forget, jobs may fail and workers may die: what is to be done is always found from the log, the clips and
the history themselves. Any number of dispatchers may run; they offer the same jobs.
"""

import asyncio
import json
import math
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Iterable
from functools import partial

import structlog
from msgspec import convert
from redis.exceptions import RedisError
from rq import Queue
from sqlalchemy.exc import SQLAlchemyError

from audio.clips import ClipStore
from audio.phrases import Phrase
from audio.voices import make_voices
from config.settings import Settings
from config.sites import load_sites
from server import logs
from server.domain.site import Site
from server.history.engine import connect as connect_history
from server.history.migrate import migrate
from server.history.notices import Notice, find_notices
from server.history.pronunciations import Pronunciations
from server.history.record import behind
from server.jobs import beat, connect, open_queue
from server.log.base import LogError, LogUnavailable, LogUnsafe, Position
from server.log.client import REPLY_WITHIN
from server.log.primary import connect as connect_log
from server.log.redis_log import RedisLog
from server.log.safety import must_be_safe
from server.wording import sayable
from workers.clips import Clips
from workers.jobs import make_clip, record
from workers.phrases import Hall
from workers.queues import Work, heal, offer

AGAIN = 10.0  # seconds between two rounds of offers
BEAT = 5.0  # seconds between two signs of life
FOLLOW = 2.0  # seconds after which an idle follower asks where the log ends
SOON = 0.5  # seconds after which work that ran when it was offered is offered again
SETTLE = 1.0  # seconds in which what happens is offered together: RQ's writes are fsynced like the log's own
TIDY = 6 * 3600.0  # seconds between two looks for clips that nobody can want any more
PAUSE = 1.0  # seconds before coming back to what went away
TELL_EVERY = 60.0  # seconds
REFUSED = 2  # exit code: to start it again would not help
TROUBLE = (LogError, RedisError, SQLAlchemyError, OSError)

log = structlog.get_logger(__name__)


def dispatch(settings: Settings) -> None:
    """Until SIGTERM or SIGINT. Exits with 2 when it finds, at its start, that the log's server may forget what it
    acknowledges. Raises what is no passing trouble; then start it again."""
    logs.configure()
    try:
        asyncio.run(_until_told(Dispatcher(settings)))
    except LogUnsafe as unsafe:
        print(unsafe, file=sys.stderr)
        raise SystemExit(REFUSED) from None


async def _until_told(dispatcher: "Dispatcher") -> None:
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    tasks = {asyncio.create_task(told.wait()), asyncio.create_task(dispatcher.run())}
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await dispatcher.aclose()


class Dispatcher:
    """All halls of one installation."""

    def __init__(self, settings: Settings) -> None:
        assert settings.redis_url
        assert settings.jobs_url
        sites = load_sites(settings.sites, always_open=settings.always_open, speed=settings.speed)
        self._settings = settings
        self._sites = [convert(site, Site) for site in sites]
        self._logs = [RedisLog(site["id"], settings.redis_url) for site in sites]
        self._cursors = connect_log(settings.redis_url, REPLY_WITHIN)
        self._history = connect_history(settings.database)
        self._pronunciations = Pronunciations(self._history)
        self._clips = Clips(
            ClipStore(settings.clips), make_voices(settings.voices, settings.clips, settings.piper_model)
        )
        self._redis = connect(settings.jobs_url)
        self._voice, self._metrics = open_queue("voice", self._redis), open_queue("metrics", self._redis)
        self._suspects: dict[Queue, set[str]] = {}
        self._migrated = False
        self._tidied_at = -math.inf

    async def run(self) -> None:
        await self._until_the_log_is_safe()
        async with asyncio.TaskGroup() as tasks:
            for stream in self._logs:
                tasks.create_task(_for_ever(f"follow {stream.site}", partial(self._follow, stream), PAUSE))
            tasks.create_task(_for_ever("offer again", self._offer_again, AGAIN))
            tasks.create_task(_for_ever("say that it lives", partial(asyncio.to_thread, beat, self._redis), BEAT))

    async def aclose(self) -> None:
        for stream in self._logs:
            await stream.aclose()
        await self._cursors.aclose()
        self._redis.close()
        self._history.dispose()

    async def _until_the_log_is_safe(self) -> None:
        """Returns when its server is there. Raises LogUnsafe."""
        while True:
            try:
                await must_be_safe(self._cursors)
                return
            except LogUnavailable as trouble:
                log.warning("log-unavailable", why=str(trouble))
                await asyncio.sleep(PAUSE)

    async def _follow(self, stream: RedisLog) -> None:
        """Read on from the stored cursor, or from the last day-opened if that is older: what is said today must have
        its clips even if their jobs are forgotten. Returns when the log lives another life."""
        begun = await stream.position()
        start = await stream.first_seq() - 1
        today = max(start, await stream.day_start() - 1)
        after = max(start, min(today, await self._cursor(stream, begun.epoch, today)))
        hall, seen_running = Hall(self._pronunciations.table, self._notice_of), False
        while True:
            entries = await stream.wait(max(0, after), SOON if seen_running else FOLLOW)
            if not entries and not await self._still(stream, begun, after):
                return
            new = self._clips.learn(await asyncio.to_thread(list, hall.phrases(entries)))
            await asyncio.to_thread(self._say, new, False)
            after = entries[-1].seq if entries else after
            if entries or seen_running:
                seen_running = not await asyncio.to_thread(offer, self._metrics, _metrics(stream.site))
            if entries:
                await self._store(stream, begun.epoch, after)
                await asyncio.sleep(SETTLE)

    async def _offer_again(self) -> None:
        for queue in (self._voice, self._metrics):
            self._suspects[queue] = await asyncio.to_thread(heal, queue, self._suspects.get(queue, ()))
        await asyncio.to_thread(self._say, self._clips.due(), True)
        if not self._migrated:
            await asyncio.to_thread(migrate, self._settings.database)
            self._migrated = True
        await asyncio.to_thread(self._pronunciations.refresh)
        if time.monotonic() > self._tidied_at + TIDY:
            await asyncio.to_thread(self._tidy)
            self._tidied_at = time.monotonic()
        for stream in self._logs:
            end = await stream.position()
            if await asyncio.to_thread(behind, self._history, stream.site, end):
                await asyncio.to_thread(offer, self._metrics, _metrics(stream.site), again=True)

    def _notice_of(self, id: str) -> Notice | None:
        try:
            return find_notices(self._history, [id]).get(id)
        except SQLAlchemyError as trouble:
            log.warning("trouble", doing="read a notice", why=str(trouble))
            return None

    def _tidy(self) -> None:
        if removed := self._clips.tidy(sayable(self._sites, self._pronunciations.table)):
            log.info("clips-removed", number=removed, why="no site can say them any more")

    def _say(self, phrases: Iterable[Phrase], again: bool) -> None:
        for phrase in phrases:
            digest = self._clips.digest(phrase)
            work = Work(f"voice-{digest}", make_clip, (phrase.text, phrase.language), phrase.text)
            offer(self._voice, work, again=again)

    async def _still(self, stream: RedisLog, begun: Position, after: int) -> bool:
        now = await stream.position()
        return now.epoch == begun.epoch and now.seq >= after

    async def _cursor(self, stream: RedisLog, epoch: str, otherwise: int) -> int:
        stored = await self._cursors.get(_cursor_key(stream.site))
        known = json.loads(stored) if stored else {}
        return int(known["seq"]) if known.get("epoch") == epoch else otherwise

    async def _store(self, stream: RedisLog, epoch: str, seq: int) -> None:
        await self._cursors.set(_cursor_key(stream.site), json.dumps({"epoch": epoch, "seq": seq}))


async def _for_ever(name: str, live: Callable[[], Awaitable[None]], pause: float) -> None:
    """Again and again, also after trouble that may pass; the same trouble is told once a minute."""
    told, told_at = "", 0.0
    while True:
        try:
            await live()
        except TROUBLE as trouble:
            if str(trouble) != told or time.monotonic() - told_at > TELL_EVERY:
                log.warning("trouble", doing=name, why=str(trouble))
                told, told_at = str(trouble), time.monotonic()
        await asyncio.sleep(pause)


def _metrics(site: str) -> Work:
    return Work(f"metrics-{site}", record, (site,), site)


def _cursor_key(site: str) -> str:
    return f"antrean:{{{site}}}:dispatch"
