"""Locks on files, which the kernel lets go when the last process that holds them ends."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from server.host.errors import HostError, InUse

NAME = "antrean.lock"


def take(path: Path) -> int | None:
    """A descriptor that holds the lock of the file, None when another process holds it."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        return None
    except BaseException:
        os.close(fd)
        raise
    return fd


def sign(fd: int, pid: int) -> None:
    """Writes down who holds the lock; always as long, so that on a full disk it can be written over."""
    with contextlib.suppress(OSError):
        os.pwrite(fd, f"{pid:<10}\n".encode(), 0)


def signed_by(path: Path) -> int | None:
    try:
        return int(path.read_text("ascii"))
    except (OSError, ValueError):
        return None


@contextlib.contextmanager
def only_one(data: Path) -> Iterator[None]:
    """Holds the data directory, which is made when missing; raises InUse when another process holds it, HostError
    when it cannot be used."""
    path = data / NAME
    try:
        data.mkdir(parents=True, exist_ok=True)
        fd = take(path)
    except OSError as error:
        raise HostError(f"The data directory {data} cannot be used: {error.strerror}.") from None
    if fd is None:
        pid = signed_by(path)
        raise InUse(
            f"The data directory {data} is in use by another antrean{f' (process {pid})' if pid else ''}; "
            "stop that one first, or name another directory with ANTREAN_DATA."
        )
    sign(fd, os.getpid())
    try:
        yield
    finally:
        os.close(fd)
