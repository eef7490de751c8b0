"""`make faults SEED=… [RUNS=…|MINUTES=…] [FAULT=name] [PLANTED=bug]`: breaks halls and says what did not hold.

Everything random comes from the seed, which is printed; the same seed gives the same faults to the same people, though
the machine's own timing is never the same twice.
"""

import argparse
import asyncio
import random
import secrets
import sys
from time import monotonic

from tests.faults.campaign import Campaign, table
from tests.faults.faults import FAULTS


def main() -> int:
    options = argparse.ArgumentParser(prog="make faults", description=__doc__)
    options.add_argument("--seed", type=int, help="left out: a new one")
    options.add_argument("--runs", type=int, help="how many faults (left out: each once)")
    options.add_argument("--minutes", type=float, help="no new fault begins after so long")
    options.add_argument("--fault", choices=FAULTS, help="only this one")
    options.add_argument("--servers", type=int, help="so many server processes on one log (left out: 1, 2, 4 in turn)")
    options.add_argument("--planted", default="", help="a bug of tests/faults/planted, put into the hall")
    given = options.parse_args()
    seed = given.seed if given.seed is not None else secrets.randbelow(1_000_000)
    print(f"SEED={seed}", flush=True)
    runs = given.runs or (100_000 if given.minutes else 1 if given.fault else len(FAULTS))
    campaign = Campaign(seed, given.planted, (given.servers,) if given.servers else (1, 2, 4))
    limit = monotonic() + given.minutes * 60 if given.minutes else float("inf")
    outcomes = asyncio.run(campaign.run(_order(seed, runs, given.fault), until=limit))
    print(f"\nSEED={seed}\n{table(outcomes)}")
    return 1 if any(outcome.wrong for outcome in outcomes) else 0


def _order(seed: int, runs: int, only: str | None) -> list[str]:
    """Every fault as often as the others, shuffled."""
    rng = random.Random(seed)
    order: list[str] = []
    while len(order) < runs:
        order += [only] if only else rng.sample(list(FAULTS), len(FAULTS))
    return order[:runs]


if __name__ == "__main__":
    sys.exit(main())
