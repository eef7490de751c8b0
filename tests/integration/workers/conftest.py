"""A hall without its server: a real Valkey, the dispatcher and RQ workers as processes, and a log to write to."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pytest
import redis
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from audio.clips import ClipStore
from audio.voices import make_voices
from config.sites import load_sites
from server.domain.events import Entry
from server.domain.site import Site
from server.history import tables as t
from server.history.engine import connect
from server.host.valkey import Valkey
from server.log.redis_log import RedisLog
from server.wording import phrases_of_number, phrases_of_site
from tests.processes import CHECKOUT, marked, until
from tests.unit.history.driver import Driver

SITE_FILE = CHECKOUT / "config" / "sites" / "kecamatan-muara-kaman.toml"
COMMANDS = {
    ("dispatch",): "from workers.dispatch import *; dispatch(Settings())",
    ("work", "voice"): "from workers.worker import *; work(Settings(), 'voice')",
    ("work", "metrics"): "from workers.worker import *; work(Settings(), 'metrics')",
}
T = TypeVar("T")


class Works:
    """The programs that work behind a hall, on a data directory and a Valkey of their own choice."""

    def __init__(self, folder: Path, url: str, mark: str) -> None:
        self.data, self.url, self.mark = folder / "var", url, mark
        self.data.mkdir(exist_ok=True)
        self.site = msgspec.convert(load_sites([SITE_FILE], always_open=True)[0], Site)
        self.driver = Driver(self.site)
        self.written = 0
        clean = {k: v for k, v in os.environ.items() if not k.startswith("ANTREAN_")}
        self.env = clean | {
            "ANTREAN_DATA": str(self.data),
            "ANTREAN_REDIS_URL": url,
            "ANTREAN_SITES": str(SITE_FILE),
            "ANTREAN_VOICES": "espeak",
            "ANTREAN_ALWAYS_OPEN": "1",
            "PYTHONUNBUFFERED": "1",
            "TEST_MARK": mark,
        }
        self.out = folder / "out"
        self.started: list[subprocess.Popen[bytes]] = []

    @property
    def history(self) -> str:
        return self.env.get("ANTREAN_DATABASE_URL", f"sqlite:///{self.data}/history.sqlite3")

    def start(self, *command: str, url: str | None = None) -> subprocess.Popen[bytes]:
        """One of COMMANDS, as the door runs it. url: another way to the same Redis."""
        return self.run("-c", COMMANDS[command], **({"ANTREAN_REDIS_URL": url} if url else {}))

    def is_at_work(self, process: subprocess.Popen[bytes]) -> bool:
        """Whether it has got its handlers and its connection."""
        with redis.Redis.from_url(self.url, protocol=2) as client:
            pids = {int(client.hget(key, "pid") or 0) for key in client.smembers("rq:workers")}
            return process.pid in pids or client.exists(f"antrean:{{{self.site.id}}}:dispatch") == 1

    def run(self, *arguments: str, **env: str) -> subprocess.Popen[bytes]:
        with self.out.open("ab") as out:
            process = subprocess.Popen(
                [sys.executable, *arguments],
                env=self.env | env,
                stdout=out,
                stderr=out,
                cwd=CHECKOUT,
                start_new_session=True,
            )
        self.started.append(process)
        return process

    def open(self) -> None:
        self.start("dispatch")
        self.start("work", "voice")
        self.start("work", "metrics")

    def text(self) -> str:
        return self.out.read_text("utf-8", "replace")

    def write(self, *, renew: bool = False) -> None:
        """Append what the driver has brought since the last time."""

        async def append(log: RedisLog) -> None:
            position = await log.position()
            if renew:
                await log.renew(position)
                position = await log.position()
            await log.append(position, self.driver.entries[self.written :])

        self.with_log(append)
        self.written = len(self.driver.entries)

    def with_log(self, do: Callable[[RedisLog], Coroutine[Any, Any, T]]) -> T:
        async def connected() -> T:
            log = RedisLog(self.site.id, self.url)
            try:
                return await do(log)
            finally:
                await log.aclose()

        return asyncio.run(connected())

    def issue(self) -> str:
        """One more ticket, in the log."""
        ticket = self.driver.issue(self.site.services[0].id)
        self.write()
        return ticket

    def entries(self) -> list[Entry]:
        return self.driver.entries

    def recorded(self) -> int:
        """Events in the archive."""
        if not Path(self.history.removeprefix("sqlite:///")).exists():
            return 0
        engine = connect(self.history)
        try:
            with engine.connect() as db:
                return db.execute(select(func.count()).select_from(t.events)).scalar_one()
        except OperationalError:
            return 0
        finally:
            engine.dispose()

    def is_recorded(self) -> bool:
        return self.recorded() == len(self.driver.entries)

    def unsaid(self) -> list[str]:
        """Phrases that the hall may have to say and espeak-ng has not."""
        (voice,) = make_voices(("espeak",), self.data)
        store = ClipStore(self.data / "clips")
        wanted = set(phrases_of_site(self.site, self.site.pronunciation))
        for ticket in self.driver.state.tickets.values():
            wanted |= set(phrases_of_number(self.site, ticket.number))
        return sorted(phrase.text for phrase in wanted if not store.has(store.digest(phrase, voice)))

    def horses(self, worker: subprocess.Popen[bytes]) -> list[int]:
        children = Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text()
        return [int(pid) for pid in children.split()]

    def horse(self, worker: subprocess.Popen[bytes]) -> int:
        """Waits until the worker has a job in hand; the pid of its work horse."""
        found: list[int] = []

        def has_one() -> bool:
            found.extend(self.horses(worker))
            return bool(found)

        until(has_one, tell=self.text)
        return found[0]

    def end(self) -> None:
        for process in self.started:
            if process.poll() is None:
                process.kill()
            process.wait()
        until(lambda: not marked(self.mark))


class OwnValkey:
    """A Valkey that can be stopped and started again on the same data."""

    def __init__(self, data: Path) -> None:
        data.mkdir()
        self.server = Valkey(data)
        self.out = data / "out"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        assert self.server.obstacle() is None
        with self.out.open("ab") as out:
            self.process = subprocess.Popen(
                self.server.argv, stdout=out, stderr=out, pass_fds=self.server.fds(), start_new_session=True
            )
        self.server.started(self.process.pid)
        until(lambda: self.server.state() == "ready")

    def kill(self) -> None:
        if self.process:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            time.sleep(0.1)


@pytest.fixture
def works(folder: Path, redis_url: str, mark: str) -> Iterator[Works]:
    works = Works(folder, redis_url, mark)
    works.write()
    yield works
    works.end()


@pytest.fixture
def own_valkey(folder: Path) -> Iterator[OwnValkey]:
    server = OwnValkey(folder / "valkey")
    server.start()
    yield server
    server.kill()


@pytest.fixture
def own_works(folder: Path, own_valkey: OwnValkey, mark: str) -> Iterator[Works]:
    """The same on a Valkey that may be stopped."""
    works = Works(folder, own_valkey.server.url, mark)
    works.write()
    yield works
    works.end()


@pytest.fixture
def rq(redis_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(redis_url, protocol=2) as client:
        yield client
