"""The hall of the campaign: opened by the real parent process, reached through wires that can be cut."""

import json
import os
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType

from server.history import engine as history
from server.history.accounts import Caller, create_token, find_token
from server.history.migrate import migrate
from server.host.valkey import Valkey
from server.lifeline import tied
from tests.faults.machine import Machine
from tests.faults.wire import Wire
from tests.processes import Hall as Opened
from tests.processes import free_port, marked
from tests.support.proxy import Proxy, until

SITE, SITE_FILE = "balai", Path(__file__).with_name("hall.toml")
OPENED = Path(__file__).with_name("opened.py")
ROLES = ("kiosk", "operator", "supervisor", "integration")


class Hall:
    """Use it with `async with`. folder: empty, with a short path. planted: bugs, by their modules' names.

    wires: the network to each server, in their order. proxies: that from each server to the log.
    """

    def __init__(self, folder: Path, servers: int = 1, planted: str = "") -> None:
        self.data = folder / "var"
        self.valkey = Valkey(self.data)
        self.machine = Machine(folder)
        ports = [free_port() for _ in range(servers)]
        self.wires = [Wire(port) for port in ports]
        self.proxies = []
        for n in range(servers):
            (folder / str(n)).mkdir()
            self.proxies.append(Proxy(folder / str(n), self.valkey.socket))
        told = {"servers": list(zip(ports, (proxy.url for proxy in self.proxies), strict=True)), "planted": planted}
        env = self.machine.env | {
            "ANTREAN_SITES": str(SITE_FILE),
            "ANTREAN_VOICES": "espeak",
            "ANTREAN_ALWAYS_OPEN": "1",
            "ANTREAN_PUBLIC_URL": "http://balai.test",  # one for all servers, as behind a load balancer
        }
        program = tied((sys.executable, str(OPENED), json.dumps(told)), os.getpid(), None)  # dies with the campaign
        self.program = Opened(self.data, ports[0], program=program, env=env)
        self.names = [f"server-{n}" for n in range(1, servers + 1)]
        self.tokens: dict[str, str] = {}
        self.callers: dict[str, Caller] = {}
        self._stack = AsyncExitStack()

    @property
    def database(self) -> str:
        return f"sqlite:///{self.data}/history.sqlite3"

    async def __aenter__(self) -> "Hall":
        self.data.mkdir()
        self._make_tokens()
        self._stack.callback(self.program.kill)
        try:
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
        await until(lambda: "Ctrl-C closes the hall" in self.program.text(), within=60, tell=self.program.text)

    def pid(self, name: str) -> int | None:
        """The process of this name now; None while there is none. Names: server-1 …, voice, metrics, dispatcher, valkey,
        parent."""
        if name == "parent":
            return self.program.pid
        wanted = "valkey-server" if name == "valkey" else f" {name} "
        return next((pid for pid, line in self.children(self.program.pid).items() if wanted in line), None)

    def children(self, parent: int) -> dict[int, str]:
        """The processes of this hall that this one started: {pid: command line}."""
        return {pid: line for pid, line in marked(self.program.mark).items() if _parent(pid) == parent}

    def signal(self, name: str, number: int) -> bool:
        """Whether there was one to get it."""
        pid = self.pid(name)
        if pid is None:
            return False
        os.kill(pid, number)
        return True

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


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0
