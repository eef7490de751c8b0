"""Several campaigns side by side: each a process with a seed, ports and folders of its own; one table in the end."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from server.lifeline import tied
from tests.processes import CHECKOUT


def seeds(seed: int, lanes: int) -> list[int]:
    """A seed for each lane, from that of all."""
    rng = random.Random(f"{seed} lanes")
    return [rng.randrange(1_000_000) for _ in range(lanes)]


def side_by_side(seed: int, lanes: int, runs: int, out: Path, given: Sequence[str]) -> bool:
    """Lets so many faults strike in so many lanes, which keep what comes of them in `out`; whether all came to their
    end. given: the other options of `tests.faults`. SIGINT and SIGTERM end every lane in order."""
    share = [runs // lanes + (lane < runs % lanes) for lane in range(lanes)]
    processes = []
    for lane, (own, part) in enumerate(zip(seeds(seed, lanes), share, strict=True), 1):
        argv = ["--seed", own, "--runs", part, "--lane", lane, "--out", out, *given]
        command = (sys.executable, "-m", "tests.faults", *map(str, argv))
        processes.append(subprocess.Popen(tied(command, os.getpid(), None), cwd=CHECKOUT, start_new_session=True))

    def end(*_: object) -> None:
        for process in processes:
            process.terminate()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    return all(process.wait() in (0, 1) for process in processes)
