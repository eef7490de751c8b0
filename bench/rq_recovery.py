"""How long the programs behind a hall need after each fault until nothing is missing: real Valkey, real RQ."""

import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from bench.figures import Figure
from tests.integration.workers.conftest import OwnValkey, Works
from tests.integration.workers.faults import FAULTS, RECOVERY, Scene

ROUNDS = 3
WHY = "recovery within a minute"


def measure() -> Iterator[Figure]:
    for name, fault in FAULTS.items():
        took = [_once(fault) for _ in range(ROUNDS)]
        yield Figure(f"{name}: median of {ROUNDS}", median(took), RECOVERY, "s", WHY)
        yield Figure(f"{name}: longest", max(took), RECOVERY, "s", WHY)


def _once(fault: Callable[[Scene], float]) -> float:
    folder = Path(tempfile.mkdtemp(prefix="antrean-"))
    valkey = OwnValkey(folder / "valkey")
    valkey.start()
    works = Works(folder, valkey.server.url, uuid.uuid4().hex)
    try:
        works.write()
        return fault(Scene(works, valkey, folder))
    finally:
        works.end()
        valkey.kill()
        shutil.rmtree(folder, ignore_errors=True)
