"""The campaign: opens a hall, puts it under load, lets a fault strike, waits for quiet, and checks what must hold."""

import asyncio
import random
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import monotonic

import httpx
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from server.domain.evolve import fold
from tests.faults.faults import FAULTS, Scene
from tests.faults.hall import Hall
from tests.faults.invariants import broken
from tests.faults.load import Load
from tests.faults.outside import Outside, read_history, read_log
from tests.faults.records import Records, Trouble

RECOVERY = 60.0  # seconds from the fault
QUIET = 5.0  # seconds within which every screen must show what the log says (I5)
SPOKEN = 40.0  # seconds within which what waits to be spoken must be over: a silent speaker rests for 10
LOOKED_AT = 40  # tickets
TROUBLE = (AssertionError, TimeoutError, LookupError, OSError, RedisError, SQLAlchemyError)
PROGRAMS = ("valkey", "dispatcher", "voice", "metrics")


@dataclass
class Outcome:
    """What one fault did. acknowledged: commands answered as done. wrong: broken invariants, in words."""

    fault: str
    acknowledged: int
    recovery: float
    wrong: list[str] = field(default_factory=list)


@dataclass
class Stage:
    """A living hall under load, which is broken again and again."""

    hall: Hall
    load: Load
    records: Records
    rng: random.Random

    async def run(self, name: str) -> Outcome:
        """One fault, from the coming of the people to the check of everything that ever was."""
        before = self._acknowledged()
        self.load.begin()
        await asyncio.sleep(self.rng.uniform(0.5, 1.5))
        trouble = Trouble(name, monotonic())
        self.records.troubles.append(trouble)
        wrong = []
        try:
            await FAULTS[name](Scene(self.hall, self.load, self.rng))
            await self._recovered(trouble.struck + RECOVERY)
            trouble.recovered = monotonic()
            await asyncio.sleep(0.5)
            await self.load.rest()
            wrong = broken(self.records, await self._quiet())
        except TROUBLE as error:
            wrong = [f"it did not recover: {error!r}\n{self.hall.program.text()[-3000:]}"]
            await self.load.rest()
        for proxy in self.hall.proxies:
            proxy.requests.clear()
        return Outcome(name, self._acknowledged() - before, trouble.recovered - trouble.struck, wrong)

    async def _recovered(self, limit: float) -> None:
        """Every server takes a command again, every TV shows what came of it, and every program runs."""
        for server in range(len(self.hall.wires)):
            while True:
                request = await self.load.client.post("kiosk", "issue", "/tickets", {"service": "ktp"})
                again = await self.load.client.attempt(request, "kiosk", server)
                if again.status == 201:
                    break
                assert monotonic() < limit, f"server {server + 1} answers {again.status} {again.body}"
                await asyncio.sleep(0.1)
        seq = request.done[0].body["seq"]
        while behind := [tv.screen.name for tv in self.load.tvs if tv.screen.seq < seq]:
            assert monotonic() < limit, f"the TVs {behind} do not come on"
            await asyncio.sleep(0.02)
        while missing := [name for name in (*PROGRAMS, *self.hall.names) if self.hall.pid(name) is None]:
            assert monotonic() < limit, f"{missing} do not come back"
            await asyncio.sleep(0.05)

    async def _quiet(self) -> Outside:
        """Waits until nothing moves any more, and reads what then stands there."""
        limit, spoken = monotonic() + QUIET, monotonic() + SPOKEN
        while True:
            outside = await asyncio.to_thread(read_log, self.hall.valkey.socket)
            state = fold(outside.entries)
            shown = all(tv.screen.seq == state.seq for tv in self.load.tvs)
            if shown and not state.announcements:
                break
            if state.announcements and monotonic() < spoken:
                limit = monotonic() + QUIET
            elif monotonic() > limit:
                break
            await asyncio.sleep(0.1)
        await read_history(self.hall, outside)
        tickets = self.rng.sample(sorted(state.tickets), min(LOOKED_AT, len(state.tickets)))
        with suppress(httpx.HTTPError):
            for ticket in tickets:
                outside.tickets.append(await self.load.client.get(f"/tickets/{ticket}"))
            found = await self.load.client.get("/events", "integration", after=max(0, state.seq - 500), limit=500)
            outside.told = found["events"]
        return outside

    def _acknowledged(self) -> int:
        return sum(bool(request.done) for request in self.records.requests)


@dataclass
class Campaign:
    """seed: of everything random. planted: a bug in the hall. An outcome is told as soon as it is there."""

    seed: int
    planted: str = ""
    servers: tuple[int, ...] = (1, 2, 4)
    runs_per_hall: int = 20
    outcomes: list[Outcome] = field(default_factory=list)

    async def run(self, faults: list[str], *, until: float = float("inf")) -> list[Outcome]:
        """Lets these faults strike in their order; no new one begins after the time `until` (monotonic). A hall in which
        something went wrong is given up, and so is one that has lived through enough."""
        left = list(reversed(faults))
        opened = 0
        while left and monotonic() < until:
            rng = random.Random(f"{self.seed}/{opened}")
            folder = Path(tempfile.mkdtemp(prefix="antrean-"))
            records = Records()
            try:
                servers = self.servers[opened % len(self.servers)]
                async with Hall(folder, servers, self.planted) as hall, Load(hall, records, rng) as load:
                    stage = Stage(hall, load, records, rng)
                    for _ in range(min(self.runs_per_hall, len(left))):
                        outcome = await stage.run(left.pop())
                        self.outcomes.append(outcome)
                        self._tell(outcome, servers)
                        if outcome.wrong or monotonic() > until:
                            break
            finally:
                shutil.rmtree(folder, ignore_errors=True)
            opened += 1
        return self.outcomes

    def _tell(self, outcome: Outcome, servers: int) -> None:
        said = "ok" if not outcome.wrong else "BROKEN"
        print(
            f"{len(self.outcomes):5} {outcome.fault:32} {servers} server(s) {outcome.acknowledged:6} acknowledged "
            f"{outcome.recovery:6.2f} s  {said}",
            flush=True,
        )
        for wrong in outcome.wrong:
            print(f"        {wrong}", flush=True)


def table(outcomes: list[Outcome]) -> str:
    """Per fault: runs, acknowledged commands, violations, time to recover."""
    lines = [
        "| fault | runs | acknowledged | violations | recovery median s | max s |",
        "| --- | --: | --: | --: | --: | --: |",
    ]
    for name in dict.fromkeys(outcome.fault for outcome in outcomes):
        runs = [outcome for outcome in outcomes if outcome.fault == name]
        lines.append(_row(name, runs))
    return "\n".join([*lines, _row("all", outcomes)]) if outcomes else "no fault struck"


def _row(name: str, runs: list[Outcome]) -> str:
    took = [run.recovery for run in runs]
    acknowledged, wrong = sum(run.acknowledged for run in runs), sum(len(run.wrong) for run in runs)
    return f"| {name} | {len(runs)} | {acknowledged} | {wrong} | {median(took):.2f} | {max(took):.2f} |"
