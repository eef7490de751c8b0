"""How long the programs behind a hall need after each fault until nothing is missing: real Valkey, real RQ."""

from collections.abc import Callable, Iterator
from statistics import median

from bench.figures import Figure
from tests.integration.workers.faults import FAULTS, RECOVERY, Scene, staged

ROUNDS = 3
WHY = "recovery within a minute"


def measure() -> Iterator[Figure]:
    for name, fault in FAULTS.items():
        took = [_once(fault) for _ in range(ROUNDS)]
        yield Figure(f"{name}: median of {ROUNDS}", median(took), RECOVERY, "s", WHY)
        yield Figure(f"{name}: longest", max(took), RECOVERY, "s", WHY)


def _once(fault: Callable[[Scene], float]) -> float:
    with staged() as scene:
        return fault(scene)
