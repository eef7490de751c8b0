"""What may befall a hall, one at a time. Each fault is a function of a `Scene` and returns when it is over.

Whatever was killed is started again by the parent process, as in a real hall. How long the hall takes to recover is
measured from the moment at which the fault strikes, so a fault that lasts 5 s takes more than 5 s.
"""

import asyncio
import os
import random
import resource
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from time import monotonic

from tests.faults.hall import Hall
from tests.faults.load import ZONES, Load
from tests.faults.many_tvs import slow_ones_among_many
from tests.faults.people import SERVICES
from tests.support.proxy import APPEND, Kind, until

DAY = 24 * 3600.0
IDLE = 10  # looks without a work horse, after which a worker waits for a job


@dataclass
class Scene:
    hall: Hall
    load: Load
    rng: random.Random

    async def pid(self, name: str) -> int:
        """The process of this name, when it is there. "server": any of them; "horse": the worker, if no job comes."""
        chosen, limit = self.rng.choice(self.hall.names) if name == ANY_SERVER else name, monotonic() + 5
        while (pid := self.hall.pid(chosen)) is None:
            await asyncio.sleep(0.01)
            if monotonic() > limit:
                assert chosen == "horse", f"{chosen} does not run"
                chosen, limit = "metrics", monotonic() + 20
        return pid


Fault = Callable[[Scene], Awaitable[None]]
ANY_SERVER = "server"


def _killed(name: str) -> Fault:
    async def fault(scene: Scene) -> None:
        os.kill(await scene.pid(name), signal.SIGKILL)

    return fault


def _stopped(name: str, seconds: float) -> Fault:
    async def fault(scene: Scene) -> None:
        async with _stopping(await scene.pid(name)):
            await asyncio.sleep(seconds)

    return fault


@asynccontextmanager
async def _stopping(pid: int) -> AsyncIterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        with suppress(ProcessLookupError):  # it was killed meanwhile
            os.kill(pid, signal.SIGCONT)


async def metrics_killed_with_a_job(scene: Scene) -> None:
    """The RQ worker dies between being given a job and beginning it: it stands still until the log has brought one."""
    pid, idle = await scene.pid("metrics"), 0
    while idle < IDLE:
        idle = 0 if scene.hall.pid("horse") else idle + 1
        await asyncio.sleep(0.02)
    async with _stopping(pid):
        await asyncio.sleep(2.5)
        os.kill(pid, signal.SIGKILL)


async def opened_twice(scene: Scene) -> None:
    """A second parent is started on the data directory in which this one works."""
    await scene.hall.open_again()


async def parent_killed(scene: Scene) -> None:
    """And all with it; somebody opens the hall again."""
    hall = scene.hall
    hall.signal("parent", signal.SIGKILL)
    await asyncio.to_thread(hall.program.ends)
    await until(lambda: not hall.program.alive(), within=10)
    await hall.open()


async def power_cut(scene: Scene) -> None:
    """Everything ends at once, and of the log only what was synced is left."""
    hall = scene.hall
    hall.signal("parent", signal.SIGKILL)
    hall.program.kill()
    lost = hall.machine.lose_what_was_not_synced(hall.valkey.folder / "appendonlydir")
    if lost:
        print(f"        the power cut took {lost} bytes that were written and not synced", flush=True)
    await hall.open()


async def asked_of_a_late_follower(scene: Scene) -> None:
    """A server that has not been told for two seconds what others wrote, and through which nobody writes, is asked for
    what only they know."""
    late = scene.rng.randrange(len(scene.hall.wires))
    client = scene.load.client
    client.avoided = late
    try:
        struck = scene.hall.proxies[late].strike("late", b"XREAD", 1.0)
        async with asyncio.timeout(10):
            await struck.struck.wait()
        until_then = monotonic() + 2.0
        while monotonic() < until_then:
            issued = await client.post("kiosk", "issue", "/tickets", {"service": scene.rng.choice(SERVICES)})
            for answer in issued.done:
                await client.post("supervisor", "cancel", f"/tickets/{answer.body['id']}/cancel", server=late)
        struck.let_go.set()
    finally:
        client.avoided = None


def _to_the_log(kind: Kind, seconds: float = 0.0, word: bytes = APPEND) -> Fault:
    """A server's next request with this word meets this on its way to the log (tests.support.proxy.Fault says what)."""

    async def fault(scene: Scene) -> None:
        struck = scene.rng.choice(scene.hall.proxies).strike(kind, word, seconds)
        async with asyncio.timeout(10):
            await struck.struck.wait()
        await asyncio.sleep(seconds)
        struck.let_go.set()

    return fault


async def log_out_of_reach(scene: Scene) -> None:
    """Nothing passes between a server and the log for some seconds, and no connection ends."""
    proxy = scene.rng.choice(scene.hall.proxies)
    proxy.cut()
    await asyncio.sleep(scene.rng.uniform(1, 6))
    proxy.mend()


async def clients_cut(scene: Scene) -> None:
    """Every connection of clients to a server ends."""
    scene.rng.choice(scene.hall.wires).abort()


async def clients_refused(scene: Scene) -> None:
    """A server cannot be reached for a while."""
    wire = scene.rng.choice(scene.hall.wires)
    wire.refuses = True
    wire.abort()
    await asyncio.sleep(2)
    wire.let_go()


def _held(*, up: bool, down: bool) -> Fault:
    async def fault(scene: Scene) -> None:
        wire = scene.rng.choice(scene.hall.wires)
        wire.hold(up=up, down=down)
        await asyncio.sleep(scene.rng.uniform(1, 5))
        if scene.rng.random() < 0.5:
            wire.abort()
        wire.let_go()

    return fault


async def clients_delayed(scene: Scene) -> None:
    """A slow network: every piece takes half a second."""
    wire = scene.rng.choice(scene.hall.wires)
    wire.delay = 0.5
    await asyncio.sleep(3)
    wire.let_go()


async def slow_tv(scene: Scene) -> None:
    """A TV takes nothing any more for twelve seconds."""
    tv = scene.rng.choice(scene.load.tvs)
    tv.socket.reads.clear()
    await asyncio.sleep(12)
    tv.socket.reads.set()


async def slow_tv_among_200(scene: Scene) -> None:
    """It is stopped for eight seconds, and another for good; the rest must go on, and the server must not grow."""
    server = scene.rng.randrange(len(scene.hall.wires))
    await scene.load.rest()
    pid, port = await scene.pid(scene.hall.names[server]), scene.hall.wires[server].upstream
    await slow_ones_among_many(scene.load, server, pid, port, scene.rng.choice(ZONES))
    scene.load.begin()


async def speaker_killed(scene: Scene) -> None:
    """In the midst of a word, if one is said within two seconds; comes back after one."""
    for _ in range(200):
        speaking = [one for one in scene.load.speakers if one.speaks]
        if speaking:
            await asyncio.sleep(scene.rng.uniform(0, 0.5))
            break
        await asyncio.sleep(0.01)
    one = scene.rng.choice(speaking or scene.load.speakers)
    await scene.load.go(one)
    await asyncio.sleep(1)
    scene.load.come(one)


async def speakers_come_and_go(scene: Scene) -> None:
    """In each zone the one goes while the other comes, some times: both claim the zone."""
    for _ in range(4):
        for one in scene.load.speakers[scene.rng.randrange(2) :: 2]:
            await scene.load.go(one)
            scene.load.come(one)
        await asyncio.sleep(scene.rng.uniform(0, 0.8))
    assert len(scene.load.speakers) == 2 * len(ZONES)


async def two_claim_the_zone(scene: Scene) -> None:
    """The server whose speaker has the zone stands still until another speaker must have taken it, and goes on."""
    held = [one.socket.server for one in scene.load.speakers if one.holds]
    server = scene.rng.choice(held) if held else 0
    async with _stopping(await scene.pid(scene.hall.names[server])):
        await asyncio.sleep(scene.rng.uniform(6, 9))


def _clock(seconds: float) -> Fault:
    async def fault(scene: Scene) -> None:
        scene.hall.machine.set_clock(scene.hall.machine.ahead + seconds)
        await asyncio.sleep(1)

    return fault


async def disk_full(scene: Scene) -> None:
    """No byte is free on the log's disk for two seconds after Valkey has ended for that; then there is room again."""
    if scene.hall.disk is None:
        await log_file_full(scene)
        return
    pid, filler = await scene.pid("valkey"), scene.hall.disk / "filler"
    try:
        with filler.open("wb", buffering=0) as file, suppress(OSError):
            while file.write(bytes(1 << 12)):
                pass
        await until(lambda: scene.hall.pid("valkey") != pid, within=20)
        await asyncio.sleep(2)
    finally:
        filler.unlink()


async def log_file_full(scene: Scene) -> None:
    """The log's file cannot grow any more, so that Valkey ends with the next write, in its midst; then it can."""
    pid = await scene.pid("valkey")
    size = max(file.stat().st_size for file in (scene.hall.valkey.folder / "appendonlydir").glob("*.incr.aof"))
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size + scene.rng.randrange(2000), resource.RLIM_INFINITY))
    await until(lambda: scene.hall.pid("valkey") != pid, within=20)


FAULTS: dict[str, Fault] = {
    **{f"{name} killed": _killed(name) for name in ("valkey", ANY_SERVER, "dispatcher", "metrics", "voice")},
    "horse killed": _killed("horse"),
    "metrics killed with a job": metrics_killed_with_a_job,
    "parent killed": parent_killed,
    "opened twice": opened_twice,
    "power cut": power_cut,
    "disk full": disk_full,
    "log file full": log_file_full,
    **{
        f"{name} stopped {seconds:g} s": _stopped(name, seconds)
        for name in ("valkey", ANY_SERVER, "dispatcher", "metrics", "horse", "voice", "parent")
        for seconds in (1, 5, 15)
    },
    "reply swallowed": _to_the_log("swallow"),
    "reply cut off": _to_the_log("cut-after"),
    "append cut off": _to_the_log("cut-before"),
    "append cut midway": _to_the_log("cut-midway"),
    "append delayed": _to_the_log("delay", 2.0),
    "append delayed too long": _to_the_log("delay", 4.0),
    "reply late": _to_the_log("late", 1.0),
    "follower late": _to_the_log("late", 2.0, b"XREAD"),
    "asked of a late follower": asked_of_a_late_follower,
    "log out of reach": log_out_of_reach,
    "clients cut": clients_cut,
    "clients refused": clients_refused,
    "clients delayed": clients_delayed,
    "clients half open": _held(up=True, down=True),
    "clients one way: answers lost": _held(up=False, down=True),
    "clients one way: questions lost": _held(up=True, down=False),
    "slow TV": slow_tv,
    "slow TV among 200": slow_tv_among_200,
    "speaker killed": speaker_killed,
    "speakers come and go": speakers_come_and_go,
    "two claim the zone": two_claim_the_zone,
    "clock +1 h": _clock(3600),
    "clock -1 h": _clock(-3600),
    "new business day": _clock(DAY),
}
