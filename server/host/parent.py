"""`antrean up`: opens the hall on this machine and keeps it open until it is told to close.

In order: the data directory's lock, the port, Valkey, then the other children; closed the other way round. The
parent does nothing else, so that nothing of the hall can bring it down.
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from config.settings import Settings, variable
from config.sites import load_sites
from server.host.children import Child, Keeper
from server.host.errors import HostError
from server.host.lock import only_one
from server.host.ports import healthy, must_be_free
from server.host.screens import CLOSE_WITH, CLOSED, CLOSING, password, screens
from server.host.terminal import Terminal
from server.host.valkey import Valkey
from server.lifeline import WAY, Way, held_pipe

PROGRAM = Path(__file__).resolve().parents[2] / "antrean.py"
REFUSED = 2  # the exit code of a child that has said why it cannot work; to start it again would not help
LOOK_EVERY = 0.1
PATIENT_FOR = 20.0  # seconds after which the operator is told that it takes long
SECOND_PRESS = 0.3  # seconds; signals nearer together are one press that came by two ways
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

MakeChildren = Callable[[Settings], Sequence[Child]]


def environment(settings: Settings) -> dict[str, str]:
    """This process's environment with exactly these settings in it."""
    env = {k: v for k, v in os.environ.items() if k.upper() not in set(map(variable, Settings.model_fields))}
    for field in Settings.model_fields:
        match getattr(settings, field):
            case None:
                continue
            case tuple() as values:
                value = ",".join(map(str, values))
            case dict() as named:
                value = ",".join(map(str, named.values()))
            case bool() as flag:
                value = "1" if flag else "0"
            case other:
                value = str(other)
        env[variable(field)] = value
    return env | {"PYTHONUNBUFFERED": "1"}


def command(
    name: str,
    settings: Settings,
    *argv: str,
    patience: float = 10.0,
    waits: bool = False,
    more: Mapping[str, str] | None = None,
) -> Child:
    """A command of antrean.py as a child; `more`: variables that are no settings."""
    program = (sys.executable, str(PROGRAM), *argv)
    return Child(name, program, env={**environment(settings), **(more or {})}, patience=patience, waits=waits)


def programs(settings: Settings) -> tuple[Child, ...]:
    """The hall's own programs, in the order in which they are closed."""
    return (
        command("server", settings, "serve"),
        command("voice", settings, "work", "voice", waits=True),
        command("metrics", settings, "work", "metrics", waits=True),
        command("dispatcher", settings, "dispatch", waits=True),
    )


def up(
    settings: Settings,
    *,
    prepare: Callable[[], str | None] = lambda: None,
    children: MakeChildren = programs,
    note: str = "",
    way: Way = WAY,
) -> int:
    """Keeps the hall open until SIGINT, SIGTERM or SIGHUP; the exit code.

    prepare:  called once when the directory is ours and before any child starts; what it returns is the new
              admin password, shown once.
    children: the programs beside Valkey, in the order in which they are closed, with settings whose redis_url is
              set. They are started together, those that wait when the hall is open.
    note:     what the reader is told beside the addresses.
    way:      how children are tied to this process, see server.lifeline.
    Raises ConfigError or HostError before anything was started.
    """
    sites = load_sites(settings.sites, always_open=settings.always_open, speed=settings.speed)
    with only_one(settings.data), held_pipe(way) as pipe:
        must_be_free(settings.host, settings.port)
        new_password = prepare()
        valkey = None if settings.redis_url else Valkey(settings.data)
        if valkey:
            settings = settings.model_copy(update={"redis_url": valkey.url})
        terminal = Terminal()
        try:
            if new_password:  # at once: the account is there, whatever becomes of this opening
                terminal.say(password(new_password))
            greeting = screens(sites, settings.base_url) + note
            parent = Parent(settings, valkey, children(settings), greeting, terminal.say, pipe)
            return asyncio.run(parent.run())
        finally:
            terminal.close()


class Parent:
    """The children of one machine, from opening to closing."""

    def __init__(
        self,
        settings: Settings,
        valkey: Valkey | None,
        children: Sequence[Child],
        greeting: str,
        say: Callable[[str], None],
        pipe: int | None,
    ) -> None:
        self._settings, self._greeting, self._say = settings, greeting, say
        self._valkey = valkey
        self._log = [Keeper(valkey, say, pipe)] if valkey else []
        self._programs = [Keeper(child, say, pipe) for child in children]
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> int:
        stop, hurry = asyncio.Event(), asyncio.Event()
        self._listen(stop, hurry)
        told = asyncio.create_task(stop.wait())
        opening = asyncio.create_task(self._open())
        try:
            await self._first(told, opening)
            if opening.done():
                opening.result()
                self._say(self._greeting + CLOSE_WITH)
                await self._first(told)
        except HostError as error:
            self._say(f"\n{error}")
            return 1
        finally:
            opening.cancel()
            told.cancel()
            await self._close(hurry)
        self._say(CLOSED)
        return 0

    def _listen(self, stop: asyncio.Event, hurry: asyncio.Event) -> None:
        pressed: list[float] = []

        def press() -> None:
            pressed.append(time.monotonic())  # first of all: who has read CLOSING may press again
            if len(pressed) == 1:
                self._say(CLOSING)
            elif pressed[-1] - pressed[0] > SECOND_PRESS:
                hurry.set()
            stop.set()

        for number in STOPS:
            asyncio.get_running_loop().add_signal_handler(number, press)

    async def _first(self, *awaited: asyncio.Task[object]) -> None:
        """Waits for the first of them. That a keeper ends by itself is a fault of ours: its error comes out here."""
        while not any(task.done() for task in awaited):
            done, _ = await asyncio.wait({*awaited, *self._tasks}, timeout=1.0, return_when="FIRST_COMPLETED")
            for task in done & self._tasks:
                task.result()

    async def _open(self) -> None:
        for keeper in self._log:
            self._tasks.add(keeper.start())
            await self._until_valkey_is_ready(keeper)
        self._tasks |= {keeper.start() for keeper in self._programs if not keeper.child.waits}
        limit, told = time.monotonic() + PATIENT_FOR, False
        while not await healthy(self._settings.host, self._settings.port):
            for keeper in self._programs:
                if REFUSED in keeper.exits:
                    raise HostError(f"The hall was not opened: {keeper.child.name} cannot work, see above.")
            if not told and time.monotonic() > limit:
                told = True
                self._say("The server does not answer yet; the hall opens as soon as it does.")
            await asyncio.sleep(LOOK_EVERY)
        self._tasks |= {keeper.start() for keeper in self._programs if keeper.child.waits}

    async def _until_valkey_is_ready(self, keeper: Keeper) -> None:
        assert self._valkey
        limit, told = time.monotonic() + PATIENT_FOR, False
        while (state := await asyncio.to_thread(self._valkey.state)) != "ready":
            if keeper.exits and not await asyncio.to_thread(self._valkey.is_short_of_room):
                raise HostError("The hall was not opened: Valkey does not start, see above.")
            if state == "loading" and not told and time.monotonic() > limit:
                told = True
                self._say("Valkey still reads its log; the hall opens as soon as it has.")
            await asyncio.sleep(LOOK_EVERY)

    async def _close(self, hurry: asyncio.Event) -> None:
        for keeper in (*self._programs, *self._log):
            await keeper.end(hurry)
