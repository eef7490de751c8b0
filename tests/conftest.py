"""Real servers for the tests: a Valkey of the session, and halls opened by `antrean up` in a process of their own."""

import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from hypothesis import HealthCheck, settings

from server.host.valkey import Valkey
from server.lifeline import WAY, tied
from tests.processes import Hall, free_port, kill_all, until
from tests.support.machines import Machines

LONGEST = ("tests/browser", "tests/integration/web", "tests/integration/workers")

# a loaded machine is slow, not wrong
settings.register_profile("antrean", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("antrean")


def _folder(item: pytest.Item) -> str:
    return item.path.parent.relative_to(item.config.rootpath).as_posix()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first."""
    items.sort(key=lambda item: _folder(item) not in LONGEST)
    if expected := [item.nodeid for item in items if item.get_closest_marker("xfail")]:
        raise pytest.UsageError(f"xfail is not used here, a failing test is mended: {expected}")


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty directory with a short path, as unix sockets need it."""
    path = Path(tempfile.mkdtemp(prefix="antrean-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def port() -> int:
    """A port of 127.0.0.1 that is free now."""
    return free_port()


@pytest.fixture(scope="session")
def valkey() -> Iterator[Valkey]:
    """The session's Valkey: as `antrean up` runs it, on a unix socket, every write fsynced."""
    data = Path(tempfile.mkdtemp(prefix="antrean-"))
    server = Valkey(data)
    assert server.obstacle() is None
    argv = tied(server.argv, os.getpid(), None) if WAY == "signal" else server.argv
    with (data / "valkey.out").open("wb") as out:
        process = subprocess.Popen(argv, stdout=out, stderr=out, pass_fds=server.fds(), start_new_session=True)
    server.started(process.pid)
    until(lambda: server.state() == "ready", tell=(data / "valkey.out").read_text)
    yield server
    server.ask_to_end(process.pid)
    process.wait(20)
    shutil.rmtree(data, ignore_errors=True)


@pytest.fixture
def redis_url(valkey: Valkey) -> str:
    """The URL of the session's Valkey, emptied for this test."""
    with redis.Redis.from_url(valkey.url) as client:
        client.flushall()
    return valkey.url


@pytest.fixture(scope="session")
def three_machines() -> Iterator[Machines]:
    """The session's three machines, with a Valkey and a Sentinel each."""
    folder = Path(tempfile.mkdtemp(prefix="antrean-"))
    with Machines(folder) as found:
        yield found
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def machines(three_machines: Machines) -> Machines:
    """Those, whole again after what another test has done to them, and emptied for this test."""
    three_machines.mend()
    until(three_machines.settled, tell=three_machines.told)
    three_machines.primary().ask("FLUSHALL")
    return three_machines


@pytest.fixture
def hall(folder: Path, port: int) -> Iterator[Hall]:
    """`antrean up` on an empty data directory and a free port; `.open()` opens it, any number of times."""
    hall = Hall(folder / "var", port, env={"ANTREAN_VOICES": "espeak", "ANTREAN_ALWAYS_OPEN": "1"})
    yield hall
    hall.kill()


@pytest.fixture
def mark() -> Iterator[str]:
    """The value of TEST_MARK for processes that a test starts itself; what is left of them is killed."""
    word = uuid.uuid4().hex
    yield word
    until(lambda: not kill_all(word))
