"""`make faults SEED=… [RUNS=…|MINUTES=…] [LANES=…] [FAULT=name] [PLANTED=bug|all]`: breaks halls and says what did not hold.

Everything random comes from the seed, which is printed; the same seed gives the same faults to the same people, though
the machine's own timing is never the same twice. Ended by Ctrl-C, it tells of what it has done until then.
"""

import argparse
import asyncio
import random
import secrets
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any

from tests.faults import outcomes
from tests.faults.campaign import Campaign
from tests.faults.faults import FAULTS
from tests.faults.lanes import side_by_side
from tests.faults.shown import SHOWN, show

MOST = 100_000  # faults, when only the minutes are told


def main() -> int:
    options = argparse.ArgumentParser(prog="make faults", description=__doc__)
    options.add_argument("--seed", type=int, help="left out: a new one")
    options.add_argument("--runs", type=int, help="how many faults (left out: each once)")
    options.add_argument("--minutes", type=float, help="no new fault begins after so long")
    options.add_argument("--lanes", type=int, default=1, help="so many campaigns side by side")
    options.add_argument("--fault", choices=FAULTS, help="only this one")
    options.add_argument("--servers", type=int, help="so many server processes on one log (left out: 1, 2, 4 in turn)")
    options.add_argument(
        "--planted", default="", help="a bug of tests/faults/planted put into the hall; all: each once"
    )
    options.add_argument("--out", type=Path, help="a file to which what came of each fault is added, a JSON line each")
    options.add_argument("--join", type=Path, nargs="+", help="nothing strikes: the table of such files together")
    options.add_argument("--lane", type=int, default=0, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.join:
        return _told([outcome for file in given.join for outcome in outcomes.read(file)])
    seed = given.seed if given.seed is not None else secrets.randbelow(1_000_000)
    print(f"SEED={seed}", flush=True)
    if given.planted == "all":
        return 0 if _until_signal(show(seed, SHOWN)) else 1
    runs = given.runs or (MOST if given.minutes else 1 if given.fault else len(FAULTS))
    with TemporaryDirectory(prefix="antrean-faults-") as folder:
        out = given.out or Path(folder, "outcomes")
        out.touch()
        before = out.stat().st_size
        if given.lanes > 1:
            named = ("minutes", "fault", "servers", "planted")
            same = [word for name in named if (value := getattr(given, name)) for word in (f"--{name}", value)]
            ended: object = side_by_side(seed, given.lanes, runs, out.resolve(), same)
        else:
            servers = (given.servers,) if given.servers else (1, 2, 4)
            campaign = Campaign(seed, given.planted, servers, out, f"{given.lane}: " if given.lane else "")
            limit = monotonic() + given.minutes * 60 if given.minutes else float("inf")
            ended = _until_signal(campaign.run(order(seed, runs, given.fault), until=limit))
        if given.lane:
            return 0
        print(f"\nSEED={seed}")
        found = outcomes.read(out, before)
        wrong = _told(found)
        if ended is False or (ended is not None and not given.minutes and len(found) < runs):
            print(f"a campaign broke off: {len(found)} faults have struck")
            return 1
        return wrong


def order(seed: int, runs: int, only: str | None = None) -> list[str]:
    """Every fault as often as the others, shuffled."""
    rng = random.Random(seed)
    found: list[str] = []
    while len(found) < runs:
        found += [only] if only else rng.sample(list(FAULTS), len(FAULTS))
    return found[:runs]


def _told(found: list[outcomes.Outcome]) -> int:
    print(outcomes.table(found))
    print(outcomes.summary(found))
    return 1 if any(outcome.wrong for outcome in found) else 0


def _until_signal(work: Coroutine[Any, Any, object]) -> object:
    """What it brings; None when SIGINT or SIGTERM ended it, in order."""

    async def run() -> object:
        task, told = asyncio.ensure_future(work), asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, told.set)
        ending = asyncio.ensure_future(told.wait())
        await asyncio.wait((task, ending), return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        print("ending …", flush=True)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return None

    return asyncio.run(run())


if __name__ == "__main__":
    sys.exit(main())
