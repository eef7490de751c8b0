"""Primaries that are killed again and again, while people take numbers from two server processes.

`make faults-ha KILLS=50` runs it for long. A killed machine is started again as a replica, as docs/ha.md has it done.
"""

import argparse
import asyncio
import itertools
import sys
import tempfile
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import monotonic
from typing import Any

import httpx

from server.domain.events import Entry
from server.log.redis_log import RedisLog
from tests.integration.web.house import Server, make_tokens, write_site
from tests.processes import free_port
from tests.support.halls import check_log, entries_of
from tests.support.machines import Machines, Process

SITE = "gerai"
PEOPLE = 8
SERVICES = ("ktp", "pkb")
BACK_WITHIN = {"quick": 10.0, "usual": 20.0}  # seconds, by the Sentinels' timers
GIVES_UP_AFTER = 60.0  # seconds
STRIKES = (Process.kill, Process.kill, Process.stop)


@dataclass
class Ticket:
    """What one key got: every answer that said it was issued, with the time (monotonic)."""

    key: str
    answers: list[tuple[float, dict[str, Any]]] = field(default_factory=list)


@dataclass
class Figures:
    """What came of it. back: seconds from each blow until both servers issued numbers again."""

    back: list[float] = field(default_factory=list)
    acknowledged: int = 0
    refused: int = 0
    lost: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{len(self.back)} primaries struck, {self.acknowledged} tickets acknowledged, {len(self.lost)} lost, "
            f"{self.refused} times refused; back after {median(self.back):.1f} s (median), {max(self.back):.1f} s (longest)"
        )


class Load:
    """People who ask one server or the other for numbers, again with the same key until they know what became of it."""

    def __init__(self, servers: list[Server], token: str) -> None:
        self.servers = servers
        self.tickets: list[Ticket] = []
        self.refused = 0
        self._headers = {"Authorization": f"Bearer {token}"}
        self._http = httpx.AsyncClient(trust_env=False, timeout=10)

    async def person(self, number: int) -> None:
        for n in itertools.count():
            await self.issue(self.servers[(number + n) % len(self.servers)], SERVICES[n % 2])
            await asyncio.sleep(0.05)

    async def issue(self, server: Server, service: str = SERVICES[0]) -> Ticket:
        ticket = Ticket(uuid.uuid4().hex)
        self.tickets.append(ticket)
        limit = monotonic() + GIVES_UP_AFTER
        while not ticket.answers:
            assert monotonic() < limit, f"nobody knows what became of {ticket.key}"
            await self.attempt(server, ticket, service)
        return ticket

    async def attempt(self, server: Server, ticket: Ticket, service: str) -> None:
        with suppress(httpx.HTTPError):
            answer = await self._http.post(
                f"{server.url}/api/sites/{SITE}/tickets",
                json={"service": service},
                headers={**self._headers, "Idempotency-Key": ticket.key},
            )
            if answer.status_code == 201:
                ticket.answers.append((monotonic(), answer.json()))
                return
            assert answer.status_code == 503, answer.text
            self.refused += 1
        await asyncio.sleep(0.05)

    async def aclose(self) -> None:
        await self._http.aclose()


@asynccontextmanager
async def opened(folder: Path, machines: Machines, *, servers: int = 2) -> AsyncIterator[Load]:
    """So many real server processes on the log of these machines."""
    write_site(folder / "sites", SITE)
    here = [Server(folder / "data", free_port(), machines.url, folder / "sites") for _ in range(servers)]
    tokens = make_tokens(here[0].database)
    load = Load(here, tokens["kiosk"])
    try:
        for server in here:
            await asyncio.to_thread(server.start().ready)
        yield load
    finally:
        await load.aclose()
        for server in here:
            server.kill()


async def strike(machines: Machines, load: Load, blow: Any) -> float:
    """Strikes the primary and has it come back as a replica; the seconds until both servers issue numbers again."""
    began = monotonic()
    back = [asyncio.create_task(_first_after(load, server, began)) for server in load.servers]
    old, new = await asyncio.to_thread(machines.fail_over, blow)
    if old.process:
        old.go_on()
    else:
        machines.start(old, new)  # in this thread: a child that is tied to its parent ends with the thread that made it
    took = max(await asyncio.gather(*back)) - began
    await asyncio.to_thread(until_settled, machines)
    return took


async def _first_after(load: Load, server: Server, began: float) -> float:
    """When this server first acknowledged what was asked after `began`, and the log had lost its primary meanwhile."""
    while True:
        asked = monotonic()
        ticket = await load.issue(server)
        if asked > began + 0.5:
            return ticket.answers[0][0]


def until_settled(machines: Machines) -> None:
    limit = monotonic() + 60
    while not machines.settled():
        assert monotonic() < limit, machines.told()


async def run(machines: Machines, folder: Path, blows: list[Any], say: Any = None) -> Figures:
    """Every blow once, then the proof that nothing acknowledged is lost."""
    figures = Figures()
    async with opened(folder, machines) as load:
        epoch = (await position(machines)).epoch
        people = [asyncio.create_task(load.person(n)) for n in range(PEOPLE)]
        for blow in blows:
            figures.back.append(await strike(machines, load, blow))
            if say:
                say(f"{len(figures.back)}: back after {figures.back[-1]:.1f} s")
        await _rest(people, load)
        assert (await position(machines)).epoch == epoch, "a server found the log to end before what it had shown"
        entries = await whole(machines)
        figures.refused = load.refused
        figures.acknowledged = sum(bool(ticket.answers) for ticket in load.tickets)
        figures.lost = lost(entries, load.tickets)
        check_log(entries)
    return figures


async def _rest(people: list["asyncio.Task[None]"], load: Load) -> None:
    for person in people:
        person.cancel()
    ended = await asyncio.gather(*people, return_exceptions=True)
    assert all(isinstance(one, asyncio.CancelledError) for one in ended), ended


def lost(entries: list[Entry], tickets: list[Ticket]) -> list[str]:
    """The acknowledged numbers that do not stand in the log exactly as every answer told them."""
    found = []
    for ticket in tickets:
        for _, told in ticket.answers:
            event = entries[told["seq"] - 1].event if told["seq"] <= len(entries) else None
            if (getattr(event, "ticket", None), getattr(event, "number", None)) != (told["id"], told["number"]):
                found.append(f"{told['number']} (seq {told['seq']}): the log has {event}")
    return found


async def whole(machines: Machines) -> list[Entry]:
    log = RedisLog(SITE, machines.url)
    try:
        return await entries_of(log)
    finally:
        await log.aclose()


async def position(machines: Machines) -> Any:
    log = RedisLog(SITE, machines.url)
    try:
        return await log.position()
    finally:
        await log.aclose()


def main() -> int:
    options = argparse.ArgumentParser(prog="make faults-ha", description=__doc__)
    options.add_argument("--kills", type=int, default=50)
    options.add_argument(
        "--timers", choices=tuple(BACK_WITHIN), default="quick", help="usual: the Sentinels' in a hall"
    )
    given = options.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="antrean-") as folder,
        Machines(Path(folder, "machines"), given.timers) as machines,
    ):
        blows = [STRIKES[n % len(STRIKES)] for n in range(given.kills)]
        figures = asyncio.run(run(machines, Path(folder), blows, lambda line: print(line, flush=True)))
    print(figures, *figures.lost, sep="\n")
    return 1 if figures.lost or max(figures.back) > BACK_WITHIN[given.timers] else 0


if __name__ == "__main__":
    sys.exit(main())
