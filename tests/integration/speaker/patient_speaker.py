"""An antrean command whose loudspeaker has MORE seconds than in life, however this machine stalls."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from antrean import main
from audio import player
from speaker import run

MORE = 4.0
LIMITS = ((run, "LATEST"), (run, "BEGIN_WITHIN"), (run, "END_WITHIN"), (player, "_STALLED"))


def be_patient(put: Callable[[ModuleType, str, float], None] = setattr) -> None:
    for module, name in LIMITS:
        put(module, name, getattr(module, name) + MORE)


if __name__ == "__main__":
    be_patient()
    main(prog_name="antrean")
