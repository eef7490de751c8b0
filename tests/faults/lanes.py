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


def side_by_side(seed: int, lanes: int, runs: int, out: Path, given: Sequence[str]) -> bool | None:
    """Lets so many faults strike in so many lanes, which keep what comes of them in `out`; whether all came to their
    end. given: the other options of `tests.faults`. SIGINT and SIGTERM end every lane in order: None."""
    share = [runs // lanes + (lane < runs % lanes) for lane in range(lanes)]
    processes = []
    for lane, (own, part) in enumerate(zip(seeds(seed, lanes), share, strict=True), 1):
        argv = ["--seed", own, "--runs", part, "--lane", lane, "--out", out, *given]
        command = (sys.executable, "-m", "tests.faults", *map(str, argv))
        processes.append(subprocess.Popen(tied(command, os.getpid(), None), cwd=CHECKOUT, start_new_session=True))

    told_to_end = []

    def end(number: int, _: object) -> None:
        told_to_end.append(number)
        for process in processes:
            process.terminate()

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    ended = [process.wait() for process in processes]
    for number, handler in before.items():
        signal.signal(number, handler)
    return None if told_to_end else not any(ended)
