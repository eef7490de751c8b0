"""A slow TV among many: 199 in one process and one in another, which is stopped."""

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
OTHERS = 199
STOPPED = 12.0  # seconds; the server gives a stalled socket 10
PRESS_EVERY = 0.25  # seconds
SHOWN_WITHIN = 5.0  # seconds
MAY_GROW = 16 << 20  # bytes of the server's memory while one TV takes nothing


class Crowd:
    """TVs in a process of their own. seq: the oldest that one of them shows; 0 until all show something."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.seq = 0

    async def follow(self) -> None:
        assert self.process.stdout
        async for line in self.process.stdout:
            self.seq = int(line)

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


async def slow_one_among_many(load: Load, server: int, pid: int, port: int, zone: str) -> None:
    """The server's process is `pid`. Raises AssertionError when it grows, or when the others do not come on."""
    async with crowd(port, zone, OTHERS) as others, crowd(port, zone, 1) as slow:
        before = _memory(pid)
        os.kill(slow.process.pid, signal.SIGSTOP)
        until_then = monotonic() + STOPPED
        while monotonic() < until_then:
            request = await load.client.post("kiosk", "issue", "/tickets", {"service": "ktp"}, server)
            seq = request.done[0].body["seq"]
            await others.shows(seq)
            await asyncio.sleep(PRESS_EVERY)
        grown = _memory(pid) - before
        assert grown < MAY_GROW, f"a TV that takes nothing costs the server {grown >> 10} KiB"


def _memory(pid: int) -> int:
    """Bytes that the process has in memory."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
