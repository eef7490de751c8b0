"""Nobody asks whether the data directory is in use: a second parent opens on it, with a Valkey of its own."""

import os
from contextlib import nullcontext
from pathlib import Path

from server.host import parent
from server.host.valkey import Valkey
from tests.faults.planted import put


def plant() -> None:
    def heedless(_data: Path) -> nullcontext[None]:
        return nullcontext()

    def unlocked(_self: Valkey) -> int:
        return os.open(os.devnull, os.O_RDWR)

    put(parent, "only_one", heedless)
    put(Valkey, "_end_what_is_left", unlocked)
