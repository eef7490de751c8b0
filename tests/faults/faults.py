"""What may befall a hall, one at a time. Each fault is a function of a `Scene` and returns when it is over.

Whatever was killed is started again by the parent process, as in a real hall. How long the hall takes to recover is
measured from the moment at which the fault strikes, so a fault that lasts 5 s takes more than 5 s.
"""

import asyncio
import os
import random
import resource
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.faults.hall import Hall
from tests.faults.load import ZONES, Load
from tests.support.proxy import APPEND, Kind, until

DAY = 24 * 3600.0


@dataclass
class Scene:
    hall: Hall
    load: Load
    rng: random.Random

    def server(self) -> str:
        """Any of them."""
        return self.rng.choice(self.hall.names)


Fault = Callable[[Scene], Awaitable[None]]
ANY_SERVER = "server"


def _killed(name: str) -> Fault:
    async def fault(scene: Scene) -> None:
        scene.hall.signal(scene.server() if name == ANY_SERVER else name, signal.SIGKILL)

    return fault


def _stopped(name: str, seconds: float) -> Fault:
    async def fault(scene: Scene) -> None:
        chosen = scene.server() if name == ANY_SERVER else name
        pid = scene.hall.pid(chosen)
        if pid is None:
            return
        os.kill(pid, signal.SIGSTOP)
        try:
            await asyncio.sleep(seconds)
        finally:
            os.kill(pid, signal.SIGCONT)

    return fault


async def horse_killed(scene: Scene) -> None:
    """The process in which an RQ worker does a job; if none is at work, the worker."""
    worker = scene.hall.pid("metrics")
    if worker is None:
        return
    for _ in range(100):
        horses = [pid for pid, line in scene.hall.children(worker).items() if " metrics " in line]
        if horses:
            os.kill(horses[0], signal.SIGKILL)
            return
        await asyncio.sleep(0.01)
    os.kill(worker, signal.SIGKILL)


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
    scene.rng.choice(scene.hall.wires).cut()


async def clients_refused(scene: Scene) -> None:
    """A server cannot be reached for a while."""
    wire = scene.rng.choice(scene.hall.wires)
    wire.refuses = True
    wire.cut()
    await asyncio.sleep(2)
    wire.let_go()


def _held(*, up: bool, down: bool) -> Fault:
    async def fault(scene: Scene) -> None:
        wire = scene.rng.choice(scene.hall.wires)
        wire.hold(up=up, down=down)
        await asyncio.sleep(scene.rng.uniform(1, 5))
        if scene.rng.random() < 0.5:
            wire.cut()
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


def _clock(seconds: float) -> Fault:
    async def fault(scene: Scene) -> None:
        scene.hall.machine.set_clock(scene.hall.machine.ahead + seconds)
        await asyncio.sleep(1)

    return fault


async def disk_full(scene: Scene) -> None:
    """The log's file cannot grow any more, so that Valkey ends with the next write; then there is room again."""
    pid = scene.hall.pid("valkey")
    if pid is None:
        return
    size = max(file.stat().st_size for file in (scene.hall.valkey.folder / "appendonlydir").glob("*.incr.aof"))
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size + scene.rng.randrange(2000), resource.RLIM_INFINITY))
    await until(lambda: scene.hall.pid("valkey") != pid, within=20)


FAULTS: dict[str, Fault] = {
    **{f"{name} killed": _killed(name) for name in ("valkey", ANY_SERVER, "dispatcher", "metrics", "voice")},
    "horse killed": horse_killed,
    "parent killed": parent_killed,
    "power cut": power_cut,
    "disk full": disk_full,
    **{
        f"{name} stopped {seconds:g} s": _stopped(name, seconds)
        for name in ("valkey", ANY_SERVER, "dispatcher", "metrics")
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
    "log out of reach": log_out_of_reach,
    "clients cut": clients_cut,
    "clients refused": clients_refused,
    "clients delayed": clients_delayed,
    "clients half open": _held(up=True, down=True),
    "clients one way: answers lost": _held(up=False, down=True),
    "clients one way: questions lost": _held(up=True, down=False),
    "slow TV": slow_tv,
    "speaker killed": speaker_killed,
    "speakers come and go": speakers_come_and_go,
    "clock +1 h": _clock(3600),
    "clock -1 h": _clock(-3600),
    "new business day": _clock(DAY),
}
