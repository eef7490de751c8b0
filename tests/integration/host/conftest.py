"""Halls whose own programs are simple ones, so that these tests are about the parent alone."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from tests.processes import Hall

SMALL_HALL = Path(__file__).parent / "small_hall.py"

# Says on /healthz that it is well, and at each start who it is and which log it was given.
SERVER = """
import http.server, os, pathlib
class Server(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *_):
        pass
with pathlib.Path(os.environ["ANTREAN_DATA"], "server.starts").open("a") as starts:
    print(os.getpid(), os.environ["ANTREAN_REDIS_URL"], file=starts)
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["ANTREAN_PORT"])), Server).serve_forever()
"""
# A program that has started another one, as a server may have.
WORKER = """
import subprocess, sys, time
subprocess.run([sys.executable, "-c", "import time; time.sleep(600)"])
"""

MakeHall = Callable[..., Hall]


@pytest.fixture
def small_hall(folder: Path, port: int) -> Iterator[MakeHall]:
    """Makes a hall with an embedded Valkey, a server and whatever is asked for: {name: Python source}. patience: seconds that each
    has to end."""
    made: list[Hall] = []

    def make(
        programs: dict[str, str] | None = None,
        *,
        data: Path | None = None,
        way: str = "signal",
        patience: float = 2,
        before: Sequence[str] = (),
        env: dict[str, str] | None = None,
    ) -> Hall:
        told = json.dumps({"way": way, "patience": patience, "programs": {"server": SERVER, **(programs or {})}})
        program = (*before, sys.executable, str(SMALL_HALL), told)
        made.append(Hall(data or folder / "var", port, program=program, env=env))
        return made[-1]

    yield make
    for hall in made:
        hall.kill()
