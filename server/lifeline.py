"""Processes that die with their parent, however it ends, kill -9 included.

A leaf: the standard library only, so that server.host and workers may both import it. It is also the small
program that `tied` puts before another: it ties itself to its parent and then becomes that other program.

On Linux the kernel sends the parent-death signal ("signal"). Elsewhere the parent holds the writing end of a
pipe, which the kernel closes with it; a watcher beside the program sees that and kills it ("pipe").
"""

import ctypes
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

Way = Literal["signal", "pipe"]
WAY: Way = "signal" if sys.platform == "linux" else "pipe"
PR_SET_PDEATHSIG = 1
LOOK_EVERY = 0.2
MOST_FILES = 65_536


def tied(argv: Sequence[str], parent: int, pipe: int | None) -> list[str]:
    """The command that runs `argv` tied to the process `parent`, which must start it in a session of its own.

    pipe: the reading end of a pipe whose only writing end `parent` holds; None: by the parent-death signal.
          The signal comes when the *thread* that started the program ends: start it in the main thread.
    """
    link = "-" if pipe is None else str(pipe)
    return [sys.executable, "-I", "-S", __file__, str(parent), link, *argv]


@contextmanager
def held_pipe(way: Way = WAY) -> Iterator[int | None]:
    """The reading end of a pipe whose writing end only this process holds, for the way "pipe"."""
    if way == "signal":
        yield None
        return
    reader, writer = os.pipe()
    try:
        yield reader
    finally:
        os.close(reader)
        os.close(writer)


def die_with_parent(parent: int, way: Way = WAY) -> None:
    """Called first by a forked child (an RQ work horse): from now on it is killed when `parent` ends.

    parent: the pid that forked, asked by the parent itself before the fork.
    """
    if way == "signal":
        _ask_for_signal(parent)
    else:
        threading.Thread(target=_look_after, args=(parent,), name="lifeline", daemon=True).start()


def _ask_for_signal(parent: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    if os.getppid() != parent:  # it had ended before the call
        os.kill(os.getpid(), signal.SIGKILL)


def _look_after(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_EVERY)
    os.kill(os.getpid(), signal.SIGKILL)


def _leave_watcher(parent_lives: int) -> None:
    """Leaves a process behind that kills this one's group when the pipe `parent_lives` is closed.

    The watcher is a grandchild, so that the program to come has no child it does not know. That program holds
    the writing end of a second pipe: when it ends by itself, the watcher ends too and kills nobody.
    """
    program = os.getpid()
    program_lives, held_by_program = os.pipe()
    if os.fork() == 0:
        if os.fork() == 0:
            low, high = sorted((parent_lives, program_lives))
            os.closerange(0, low)
            os.closerange(low + 1, high)
            os.closerange(high + 1, min(os.sysconf("SC_OPEN_MAX"), MOST_FILES))
            ended = select.select([parent_lives, program_lives], [], [])[0]
            if program_lives not in ended:
                os.killpg(program, signal.SIGKILL)
        os._exit(0)
    os.wait()
    os.close(program_lives)
    os.close(parent_lives)
    os.set_inheritable(held_by_program, True)


def _main(parent: str, link: str, *argv: str) -> None:
    if link == "-":
        _ask_for_signal(int(parent))
    else:
        _leave_watcher(int(link))
    os.execvp(argv[0], argv)


if __name__ == "__main__":
    _main(*sys.argv[1:])
