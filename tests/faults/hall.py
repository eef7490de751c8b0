"""The hall of the campaign: opened by the real parent process, reached through wires that can be cut."""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType

from server.history import engine as history
from server.history.accounts import Caller, create_token, find_token
from server.history.migrate import migrate
from server.host.valkey import Valkey
from server.lifeline import tied
from tests.faults.machine import Machine, small_disk
from tests.faults.ports import own_ports
from tests.faults.wire import Wire
from tests.processes import Hall as Opened
from tests.support.proxy import Proxy, until

SITE, SITE_FILE = "balai", Path(__file__).with_name("hall.toml")
OPENED = Path(__file__).with_name("opened.py")
OPEN = "Ctrl-C closes the hall"
ROLES = ("kiosk", "operator", "supervisor", "integration")


class Hall:
    """Use it with `async with`. folder: empty, with a short path. planted: bugs, by their modules' names.

    wires: the network to each server, in their order. proxies: that from each server to the log. disk: that of the log
    alone, when it is a small one (machine.small_disk).
    """

    def __init__(self, folder: Path, servers: int = 1, planted: str = "") -> None:
        self.data = folder / "var"
        self.valkey = Valkey(self.data)
        self.machine = Machine(folder)
        self._stack = AsyncExitStack()
        self._ports = self._stack.enter_context(own_ports())
        self.disk: Path | None = None
        self.wires = [Wire(port) for port in self._ports[:servers]]
        self.proxies = []
        for n in range(servers):
            (folder / str(n)).mkdir()
            self.proxies.append(Proxy(folder / str(n), self.valkey.socket))
        self._planted = planted
        self._env = self.machine.env | {
            "ANTREAN_SITES": str(SITE_FILE),
            "ANTREAN_VOICES": "espeak",
            "ANTREAN_ALWAYS_OPEN": "1",
            "ANTREAN_PUBLIC_URL": "http://balai.test",  # one for all servers, as behind a load balancer
        }
        self.program = self._program(self._ports[0], [proxy.url for proxy in self.proxies])
        self.names = [f"server-{n}" for n in range(1, servers + 1)]
        self.tokens: dict[str, str] = {}
        self.callers: dict[str, Caller] = {}

    @property
    def database(self) -> str:
        return f"sqlite:///{self.data}/history.sqlite3"

    async def __aenter__(self) -> "Hall":
        try:
            self.data.mkdir()
            self.disk = self._stack.enter_context(small_disk(self.valkey.folder))
            self._make_tokens()
            self._stack.callback(self.program.kill)
            for wire in self.wires:
                await self._stack.enter_async_context(wire)
            for proxy in self.proxies:
                await self._stack.enter_async_context(proxy)
            await self.open()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def open(self) -> None:
        """Starts it, for the first time or again, and waits until it has printed its addresses."""
        self.program.start()
        await until(lambda: OPEN in self.program.text(), within=60, tell=self.program.text)

    async def open_again(self) -> None:
        """A second parent is started on the same data directory. Returns when it has given up, or has opened too: then
        it stays until the hall is left."""
        second = self._program(self._ports[-1], [None], "second")
        self._stack.callback(second.kill)
        second.start()
        assert second.process
        ended = second.process.poll
        await until(lambda: ended() is not None or OPEN in second.text(), within=60, tell=second.text)

    def pid(self, name: str) -> int | None:
        """The process of this name now; None while there is none. Names: server-1 …, voice, metrics, dispatcher, valkey,
        parent, and horse, that of metrics."""
        if name == "parent":
            return self.program.pid
        if name == "horse":
            worker = self.pid("metrics")
            return next(iter(children(worker)), None) if worker else None
        wanted = "valkey-server" if name == "valkey" else f" {name} "
        return next((pid for pid in children(self.program.pid) if wanted in _command(pid)), None)

    def signal(self, name: str, number: int) -> bool:
        """Whether there was one to get it."""
        pid = self.pid(name)
        if pid is None:
            return False
        os.kill(pid, number)
        return True

    def _program(self, port: int, logs: Sequence[str | None], name: str = "") -> Opened:
        """A parent whose servers have these ways to the log; None: straight."""
        ports = range(port, port + len(logs))
        told = {"servers": list(zip(ports, logs, strict=True)), "planted": self._planted}
        argv = tied((sys.executable, str(OPENED), json.dumps(told)), os.getpid(), None)  # dies with the campaign
        opened = Opened(self.data, port, program=argv, env=self._env)
        opened.out = opened.out.with_name(f"hall{name}.out")
        return opened

    def _make_tokens(self) -> None:
        migrate(self.database)
        engine = history.connect(self.database)
        try:
            for role in ROLES:
                self.tokens[role] = create_token(engine, role)
                caller = find_token(engine, self.tokens[role])
                assert caller
                self.callers[role] = caller
        finally:
            engine.dispose()


def children(parent: int) -> Iterator[int]:
    """The processes that this one started and that live."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and _parent(entry) == parent:
            yield int(entry.name)


def _parent(process: Path) -> int:
    try:
        state, parent = (process / "stat").read_text().rpartition(")")[2].split()[:2]
    except OSError:
        return 0
    return 0 if state == "Z" else int(parent)


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""
