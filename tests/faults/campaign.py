"""The campaign: opens a hall, puts it under load, lets a fault strike, waits for quiet, and checks what must hold."""

import asyncio
import random
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from server.domain import views
from server.domain.state import State
from tests.faults.faults import FAULTS, Scene
from tests.faults.hall import Hall
from tests.faults.invariants import LOG_ALONE, broken, not_shown
from tests.faults.load import Load
from tests.faults.outcomes import Outcome, keep
from tests.faults.outside import Follower, History, Outside, ask, plain, read_log
from tests.faults.records import Records, Screen, Trouble
from tests.faults.screens import LONGEST_PAUSE, SILENCE

RECOVERY = 60.0  # seconds from the fault
QUIET = 5.0  # seconds within which every screen must show what the log says (I5)
COMES_BACK = SILENCE + LONGEST_PAUSE + QUIET  # seconds that a TV may need when every server takes commands again
LOOK_EVERY = 0.05  # seconds
SPOKEN = 40.0  # seconds within which what waits to be spoken must be over: a silent speaker rests for 10
LOOKED_AT = 20  # tickets
TROUBLE = (AssertionError, TimeoutError, LookupError, OSError, RedisError, SQLAlchemyError)
PROGRAMS = ("valkey", "dispatcher", "voice", "metrics")


@dataclass
class Stage:
    """A living hall under load, which is broken again and again. took: seconds of each part of the last run."""

    hall: Hall
    load: Load
    records: Records
    follower: Follower
    history: History
    rng: random.Random
    took: dict[str, float] = field(default_factory=dict)
    _since: float = 0.0

    async def run(self, name: str, *, last: bool) -> tuple[Trouble, list[str]]:
        """One fault, from the coming of the people to the check of everything that ever was; what is wrong, in words."""
        self.load.begin()
        await asyncio.sleep(self.rng.uniform(0.5, 1.5))
        trouble = Trouble(name, monotonic())
        self.records.troubles.append(trouble)
        try:
            self.took, self._since = {}, monotonic()
            await FAULTS[name](Scene(self.hall, self.load, self.rng))
            self._lap("fault")
            await self._recovered(trouble.struck + RECOVERY)
            trouble.recovered = monotonic()
            self._lap("recovery")
            await self.history.race()
            await asyncio.sleep(0.5)
            await self.load.rest()
            await self.load.finish()
            self._lap("end")
            wrong = [f"I5 {QUIET:g} s after the people went: {one}" for one in await self._calls_not_shown()]
            state = await self._quiet()
            wrong += [f"I5 after {QUIET:g} s of quiet: {one}" for one in self._not_shown(state)]
            self._lap("quiet")
            outside = await self._outside(state, last)
            self._lap("history")
            wrong += broken(self.records, outside)
            self._lap("check")
        except TROUBLE as error:
            await self.load.rest()
            wrong = [*await self._log_alone(), f"it did not recover: {error!r}\n{self.hall.program.text()[-3000:]}"]
        for proxy in self.hall.proxies:
            proxy.requests.clear()
        return trouble, wrong

    def _lap(self, part: str) -> None:
        self.took[part], self._since = monotonic() - self._since, monotonic()

    async def _log_alone(self) -> list[str]:
        """What the log tells, if it can be read, of a hall that did not come back."""
        try:
            return broken(self.records, await asyncio.to_thread(read_log, self.hall.valkey.socket), LOG_ALONE)
        except TROUBLE as error:
            return [f"its log cannot be read: {error!r}"]

    @property
    def acknowledged(self) -> int:
        """Commands answered as done, since the hall was opened."""
        return sum(bool(request.done) for request in self.records.requests)

    async def _recovered(self, limit: float) -> None:
        """Every server takes a command again, every TV shows what came of it, and every program runs."""
        for server in range(len(self.hall.wires)):
            while True:
                request = await self.load.client.post("kiosk", "issue", "/tickets", {"service": "ktp"}, server)
                if request.done:
                    break
                assert monotonic() < limit, f"server {server + 1} answers {request.attempts[-1]}"
                await asyncio.sleep(0.1)
        seq, shown_until = request.done[0].body["seq"], min(limit, monotonic() + COMES_BACK)
        while behind := [tv.screen.name for tv in self.load.tvs if tv.screen.seq < seq]:
            assert monotonic() < shown_until, f"the TVs {behind} do not come on"
            await asyncio.sleep(0.02)
        while missing := [name for name in (*PROGRAMS, *self.hall.names) if self.hall.pid(name) is None]:
            assert monotonic() < limit, f"{missing} do not come back"
            await asyncio.sleep(0.05)

    async def _calls_not_shown(self) -> list[str]:
        """What TVs still do not show of the calls and the counters. The time is counted in looks at the log: a machine
        or a disk that stands still is no TV that does."""
        wrong = []
        for _ in range(round(QUIET / LOOK_EVERY)):
            state = await self.follower.look()
            wrong = [one for tv in self.load.tvs for one in _other_calls(tv.screen, state)]
            if not wrong:
                break
            await asyncio.sleep(LOOK_EVERY)
        return wrong

    async def _quiet(self) -> State:
        """Waits until nothing waits to be spoken any more and every screen shows what the log says, as long as each may
        take; how the hall stands then."""
        limit = monotonic() + SPOKEN
        while (state := await self.follower.look()).announcements and monotonic() < limit:
            await asyncio.sleep(LOOK_EVERY)
        limit = monotonic() + QUIET
        while self._not_shown(state) and monotonic() < limit:
            await asyncio.sleep(LOOK_EVERY)
            state = await self.follower.look()
        return state

    def _not_shown(self, state: State) -> list[str]:
        return [wrong for tv in self.load.tvs for wrong in not_shown(tv.screen, state, self.records)]

    async def _outside(self, state: State, last: bool) -> Outside:
        """What now stands there."""
        outside = await asyncio.to_thread(read_log, self.hall.valkey.socket)
        outside.history = await self.history.look(outside.end, last)
        tickets = self.rng.sample(sorted(state.tickets), min(LOOKED_AT, len(state.tickets)))
        for server in range(len(self.hall.wires)):
            outside.told.append(await ask(self.load.client, server, outside.end.seq, tickets))
        return outside


def _other_calls(screen: Screen, state: State) -> Iterator[str]:
    """What stands there otherwise than in the hall, and hangs on no word that is still to be said."""
    wanted = plain(views.tv(screen.zone)(state))
    assert isinstance(wanted, dict)
    for name in ("calls", "counters"):
        if screen.view.get(name) != wanted[name]:
            yield f"TV {screen.name} (at {screen.seq} of {state.seq}): {name} is {screen.view.get(name)}, not {wanted[name]}"


@dataclass
class Campaign:
    """seed: of everything random. planted: a bug in the hall. servers: how many, hall after hall. out: where outcomes
    are kept; each is told as soon as it is there. label: what its lines begin with. until_found: the first violation
    ends it."""

    seed: int
    planted: str = ""
    servers: tuple[int, ...] = (1, 2, 4)
    out: Path | None = None
    label: str = ""
    until_found: bool = False
    runs_per_hall: int = 15
    outcomes: list[Outcome] = field(default_factory=list)

    async def run(self, faults: list[str], *, until: float = float("inf")) -> list[Outcome]:
        """Lets these faults strike in their order; no new one begins after the time `until` (monotonic). A hall in which
        something went wrong is given up, and so is one that has lived through enough."""
        left = list(reversed(faults))
        opened = 0
        while left and monotonic() < until and not self._found:
            servers = self.servers[opened % len(self.servers)]
            async with self._stage(servers, random.Random(f"{self.seed}/{opened}")) as stage:
                for n in range(self.runs_per_hall):
                    await self._strike(stage, servers, left.pop(), last=n == self.runs_per_hall - 1 or not left)
                    if not left or self.outcomes[-1].wrong or monotonic() > until:
                        break
            opened += 1
        return self.outcomes

    @asynccontextmanager
    async def _stage(self, servers: int, rng: random.Random) -> AsyncIterator[Stage]:
        folder = Path(tempfile.mkdtemp(prefix="antrean-"))
        records = Records()
        try:
            async with (
                Hall(folder, servers, self.planted) as hall,
                Load(hall, records, rng) as load,
                aclosing(History(hall, folder)) as history,
            ):
                yield Stage(hall, load, records, Follower(hall.valkey.socket), history, rng)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    async def _strike(self, stage: Stage, servers: int, fault: str, *, last: bool) -> None:
        began, before = monotonic(), stage.acknowledged
        trouble, wrong = await stage.run(fault, last=last)
        done, recovery, took = stage.acknowledged - before, trouble.recovered - trouble.struck, monotonic() - began
        outcome = Outcome(fault, servers, done, recovery, took, self.seed, self.planted, wrong)
        self.outcomes.append(outcome)
        if self.out:
            keep(self.out, outcome)
        parts = ", ".join(f"{part} {seconds:.1f}" for part, seconds in stage.took.items())
        print(
            f"{self.label}{len(self.outcomes):4} {fault:31} {servers} server(s) {done:5} acknowledged, back after "
            f"{recovery:5.2f} s, {took:5.1f} s in all ({parts}): {'BROKEN' if wrong else 'ok'}",
            *(f"        {one}" for one in wrong),
            sep="\n",
            flush=True,
        )

    @property
    def _found(self) -> bool:
        return self.until_found and bool(self.outcomes) and bool(self.outcomes[-1].invariants)
