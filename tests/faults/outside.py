"""What stands there in the end, read past the hall: the log, the history, and what the servers answer."""

import asyncio
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import msgspec
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import Engine, Table, select

from server.domain.events import Entry, decode
from server.history import tables as t
from server.history.engine import connect
from server.history.record import behind, catch_up
from server.history.replay import Replay, replay
from server.log.base import LogError, Position
from server.log.redis_log import RedisLog
from tests.faults.hall import SITE, Hall

DRAWN: tuple[Table, ...] = (t.events, t.tickets, t.visits, t.announcements, t.names, t.cursors)


@dataclass
class Outside:
    """epoch, entries: the log as its Redis tells it. told: the events as the API tells them. tickets: as the API tells
    them, by id. replayed: the history in SQL against one drawn anew; unread: why it could not be. changed: tables
    that a job done twice changed."""

    epoch: str
    entries: list[Entry]
    ids: list[str] = field(default_factory=list)
    told: list[dict[str, object]] = field(default_factory=list)
    tickets: list[dict[str, object]] = field(default_factory=list)
    replayed: Replay | None = None
    recorded: bool = True
    unread: str = ""
    changed: list[str] = field(default_factory=list)

    @cached_property
    def first(self) -> dict[str, int]:
        """The seq of the first entry that each command brought."""
        found: dict[str, int] = {}
        for entry in self.entries:
            found.setdefault(entry.event.cause.command, entry.seq)
        return found


def read_log(socket: Path) -> Outside:
    """The whole stream, entry by entry."""
    with redis.Redis(unix_socket_path=str(socket), socket_timeout=10, retry=Retry(NoBackoff(), 0)) as client:
        found = client.xrange(f"antrean:{{{SITE}}}:events")
        epoch = client.get(f"antrean:{{{SITE}}}:epoch") or b""
    entries = [Entry(int(id.partition(b"-")[0]), decode(fields[b"e"])) for id, fields in found]
    return Outside(epoch.decode(), entries, [id.decode() for id, _ in found])


async def read_history(hall: Hall, outside: Outside, *, within: float = 30.0) -> None:
    """Waits until the log is recorded; then compares, and does the job twice more."""
    engine = connect(hall.database)
    log = RedisLog(SITE, hall.valkey.url)
    end = Position(outside.epoch, outside.entries[-1].seq)
    try:
        limit = asyncio.get_running_loop().time() + within
        while behind(engine, SITE, end) and asyncio.get_running_loop().time() < limit:
            await asyncio.sleep(0.1)
        outside.recorded = not behind(engine, SITE, end)
        try:
            outside.replayed = await replay(engine, SITE, log)
        except LogError as trouble:
            outside.unread = str(trouble)
            return
        before = [_rows(engine, table) for table in DRAWN]
        for _ in range(2):
            await catch_up(engine, log)
        outside.changed = [
            table.name for table, rows in zip(DRAWN, before, strict=True) if _rows(engine, table) != rows
        ]
    finally:
        await log.aclose()
        engine.dispose()


def _rows(engine: Engine, table: Table) -> set[str]:
    with engine.connect() as db:
        return {str(tuple(row)) for row in db.execute(select(table))}


def plain(what: object) -> object:
    """As JSON brings it."""
    found: object = msgspec.json.decode(msgspec.json.encode(what))
    return found
