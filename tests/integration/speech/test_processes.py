"""TV pages of one zone at servers in processes of their own."""

import asyncio
import os
import subprocess
import sys
import threading
from pathlib import Path
from queue import Queue

import pytest

from server.domain import commands as c
from tests.integration.speech.ears import speech, zones
from tests.processes import CHECKOUT
from tests.support.halls import ask

Line = tuple[str, list[str]]


def start(name: str, url: str, folder: Path, lines: "Queue[Line]") -> tuple[subprocess.Popen[str], threading.Thread]:
    """A process whose lines come into the queue, each with its name, and who brings them there."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.speech.one_speaker", url, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=CHECKOUT,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
    )

    def read() -> None:
        assert process.stdout
        for line in process.stdout:
            lines.put((name, line.split()))

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    return process, reader


@pytest.mark.usefixtures("patient")
def test_one_process_speaks_until_it_is_killed_in_the_midst_of_a_word_and_then_the_other(
    redis_url: str, tmp_path: Path
) -> None:
    """Never both; nothing is left out; only what was cut off is said again, not before it must have ended."""
    lines: Queue[Line] = Queue()
    processes = {name: start(name, redis_url, tmp_path, lines) for name in ("one", "other")}
    try:
        for _ in processes:
            assert lines.get(timeout=120)[1][1] == "ready"
        called = asyncio.run(call(redis_url, tmp_path))
        said: list[Line] = []
        while not said or said[-1][1][1:3] != ["speak", str(called[1])]:
            said.append(lines.get(timeout=60))
        holder = said[-1][0]
        processes[holder][0].kill()
        while said[-1][1][1:3] != ["spoken", str(called[2])]:
            said.append(lines.get(timeout=60))
    finally:
        for process, reader in processes.values():
            process.kill()
            reader.join()
            process.communicate()
    other = "other" if holder == "one" else "one"
    assert [(name, line[1], int(line[2])) for name, line in said] == [
        (holder, "speak", called[0]),
        (holder, "spoken", called[0]),
        (holder, "speak", called[1]),
        (other, "speak", called[1]),
        (other, "spoken", called[1]),
        (other, "speak", called[2]),
        (other, "spoken", called[2]),
    ]
    times = [float(line[0]) for _, line in said]
    assert times == sorted(times)
    assert times[3] >= float(said[2][1][3])


async def call(url: str, folder: Path) -> list[int]:
    """Two calls and a recall, from a server without a page."""
    with speech(folder) as short:
        async with zones(url, speech=short) as (zone,):
            await zone.open()
            called = [await zone.call("satu"), await zone.call("dua")]
            return [*called, (await ask(zone.hall, c.Recall, counter="dua")).seq]
