"""A full disk: Valkey ends with the failed write, is not started in a storm, and comes back when there is room."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis

from server.host.valkey import ROOM_NEEDED
from tests.integration.host.conftest import MakeHall
from tests.processes import until

SIZE = 12 << 20


@dataclass(frozen=True)
class SmallDisk:
    """A file system of 12 MiB.

    path:   its name for the hall
    seen:   its name for the test
    before: what to put before a command so that it finds it at `path`
    """

    path: Path
    seen: Path
    before: tuple[str, ...]

    @contextlib.contextmanager
    def filled(self) -> Iterator[None]:
        """No byte is free."""
        filler = self.seen / "filler"
        with filler.open("wb") as file, contextlib.suppress(OSError):
            while True:
                os.write(file.fileno(), b"\0" * 4096)
        try:
            yield
        finally:
            filler.unlink()


@pytest.fixture
def small_disk(folder: Path) -> Iterator[SmallDisk]:
    """Mounted by root; by whoever may not, in a user and mount namespace of its own."""
    path = folder / "disk"
    path.mkdir()
    mount = ("mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=755", "tmpfs", str(path))
    if os.geteuid() == 0 and subprocess.run(mount, capture_output=True).returncode == 0:
        try:
            yield SmallDisk(path, path, ())
        finally:
            subprocess.run(("umount", "--lazy", str(path)), check=True)
        return
    ready = f"import subprocess; subprocess.run({mount!r}, check=True); print('mounted', flush=True); input()"
    with subprocess.Popen(
        ("unshare", "--user", "--map-root-user", "--mount", sys.executable, "-c", ready),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdin
        assert holder.stdout
        if holder.stdout.readline() != "mounted\n":
            pytest.skip("nobody here may mount a small disk: it needs root, or user namespaces")
        before = ("nsenter", "--target", str(holder.pid), "--user", "--mount", "--preserve-credentials")
        yield SmallDisk(path, Path(f"/proc/{holder.pid}/root{path}"), before)
        holder.stdin.close()


def test_valkey_waits_for_room_and_comes_back_by_itself(small_hall: MakeHall, small_disk: SmallDisk) -> None:
    hall = small_hall(data=small_disk.path / "var", before=small_disk.before)
    hall.out = small_disk.path.parent / "hall.out"
    hall.open()
    socket = small_disk.seen / "var" / "valkey" / "valkey.sock"

    def log() -> redis.Redis:
        return redis.Redis(unix_socket_path=str(socket))

    with log() as client:
        client.xadd("log", {"n": "before"})
        with small_disk.filled():
            with pytest.raises(redis.RedisError):
                client.xadd("lost", {"big": "x" * 8192})
            hall.shows("is full; the hall pauses until 4 MiB are free.")
            time.sleep(3)
            said = hall.text()
            assert said.count("started again") == 1, said
            assert said.count("is full; the hall pauses") == 1, said
            assert not any("valkey-server" in line for line in hall.alive().values())
    hall.shows("valkey | goes on.")

    def back() -> bool:
        try:
            with log() as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    until(back)
    with log() as client:
        assert [fields for _, fields in client.xrange("log")] == [{b"n": b"before"}]
        client.xadd("log", {"n": "after"})
    assert hall.close() == 0


def test_on_a_disk_that_is_full_from_the_start_it_waits_for_room(small_hall: MakeHall, small_disk: SmallDisk) -> None:
    hall = small_hall(data=small_disk.path / "var", before=small_disk.before)
    hall.out = small_disk.path.parent / "hall.out"
    (small_disk.seen / "var" / "valkey").mkdir(parents=True, mode=0o700)
    (small_disk.seen / "big").write_bytes(b"\0" * (SIZE - ROOM_NEEDED + 8192))
    hall.start()
    hall.shows("is full; the hall pauses until 4 MiB are free.")
    (small_disk.seen / "big").unlink()
    hall.shows("Ctrl-C closes the hall")
    assert hall.close() == 0
