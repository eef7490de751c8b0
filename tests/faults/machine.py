"""The machine a hall runs on, as far as a shim in its processes can play it: its wall clock, and what a power cut leaves."""

import os
import shutil
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SHIM = Path(__file__).parent / "shim.c"
DISK = 48 << 20


class Machine:
    """folder: for its clock and what it knows to be synced. Needs a C compiler named cc."""

    def __init__(self, folder: Path) -> None:
        self.clock, self.synced = folder / "clock", folder / "synced"
        self._library = folder / "shim.so"
        self.synced.mkdir()
        self.set_clock(0.0)
        subprocess.run(
            ["cc", "-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-o", self._library, SHIM, "-ldl"],
            check=True,
        )

    @property
    def env(self) -> dict[str, str]:
        return {
            "LD_PRELOAD": str(self._library),
            "FAULTS_CLOCK": str(self.clock),
            "FAULTS_SYNCED": str(self.synced),
        }

    def set_clock(self, seconds: float) -> None:
        """Its wall clock is so many seconds ahead of the real one, from now on."""
        self.ahead = seconds
        with self.clock.open("r+b" if self.clock.exists() else "wb") as file:
            file.write(struct.pack("q", round(seconds * 1e9)))

    def lose_what_was_not_synced(self, aofs: Path) -> int:
        """Cut each log in the folder off where it was last synced; how many bytes were lost. Nothing may run."""
        lost = 0
        for file in aofs.glob("*.incr.aof"):
            kept = self.synced / file.name
            (size,) = struct.unpack("q", kept.read_bytes()) if kept.exists() else (0,)
            if file.stat().st_size > size:
                lost += file.stat().st_size - size
                with file.open("r+b") as log:
                    log.truncate(size)
        return lost


@contextmanager
def small_disk(path: Path) -> Iterator[Path | None]:
    """A file system of DISK bytes, mounted there; None where this user may not mount one."""
    path.mkdir(mode=0o700, parents=True)
    mount = ("mount", "-t", "tmpfs", "-o", f"size={DISK},mode=700", "tmpfs", str(path))
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        yield None
        return
    try:
        yield path
    finally:
        subprocess.run(("umount", "--lazy", str(path)), check=True)


def can_be_played() -> bool:
    """Whether there is a C compiler for the shim."""
    return shutil.which("cc") is not None
