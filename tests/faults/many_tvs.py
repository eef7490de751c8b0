"""Slow TVs among many: 198 in one process and two in processes of their own, which are stopped."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic

from server.lifeline import tied
from tests.faults.hall import SITE
from tests.faults.load import Load
from tests.support.proxy import until

CROWD = Path(__file__).with_name("crowd.py")
OTHERS = 198
PRESSERS = 3
STOPPED = 8.0  # seconds, at most; the server gives a stalled socket 10
ENOUGH = 1 << 20  # bytes shown meanwhile
SHOWN_WITHIN = 5.0  # seconds
CUT_OFF_WITHIN = 30.0  # seconds, when the one that comes back has come
HELD_UP = 64 << 10  # bytes on their way: no more are to a TV that reads
MAY_HOLD = 448 << 10  # bytes for a TV that takes nothing: of its kernel 32 KiB, of the server's 256, of asyncio's 64, …
MAY_GROW = 16 << 20  # bytes of the server's memory meanwhile


class Crowd:
    """TVs in a process of their own. seq: the oldest that one of them shows; 0 until all show something. sent: bytes
    that all of them have been sent until then."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.seq, self.sent = 0, 0

    @property
    def ended(self) -> bool:
        """Each was cut off, as one may be when the machine was so slow that it was stopped for too long."""
        return self.process.returncode is not None

    async def follow(self) -> None:
        assert self.process.stdout
        async for line in self.process.stdout:
            self.seq, self.sent = map(int, line.split())

    async def shows(self, seq: int) -> None:
        """Waits until each of them does."""
        await until(lambda: self.seq >= seq, within=SHOWN_WITHIN, tell=lambda: f"a TV shows {self.seq}, not {seq}")


@asynccontextmanager
async def crowd(port: int, zone: str, number: int) -> AsyncIterator[Crowd]:
    url = f"ws://127.0.0.1:{port}/ws/sites/{SITE}/tv/{zone}"
    argv = tied((sys.executable, str(CROWD), url, str(number)), os.getpid(), None)
    process = await asyncio.create_subprocess_exec(*argv, stdout=asyncio.subprocess.PIPE, start_new_session=True)
    one = Crowd(process)
    following = asyncio.create_task(one.follow())
    try:
        await until(lambda: one.seq, within=30)
        yield one
    finally:
        following.cancel()
        process.kill()
        await process.wait()
        await asyncio.gather(following, return_exceptions=True)


async def slow_ones_among_many(load: Load, server: int, pid: int, port: int, zone: str) -> None:
    """Of two that are stopped the one comes back. The server's process is `pid`. Raises AssertionError when it keeps
    for them more than the newest view, does not cut the other off, grows, or keeps anything from the others."""
    async with crowd(port, zone, OTHERS) as others, crowd(port, zone, 1) as slow, crowd(port, zone, 1) as hung:
        memory, sent = _memory(pid), slow.sent
        for one in (slow, hung):
            os.kill(one.process.pid, signal.SIGSTOP)
        seq = max(await asyncio.gather(*(_press(load, server, others) for _ in range(PRESSERS))))
        os.kill(slow.process.pid, signal.SIGCONT)
        await until(lambda: slow.seq >= seq or slow.ended, within=SHOWN_WITHIN, tell=lambda: "a TV that was slow hangs")
        held = slow.sent - sent
        assert held < MAY_HOLD, f"{held >> 10} KiB were kept for a TV that took nothing"
        await until(lambda: not _held_up(port), within=CUT_OFF_WITHIN, tell=lambda: "a TV that hangs is not cut off")
        grown = _memory(pid) - memory
        assert grown < MAY_GROW, f"TVs that take nothing cost the server {grown >> 10} KiB"


async def _press(load: Load, server: int, others: Crowd) -> int:
    """Again and again, as fast as the others show it, until they have been sent ENOUGH; the last seq."""
    until_then, enough = monotonic() + STOPPED, others.sent + OTHERS * ENOUGH
    while True:
        request = await load.client.post("kiosk", "issue", "/tickets", {"service": "ktp"}, server)
        seq: int = request.done[0].body["seq"]
        await others.shows(seq)
        if monotonic() > until_then or others.sent > enough:
            return seq


def _held_up(port: int) -> int:
    """How many clients the server still has that do not take what was sent to them."""
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(
        here.endswith(f":{port:04X}") and state == "01" and int(queues.partition(":")[0], 16) > HELD_UP
        for _, here, _, state, queues, *_ in rows
    )


def _memory(pid: int) -> int:
    """Bytes that the process has in memory."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
