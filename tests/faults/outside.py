"""What stands there in the end, read past the hall: the log, the history, and what the servers answer."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from time import monotonic

import httpx
import msgspec
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import func, select

from server.domain.events import Entry, decode
from server.domain.evolve import evolve, fold
from server.domain.state import State
from server.history import tables as t
from server.history.compare import compare
from server.history.engine import connect, reading
from server.history.record import behind, catch_up, read_cursor, read_on
from server.history.replay import replay
from server.log.base import Log, LogError, LogUnsafe, Position
from server.log.redis_log import RedisLog
from tests.faults.hall import SITE, Hall
from tests.faults.people import Client
from tests.faults.records import JSON

RECORDED = 60.0  # seconds within which the history must have the log's end: what a dead worker held waits for 15
TELLS_WITHIN = 20.0  # seconds within which a server must answer questions, when all is quiet
LATEST = 500  # entries


@dataclass
class Told:
    """What a server tells through the API: the log's latest entries, and some tickets. silent: why it does not."""

    server: str
    events: list[JSON] = field(default_factory=list)
    tickets: list[JSON] = field(default_factory=list)
    silent: str = ""


@dataclass
class Outside:
    """epoch, entries: the log as its Redis tells it. told: what each server tells. history: what is wrong with SQL, in
    words."""

    epoch: str
    entries: list[Entry]
    ids: list[str] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    history: list[str] = field(default_factory=list)

    @cached_property
    def first(self) -> dict[str, int]:
        """The seq of the first entry that each command brought."""
        found: dict[str, int] = {}
        for entry in self.entries:
            found.setdefault(entry.event.cause.command, entry.seq)
        return found

    @cached_property
    def state(self) -> State:
        """How the hall stands after all of it."""
        return fold(self.entries)

    @property
    def end(self) -> Position:
        return Position(self.epoch, self.entries[-1].seq)


def read_log(socket: Path, after: int = 0) -> Outside:
    """The stream beyond `after`, entry by entry."""
    with redis.Redis(unix_socket_path=str(socket), socket_timeout=10, retry=Retry(NoBackoff(), 0)) as client:
        found = client.xrange(f"antrean:{{{SITE}}}:events", f"({after}-0")
        epoch = client.get(f"antrean:{{{SITE}}}:epoch") or b""
    entries = [Entry(int(id.partition(b"-")[0]), decode(fields[b"e"])) for id, fields in found]
    return Outside(epoch.decode(), entries, [id.decode() for id, _ in found])


async def ask(client: Client, server: int, end: int, tickets: list[str]) -> Told:
    """What this server tells of the LATEST entries up to `end`, and then, knowing that end, of the tickets."""
    told, limit = Told(f"server {server + 1}"), monotonic() + TELLS_WITHIN
    while True:
        try:
            found = await client.get("/events", "integration", server, after=max(0, end - LATEST), limit=LATEST)
            told.tickets = [await client.get(f"/tickets/{ticket}", server=server) for ticket in tickets]
            told.events, told.silent = found["events"], ""
            return told
        except httpx.HTTPError as error:
            told.silent = repr(error)
            if monotonic() > limit:
                return told
            await asyncio.sleep(0.2)


class Follower:
    """Folds a log as it grows."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self.epoch, self.state = "", State()

    async def look(self) -> State:
        """As it stands now."""
        new = await asyncio.to_thread(read_log, self._socket, self.state.seq)
        if new.epoch != self.epoch:
            self.epoch, self.state = new.epoch, State()
            new = await asyncio.to_thread(read_log, self._socket)
        for entry in new.entries:
            evolve(self.state, entry)
        return self.state


class History:
    """SQL against a history of the campaign's own, which the same code draws from the same log, a stretch at each look."""

    def __init__(self, hall: Hall, folder: Path) -> None:
        self._valkey, self._url = hall.valkey.url, hall.database
        self._log = RedisLog(SITE, self._valkey)
        self._living = connect(self._url)
        self._own = connect(f"sqlite:///{folder}/own.sqlite3")
        t.metadata.create_all(self._own)

    async def aclose(self) -> None:
        await self._log.aclose()
        self._living.dispose()
        self._own.dispose()

    async def race(self) -> None:
        """Does the worker's job twice at once and beside it, while it has something to do; the rest is left to it."""
        with suppress(LogError):  # it is for `look` to say so
            await at_once(self._url, lambda: RedisLog(SITE, self._valkey))

    async def look(self, end: Position, whole: bool) -> list[str]:
        """Waits until what the log holds up to `end` is recorded, and tells what is not as it should be. whole: by
        `antrean replay` too, which draws all lives of the log from the archive."""
        limit = monotonic() + RECORDED
        while behind(self._living, SITE, end):
            if monotonic() > limit:
                return [f"it is not recorded up to {end}, only up to {read_cursor(self._living, SITE)}"]
            await asyncio.sleep(0.1)
        try:
            await read_on(self._own, self._log)
            several = self._lives() > 1
            wrong = [] if several else self._compared()
            if whole or several or wrong:
                found = await replay(self._living, SITE, self._log)
                wrong += [*found.holes, *map(str, found.differences)]
        except LogUnsafe:  # planted so (everysec): it is for I1 to find what that loses
            return []
        except LogError as trouble:
            return [f"it cannot be compared: {trouble!r}"]
        return wrong

    def _lives(self) -> int:
        """Of the log, that SQL has seen."""
        with self._living.connect() as living:
            found: int = living.execute(select(func.count()).select_from(t.lives)).scalar_one()
        return found

    def _compared(self) -> list[str]:
        with reading(self._living) as living, reading(self._own) as own:
            return list(map(str, compare(living, own, SITE)))


async def at_once(database: str, log: Callable[[], Log]) -> None:
    """Two that record what the log holds, each as a program of its own would. Raises what `catch_up` does."""

    async def record() -> None:
        engine, own = connect(database), log()
        try:
            await catch_up(engine, own)
        finally:
            await own.aclose()
            engine.dispose()

    await asyncio.gather(*(asyncio.to_thread(asyncio.run, record()) for _ in range(2)))


def plain(what: object) -> object:
    """As JSON brings it."""
    found: object = msgspec.json.decode(msgspec.json.encode(what))
    return found
