"""One hall, live in one process: takes commands, writes what follows from them, follows what others write.

`confirmed` is what reads and views see. `_ahead` has the batch in flight as well; it is decided on. A batch is
answered and shown only when it is on disk. Whatever goes wrong ends in the one thing done at the start: fold the log
from the last `day-opened` and go on; commands that still wait are decided again, those that ran are found by their id.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import UTC, datetime
from secrets import token_urlsafe
from time import monotonic

import structlog
from msgspec import Struct

from server.domain.answers import Answer
from server.domain.commands import Command, ConfigureSite, Look, Tick
from server.domain.days import local
from server.domain.decide import answer, decide, next_due
from server.domain.errors import Rejected
from server.domain.events import DayOpened, Entry
from server.domain.evolve import evolve
from server.domain.site import Site
from server.domain.state import State
from server.log.base import Conflict, DayLost, Log, LogError, LogUnavailable, LogUnsafe, Position

PATIENCE = 3.0  # seconds a caller waits for the log before it is told that the outcome is unknown
FOLLOW = 2.0  # seconds after which an idle follower asks where the log ends
LONGEST_SLEEP = 30.0  # seconds
MOST_WAITING = 1000  # commands
PAUSES = (0.1, 0.2, 0.5, 1.0)  # seconds between attempts to come back; the last one repeats

log = structlog.get_logger(__name__)


class _Asked(Struct, eq=False):
    """A command that waits for its answer."""

    command: Command
    reply: asyncio.Future[Answer]


class _Moved(LogError):
    """The log lives another life, or lost its end: what this process knows must be folded again."""


def utc_now() -> datetime:
    return datetime.now(UTC)


class Hall:
    """site: its configuration as this installation wants it. stream: its log. clock: gives aware datetimes.

    `run` must be running for anything to be answered. `confirmed` is replaced as a whole after trouble: do not keep it.
    """

    def __init__(self, site: Site, stream: Log, clock: Callable[[], datetime] = utc_now) -> None:
        self.site = site
        self.confirmed = State()
        self.epoch = ""
        self.available = False
        self.clock = clock
        self._log = stream
        self._ahead = State()
        self._in_flight = False
        self._inbox: list[_Asked] = []
        self._wake = asyncio.Event()
        self._watchers: set[Callable[[], None]] = set()
        self._configured = False
        self._failures = 0

    async def ask(self, command: Command) -> Answer:
        """Give a command and wait until what it brought is on disk.

        Raises Rejected, with nothing changed; LogUnavailable when the outcome is unknown: ask again with the same id.
        """
        if len(self._inbox) >= MOST_WAITING:
            raise LogUnavailable("too many commands wait for the log")
        asked = self._asked(command)
        self._inbox.append(asked)
        self._wake.set()
        try:
            async with asyncio.timeout(PATIENCE):
                return await asked.reply
        except TimeoutError:
            raise LogUnavailable("the log did not answer in time") from None
        finally:
            if asked in self._inbox:
                self._inbox.remove(asked)

    async def current(self) -> State:
        """The confirmed state, after a proof that it stood at the log's end since this was asked."""
        await self.ask(Look(at=self.clock(), by="system", id=fresh_id()))
        return self.confirmed

    def now(self) -> datetime:
        """Now, on the hall's wall clock."""
        return local(self.site, self.clock())

    def watch(self, watcher: Callable[[], None]) -> Callable[[], None]:
        """Have `watcher` called, in the event loop, after each change of `confirmed` or `available`.

        Returns what ends it.
        """
        self._watchers.add(watcher)
        return lambda: self._watchers.discard(watcher)

    async def run(self) -> None:
        """Live until cancelled. Raises LogUnsafe when the log's server may forget what it acknowledges."""
        told = ""
        while True:
            try:
                await self._fold()
                await _until_one_fails(self._write(), self._follow())
            except LogUnsafe as unsafe:
                if not self._configured:
                    raise
                log.error("log-unsafe", site=self.site.id, why=str(unsafe))
            except LogError as trouble:
                if not self._failures or str(trouble) != told:
                    log.warning("log-unavailable", site=self.site.id, why=str(trouble))
                told = str(trouble)
            except Exception:
                log.exception("hall-failed", site=self.site.id)
            self._set_available(False)
            await asyncio.sleep(PAUSES[min(self._failures, len(PAUSES) - 1)])
            self._failures += 1

    async def _fold(self) -> None:
        position = await self._log.position()
        if position.epoch == self.epoch and position.seq < self.confirmed.seq:
            log.error("log-lost-its-end", site=self.site.id, confirmed=self.confirmed.seq, found=position.seq)
            await self._log.renew(position)
            position = await self._log.position()
        state = State()
        after = max(await self._log.day_start(), await self._log.first_seq()) - 1
        while state.seq < position.seq:
            entries = await self._log.read(max(after, state.seq))
            if not entries:
                raise _Moved(f"the log ended at {state.seq} while it was read up to {position.seq}")
            if not state.seq and entries[0].seq > 1 and not isinstance(entries[0].event, DayOpened):
                raise DayLost(self.site.id, entries[0].seq)
            for entry in entries:
                evolve(state, entry)
        if position.epoch != self.epoch:
            self._configured = False
        self.epoch = position.epoch
        self.confirmed = state
        self._ahead = state.copy()
        self._in_flight = False
        if not self._configured and not any(isinstance(asked.command, ConfigureSite) for asked in self._inbox):
            self._inbox.insert(
                0, self._asked(ConfigureSite(at=self.clock(), by="system", id=fresh_id(), site=self.site))
            )
        self._wake.set()
        self._set_available(True)

    def _asked(self, command: Command) -> _Asked:
        return _Asked(command, asyncio.get_running_loop().create_future())

    async def _write(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._until_due()):  # wait_for of 3.11 may swallow the end of this task
                    await self._wake.wait()
            self._wake.clear()
            batch, self._inbox = self._inbox, []
            self._in_flight = True
            try:
                await self._commit(batch)
            except BaseException:
                self._inbox = [asked for asked in batch if not asked.reply.done()] + self._inbox
                raise
            self._in_flight = False

    def _until_due(self) -> float:
        """Seconds until a Tick may be due; short enough to notice a wall clock that was set."""
        due = next_due(self.confirmed)
        return min(max(0.0, (due - self.clock()).total_seconds()), LONGEST_SLEEP) if due else LONGEST_SLEEP

    async def _commit(self, batch: list[_Asked]) -> None:
        """Decide the batch and write it, as often as it takes; answer when it is on disk."""
        while True:
            batch = [asked for asked in batch if not asked.reply.done()]
            after = Position(self.epoch, self._ahead.seq)
            entries = self._tick()
            outcomes: list[tuple[_Asked, Answer | Rejected]] = []
            for asked in batch:
                try:
                    entries += self._decide(asked.command)
                    outcomes.append((asked, answer(self._ahead, asked.command)))
                except Rejected as refusal:
                    outcomes.append((asked, refusal))
                except Exception as defect:
                    log.exception("command-failed", site=self.site.id, command=type(asked.command).__name__)
                    asked.reply.set_exception(defect)
                    break
            else:
                try:
                    if entries or outcomes:
                        await self._log.append(after, entries)
                except Conflict as conflict:
                    await self._read_on(after.seq, conflict.found)
                else:
                    self._confirm(entries, outcomes)
                    return
            self._ahead = self.confirmed.copy()

    def _tick(self) -> list[Entry]:
        due = next_due(self._ahead)
        at = self.clock()
        if due is None or due > at:
            return []
        return self._decide(Tick(at=at, by="system", id=fresh_id()))

    def _decide(self, command: Command) -> list[Entry]:
        entries = []
        for event in decide(self._ahead, command):
            entry = Entry(self._ahead.seq + 1, event)
            evolve(self._ahead, entry)
            entries.append(entry)
        return entries

    def _confirm(self, entries: list[Entry], outcomes: list[tuple[_Asked, Answer | Rejected]]) -> None:
        if outcomes:
            self._failures = 0
        for entry in entries:
            if entry.seq > self.confirmed.seq:
                evolve(self.confirmed, entry)
        for asked, outcome in outcomes:
            if isinstance(asked.command, ConfigureSite):
                self._configured = True
            if asked.reply.done():
                continue
            if isinstance(outcome, Rejected):
                asked.reply.set_exception(outcome)
            else:
                asked.reply.set_result(outcome)
        if self._ahead.seq != self.confirmed.seq:
            self._ahead = self.confirmed.copy()
        if entries:
            self._tell()

    async def _read_on(self, known: int, found: Position) -> None:
        """Take in what others wrote, up to where the log was found to end. known: what was confirmed when it was asked;
        since then the other reader may have got further."""
        if found.epoch != self.epoch or found.seq < known:
            raise _Moved(f"the log is at {found}, this process knew {self.epoch} up to {known}")
        while self.confirmed.seq < found.seq:
            entries = await self._log.read(self.confirmed.seq)
            if not entries:
                raise _Moved(f"the log ended at {self.confirmed.seq} while it was read up to {found.seq}")
            self._take_in(entries)

    async def _follow(self) -> None:
        """Take in what others write. A stream does not tell which life it lives, so that is asked now and then."""
        ask_at = monotonic()
        while True:
            self._take_in(await self._log.wait(self.confirmed.seq, FOLLOW))
            if monotonic() >= ask_at:
                known = self.confirmed.seq
                await self._read_on(known, await self._log.position())
                ask_at = monotonic() + FOLLOW

    def _take_in(self, entries: list[Entry]) -> None:
        before = self.confirmed.seq
        for entry in entries:
            if entry.seq <= self.confirmed.seq:
                continue
            evolve(self.confirmed, entry)
            if not self._in_flight:
                evolve(self._ahead, entry)
        if self.confirmed.seq != before:
            self._tell()

    def _set_available(self, available: bool) -> None:
        if available != self.available:
            self.available = available
            self._tell()

    def _tell(self) -> None:
        for watcher in tuple(self._watchers):
            watcher()


def fresh_id() -> str:
    """The id of a command whose caller gave none."""
    return "~" + token_urlsafe(16)


async def _until_one_fails(*works: Coroutine[None, None, None]) -> None:
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
