"""The dispatcher: follows the log of every hall and sees to it that its phrases get clips and its events a history.

What is new in a log is offered to the workers at once. What is still to be done is offered again every few seconds,
for RQ may forget, jobs may fail and workers may die: what is to be done is always found from the log, the clips and
the history themselves. Any number of dispatchers may run; they offer the same jobs.
"""

import asyncio
import json
import signal
import time
from collections.abc import Awaitable, Callable, Iterable
from functools import partial

import structlog
from redis.exceptions import RedisError
from rq import Queue
from sqlalchemy.exc import SQLAlchemyError

from audio.clips import ClipStore
from audio.phrases import Phrase
from audio.voices import make_voices
from config.settings import Settings
from config.sites import load_sites
from server.history.engine import connect as connect_history
from server.history.migrate import migrate
from server.history.record import behind
from server.log.base import LogError, Position
from server.log.redis_log import REPLY_WITHIN, RedisLog
from server.log.redis_log import connect as connect_log
from workers import logs
from workers.jobs import make_clip, record
from workers.phrases import Clips, Hall
from workers.queues import Work, connect, heal, offer, open_queue

AGAIN = 10.0  # seconds between two rounds of offers
FOLLOW = 2.0  # seconds after which an idle follower asks where the log ends
SOON = 0.5  # seconds after which work that ran when it was offered is offered again
SETTLE = 1.0  # seconds in which what happens is offered together: RQ's writes are fsynced like the log's own
PAUSE = 1.0  # seconds before coming back to what went away
TELL_EVERY = 60.0  # seconds
TROUBLE = (LogError, RedisError, SQLAlchemyError, OSError)

log = structlog.get_logger(__name__)


def dispatch(settings: Settings) -> None:
    """Until SIGTERM or SIGINT. Raises what is no passing trouble; then start it again."""
    logs.configure()
    asyncio.run(_until_told(Dispatcher(settings)))


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
        sites = load_sites(settings.sites, always_open=settings.always_open, speed=settings.speed)
        self._settings = settings
        self._logs = [RedisLog(site["id"], settings.redis_url) for site in sites]
        self._cursors = connect_log(settings.redis_url, REPLY_WITHIN)
        self._history = connect_history(settings.database)
        self._clips = Clips(ClipStore(settings.clips), make_voices(settings.voices, settings.clips))
        self._redis = connect(settings.redis_url)
        self._voice, self._metrics = open_queue("voice", self._redis), open_queue("metrics", self._redis)
        self._suspects: dict[Queue, set[str]] = {}
        self._migrated = False

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            for stream in self._logs:
                tasks.create_task(_for_ever(f"follow {stream.site}", partial(self._follow, stream), PAUSE))
            tasks.create_task(_for_ever("offer again", self._offer_again, AGAIN))

    async def aclose(self) -> None:
        for stream in self._logs:
            await stream.aclose()
        await self._cursors.aclose()
        self._redis.close()
        self._history.dispose()

    async def _follow(self, stream: RedisLog) -> None:
        """Read on from the stored cursor, or from the last day-opened if that is older: what is said today must have
        its clips even if their jobs are forgotten. Returns when the log lives another life."""
        begun = await stream.position()
        start = await stream.first_seq() - 1
        today = max(start, await stream.day_start() - 1)
        after = max(start, min(today, await self._cursor(stream, begun.epoch, today)))
        hall, seen_running = Hall(), False
        while True:
            entries = await stream.wait(max(0, after), SOON if seen_running else FOLLOW)
            if entries:
                new = self._clips.learn(hall.phrases(entries))
                await asyncio.to_thread(self._say, new, False)
                after = entries[-1].seq
            elif not await self._still(stream, begun, after):
                return
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
        for stream in self._logs:
            end = await stream.position()
            if await asyncio.to_thread(behind, self._history, stream.site, end):
                await asyncio.to_thread(offer, self._metrics, _metrics(stream.site), again=True)

    def _say(self, phrases: Iterable[Phrase], again: bool) -> None:
        for phrase in phrases:
            digest = self._clips.digest(phrase)
            offer(self._voice, Work(f"voice-{digest}", make_clip, (digest, phrase.text)), again=again)

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
    return Work(f"metrics-{site}", record, (site,))


def _cursor_key(site: str) -> str:
    return f"antrean:{{{site}}}:dispatch"
