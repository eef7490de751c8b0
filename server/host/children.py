"""What a child of the parent is, and the keeper that keeps one running: starts it, shows what it says, starts it
again with pauses when it ends, and ends it."""

import asyncio
import contextlib
import os
import signal
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence

from server.lifeline import tied

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
LIVED_WELL = 30.0  # seconds after which a child's next pause is the first again
ASK_AGAIN = 1.0  # seconds between two looks at an obstacle
MOST_REMEMBERED = 20  # lines
LONGEST_LINE = 20_000

Say = Callable[[str], None]


class Child:
    """One program that is kept running.

    name:     what its lines on the terminal begin with
    env:      its environment; None: the parent's
    quiet:    its lines are kept back and shown only when it ends by itself
    patience: seconds it gets to end when asked, before it is killed
    waits:    it is started when the hall is open, so that it takes no time from what opens it
    """

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        quiet: bool = False,
        patience: float = 10.0,
        waits: bool = False,
    ) -> None:
        self.name, self.argv, self.env = name, tuple(argv), env
        self.quiet, self.patience, self.waits = quiet, patience, waits

    def obstacle(self) -> str | None:
        """Asked before each start, in a thread: what keeps it from being started now, in a sentence."""
        return None

    def fds(self) -> tuple[int, ...]:
        """Descriptors that the program inherits."""
        return ()

    def started(self, pid: int) -> None:
        """It runs."""

    def ask_to_end(self, pid: int) -> None:
        """Asks it, in a thread, to end in order."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)


class Keeper:
    """Keeps one child running, from `start` to `end`. All in the main thread's event loop.

    pipe: see server.lifeline.tied
    exits: the exit codes of its runs so far (negative: the signal that ended it)
    """

    def __init__(self, child: Child, say: Say, pipe: int | None) -> None:
        self.child, self.exits = child, list[int]()
        self.said: deque[str] = deque(maxlen=MOST_REMEMBERED)
        self._say, self._pipe = say, pipe
        self._ending = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> asyncio.Task[None]:
        self._task = asyncio.create_task(self._keep(), name=self.child.name)
        return self._task

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def end(self, hurry: asyncio.Event) -> None:
        """Asks the child to end and kills it, with all of its group, after its patience or when `hurry` is set."""
        self._ending.set()
        asked: asyncio.subprocess.Process | None = None
        asking: asyncio.Task[None] | None = None
        limit = time.monotonic() + self.child.patience
        while self._task and not self._task.done():
            process = self._process
            if process and (hurry.is_set() or time.monotonic() > limit):
                _kill_group(process.pid)
            elif process and process is not asked:
                asked = process
                asking = asyncio.create_task(asyncio.to_thread(self.child.ask_to_end, process.pid))
            await asyncio.wait({self._task}, timeout=0.1)
        if asking:
            await asking

    async def _keep(self) -> None:
        name, pause, told = self.child.name, FIRST_PAUSE, ""
        while not self._ending.is_set():
            obstacle = await asyncio.to_thread(self.child.obstacle)
            if self._ending.is_set():
                return
            if obstacle:
                if obstacle != told:
                    self._say(f"{name} | {obstacle}")
                told = obstacle
                await self._sleep(ASK_AGAIN)
                continue
            if told:
                self._say(f"{name} | goes on.")
                told = ""
            began = time.monotonic()
            try:
                code = await self._run()
            except OSError as error:  # no memory or no process to be had: that may pass
                self._say(f"{name} | cannot be started: {error.strerror}.")
                code = os.EX_OSERR
            self.exits.append(code)
            if self._ending.is_set():
                return
            pause = FIRST_PAUSE if time.monotonic() - began > LIVED_WELL else pause
            if self.child.quiet:
                for line in self.said:
                    self._say(f"{name} | {line}")
            self._say(f"{name} | {_ended(code)}; it is started again in {pause:g} s.")
            await self._sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _sleep(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):  # wait_for of 3.11 may swallow the end of this task
                await self._ending.wait()

    async def _run(self) -> int:
        """From start to end of one process; its exit code."""
        # A pipe of our own: asyncio's would make us wait for whoever else inherited it.
        reader, writer = os.pipe()
        lines = Lines(self._heard)
        loop = asyncio.get_running_loop()
        try:
            os.set_blocking(reader, False)
            loop.add_reader(reader, lines.read, reader)
            self.said.clear()
            pipe = () if self._pipe is None else (self._pipe,)
            try:
                process = await asyncio.create_subprocess_exec(
                    *tied(self.child.argv, os.getpid(), self._pipe),
                    env=self.child.env,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=writer,
                    stderr=writer,
                    start_new_session=True,
                    pass_fds=(*self.child.fds(), *pipe),
                )
            finally:
                os.close(writer)
            self._process = process
            self.child.started(process.pid)
            code = await process.wait()
            _kill_group(process.pid)  # what it had started itself and left behind
            return code
        finally:
            self._process = None
            loop.remove_reader(reader)
            lines.read(reader)
            lines.end()
            os.close(reader)

    def _heard(self, line: str) -> None:
        self.said.append(line)
        if not self.child.quiet:
            self._say(f"{self.child.name} | {line}")


class Lines:
    """Cuts what a program writes into lines."""

    def __init__(self, heard: Say) -> None:
        self._heard, self._rest = heard, b""

    def read(self, fd: int) -> None:
        """Takes what is there, without waiting."""
        with contextlib.suppress(BlockingIOError):
            while data := os.read(fd, 65_536):
                *lines, self._rest = (self._rest + data).split(b"\n")
                for line in lines:
                    self._tell(line)
                if len(self._rest) > LONGEST_LINE:
                    self.end()
            # Everyone has closed it; the event loop would call for ever.
            asyncio.get_running_loop().remove_reader(fd)

    def end(self) -> None:
        if self._rest:
            self._tell(self._rest)
        self._rest = b""

    def _tell(self, line: bytes) -> None:
        self._heard(line.decode(errors="replace").rstrip("\r"))


def _kill_group(leader: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def _ended(code: int) -> str:
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"
