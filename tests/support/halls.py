"""Living halls for tests, people who ask them things, and what must be true of a log afterwards."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from server.domain import commands as c
from server.domain import events as e
from server.domain import policy
from server.domain.answers import Answer
from server.domain.evolve import evolve, fold
from server.domain.site import Site
from server.domain.state import State
from server.hall import Hall, fresh_id, utc_now
from server.log.base import Log
from server.log.memory import MemoryLog
from server.log.redis_log import RedisLog
from tests.support.proxy import until
from tests.unit.domain.builders import MONDAY, SITE


class Clock:
    """The wall clock of a test, which runs, and may be set."""

    def __init__(self, at: datetime | None = None) -> None:
        self.offset = at - utc_now() if at else timedelta(0)

    def __call__(self) -> datetime:
        return utc_now() + self.offset

    def jump(self, seconds: float) -> None:
        self.offset += timedelta(seconds=seconds)


MORNING = Clock(MONDAY)  # whatever the time is, no night falls in the midst of a test


@asynccontextmanager
async def living(log: Log, site: Site = SITE, clock: Callable[[], datetime] = MORNING) -> AsyncIterator[Hall]:
    """A hall that runs and is configured; ends with its log closed."""
    hall = Hall(site, log, clock)
    task = asyncio.create_task(hall.run())
    try:
        await until(lambda: task.done() or (hall.available and hall.confirmed.site == site))
        if task.done():
            task.result()
        await hall.current()
        yield hall
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await log.aclose()


@asynccontextmanager
async def two(url: str | None, clock: Callable[[], datetime] = MORNING) -> AsyncIterator[tuple[Hall, Hall]]:
    """Two halls in this loop on one log; url None: in memory."""
    shared = MemoryLog(SITE.id)
    logs: list[Log] = [RedisLog(SITE.id, url) if url else shared for _ in range(2)]
    async with living(logs[0], clock=clock) as one, living(logs[1], clock=clock) as other:
        yield one, other


def command(hall: Hall, kind: type[c.Command], key: str | None = None, **fields: Any) -> c.Command:
    return kind(at=hall.clock(), by="u1", id=key or fresh_id(), digest="d", keyed=key is not None, **fields)


async def ask(hall: Hall, kind: type[c.Command], key: str | None = None, **fields: Any) -> Answer:
    return await hall.ask(command(hall, kind, key, **fields))


async def issue(hall: Hall, key: str | None = None, service: str = "paspor") -> Answer:
    return await ask(hall, c.IssueTicket, key, ticket=fresh_id(), service=service)


async def entries_of(log: Log) -> list[e.Entry]:
    entries: list[e.Entry] = []
    while found := await log.read(entries[-1].seq if entries else 0):
        entries += found
    return entries


async def agree(entries: list[e.Entry], *halls: Hall) -> None:
    """Within some seconds every hall shows what the log says, from its last day and from its beginning."""
    said = fold(entries)
    last = max(n for n, entry in enumerate(entries) if isinstance(entry.event, e.DayOpened))
    assert fold(entries[last:]) == said
    for hall in halls:
        await until(partial(_has_come_to, hall, said.seq))
        assert hall.confirmed == said


def _has_come_to(hall: Hall, seq: int) -> bool:
    return hall.confirmed.seq >= seq


def numbers(entries: Sequence[e.Entry]) -> list[str]:
    return [entry.event.number for entry in entries if isinstance(entry.event, e.TicketIssued)]


def commands_of(entries: Sequence[e.Entry]) -> list[str]:
    """The ids of the commands in the log, in order; the events of one command stand together."""
    found: list[str] = []
    for entry in entries:
        if not found or found[-1] != entry.event.cause.command:
            found.append(entry.event.cause.command)
    return found


def check_log(entries: list[e.Entry]) -> None:
    """No gap; every command once; no number twice and none left out; no ticket and no counter taken twice; whoever was
    called was next."""
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    ran = commands_of(entries)
    assert len(ran) == len(set(ran))
    state = State()
    issued: dict[str, int] = {}
    for entry in entries:
        event = entry.event
        if isinstance(event, e.DayOpened):
            issued.clear()
        if isinstance(event, e.TicketIssued):
            prefix, _, number = event.number.partition("-")
            issued[prefix] = issued.get(prefix, 0) + 1
            assert int(number) == issued[prefix], event
        if isinstance(event, e.TicketCalled):
            following = policy.next_ticket(state, event.counter)
            assert following is not None
            assert following.id == event.ticket
            assert state.in_hand(event.counter) is None
        evolve(state, entry)


@dataclass
class Asked:
    """A command with when it was sent and answered (monotonic seconds of the machine) and what it got."""

    key: str
    sent: float
    answered: float
    seq: int
    number: str | None
    kind: str
    counter: str | None = None
    first: bool = True


def check_answers(entries: list[e.Entry], asked: list[Asked]) -> None:
    """Every answer stands in the log at its seq; empty-handed counters had nobody to call; what was answered before
    something else was asked stands before it."""
    empty = {}
    state = State()
    for entry in entries:
        evolve(state, entry)
        empty[state.seq] = {
            counter for counter in (state.site.counter if state.site else ()) if not policy.next_ticket(state, counter)
        }
    for one in asked:
        if one.kind == "CallNext" and one.number is None:
            assert one.counter in empty[one.seq], f"{one} though somebody waited"
        elif one.kind in ("IssueTicket", "CallNext"):
            events = [entry.event for entry in entries if entry.event.cause.command == one.key]
            event = events[-1]
            assert isinstance(event, e.TicketIssued | e.TicketCalled)
            assert event.number == one.number
            assert entries[one.seq - 1].event == event
    seen = 0
    done = iter(sorted(asked, key=lambda one: one.answered))
    following = next(done, None)
    for one in sorted((one for one in asked if one.first), key=lambda one: one.sent):
        while following and following.answered < one.sent:
            seen = max(seen, following.seq)
            following = next(done, None)
        assert one.seq >= seen, f"{one} was asked after {seen} had been answered"
