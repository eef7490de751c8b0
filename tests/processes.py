"""Programs started by tests: halls, what they print, and who of theirs is still alive.

Every process of a hall inherits the variable TEST_MARK, by which even an orphan is found.
"""

import itertools
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
ANTREAN_UP = (sys.executable, str(CHECKOUT / "antrean.py"), "up")
PATIENCE = 30.0


def until(what: Callable[[], object], *, within: float = PATIENCE, tell: Callable[[], str] = str) -> None:
    """Waits until it is true; fails with what `tell` says."""
    limit = time.monotonic() + within
    while not what():
        if time.monotonic() > limit:
            raise AssertionError(f"not within {within:g} s: {tell()}")
        time.sleep(0.02)


def free_port() -> int:
    """A port of 127.0.0.1 that is free now and that nobody else is given: below those which the system hands to
    clients, and each pytest worker has a thousand of its own."""
    for port in _PORTS:
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


def _own_ports() -> Iterator[int]:
    first = 20_000 + 1000 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    start = os.getpid() % 1000
    return itertools.cycle(first + (start + n) % 1000 for n in range(1000))


_PORTS = _own_ports()


class Hall:
    """A hall of its own: `antrean up`, or another program that opens one, on a data directory and a port."""

    def __init__(
        self, data: Path, port: int, *, program: Sequence[str] = ANTREAN_UP, env: Mapping[str, str] | None = None
    ) -> None:
        self.data, self.port, self.program = data, port, tuple(program)
        self.mark = uuid.uuid4().hex
        self.out = data.parent / f"{data.name}.out"
        clean = {k: v for k, v in os.environ.items() if not k.startswith("ANTREAN_")}
        own = {"ANTREAN_DATA": str(data), "ANTREAN_PORT": str(port), "TEST_MARK": self.mark}
        self.env = {**clean, **own, **(env or {})}
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self.process
        return self.process.pid

    def start(self) -> "Hall":
        self.out.parent.mkdir(parents=True, exist_ok=True)
        with self.out.open("wb") as out:
            self.process = subprocess.Popen(
                self.program, stdout=out, stderr=out, env=self.env, cwd="/", start_new_session=True
            )
        return self

    def open(self, *, within: float = PATIENCE) -> "Hall":
        """Starts it and waits until it has printed the addresses."""
        self.start()
        self.shows("Ctrl-C closes the hall", within=within)
        return self

    def text(self) -> str:
        return self.out.read_text("utf-8", "replace")

    def shows(self, text: str, *, within: float = PATIENCE) -> None:
        process = self.process
        assert process
        until(lambda: text in self.text() or process.poll() is not None, within=within, tell=self.text)
        assert text in self.text(), self.text()

    def interrupt(self) -> None:
        os.kill(self.pid, signal.SIGINT)

    def ends(self, *, within: float = PATIENCE) -> int:
        """Waits for its end; the exit code."""
        assert self.process
        try:
            return self.process.wait(within)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still runs after {within:g} s: {self.text()}") from None

    def close(self) -> int:
        """As Ctrl-C does."""
        self.interrupt()
        return self.ends()

    def alive(self) -> dict[int, str]:
        """Every living process of this hall, orphans included: {pid: command line}."""
        return marked(self.mark)

    def kill(self) -> None:
        """Ends whatever is left of it."""
        if self.process:
            self.process.kill()
            self.process.wait()
        until(lambda: not kill_all(self.mark))


def marked(mark: str) -> dict[int, str]:
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            if f"TEST_MARK={mark}".encode() in (entry / "environ").read_bytes().split(b"\0"):
                found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
    return found


def kill_all(mark: str) -> bool:
    """Whether there was anybody to kill."""
    pids = marked(mark)
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    return bool(pids)
