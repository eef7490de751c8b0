"""Mini-PCs with `antrean speaker` on them, and what the log says of what they said."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.integration.speaker import patient_speaker
from tests.integration.web.house import Api
from tests.processes import until

ZONE = "utama"
READY, SPEAKING = "siap: zona utama", "memanggil"


class Machine:
    """A mini-PC with `antrean speaker` on it. lines: what it has printed."""

    def __init__(self, out: Path, token: str, url: str, *options: str) -> None:
        self.out = out
        clean = {name: value for name, value in os.environ.items() if not name.startswith("ANTREAN_")}
        with out.open("wb") as file:
            self.process = subprocess.Popen(
                [sys.executable, patient_speaker.__file__, "speaker", "--url", url, *options],
                stdout=file,
                stderr=file,
                env={**clean, "ANTREAN_TOKEN": token, "PYTHONWARNINGS": "error::ResourceWarning"},
                start_new_session=True,
            )

    @property
    def lines(self) -> list[str]:
        return self.out.read_text("utf-8").splitlines()

    def told(self, word: str) -> int:
        """How many of its lines begin with this word."""
        return sum(line.startswith(word) for line in self.lines)

    def tells(self, word: str, *, times: int = 1, within: float = 30.0) -> None:
        """Waits until that many of its lines begin with this word."""
        until(lambda: self.told(word) >= times, within=within, tell=lambda: "\n".join(self.lines))

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def ends(self, number: signal.Signals | None = None) -> int:
        """Its exit code, after this signal."""
        if number:
            self.process.send_signal(number)
        return self.process.wait(30)


Start = Callable[..., Machine]


def call(api: Api) -> int:
    """A number is taken and called; the id of the announcement."""
    api.issue()
    return int(api.work("loket-1", "call-next")["seq"])


def has_speaker(api: Api) -> bool:
    """Whether the server knows of a speaker that would say the next call: it hears of that later than the terminal."""
    return any(
        one["holder"] for zone in api.get("/sound", "supervisor").json()["zones"] for one in zone["speakers"] or ()
    )


def fates(api: Api) -> list[tuple[int, str]]:
    """What became of each announcement, in the order of the log."""
    kinds = {"announcement-spoken": "spoken", "announcement-expired": "expired"}
    return [(one["announcement"], kinds[one["type"]]) for one in api.events() if one["type"] in kinds]
