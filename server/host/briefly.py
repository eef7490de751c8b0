"""The server of the logs, for one command: the one that runs, or the hall's own, started for as long as it takes."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator
from tempfile import TemporaryFile
from time import monotonic, sleep

from config.settings import Settings
from server.host.errors import HostError, InUse
from server.host.lock import only_one
from server.host.valkey import Valkey
from server.lifeline import held_pipe, tied

LOOK_EVERY = 0.05
COMES_WITHIN = 15.0  # seconds for which an open hall may be without its Valkey: it opens, closes, or starts it again


@contextlib.contextmanager
def logs_of(settings: Settings) -> Iterator[str]:
    """The URL of the logs' server, whether the hall is open or not. Raises HostError, also when there never was a hall."""
    if settings.redis_url:
        yield settings.redis_url
        return
    valkey = Valkey(settings.data)
    if not valkey.folder.exists():
        raise HostError(
            f"No hall was ever opened in {settings.data}; name the hall's data directory with ANTREAN_DATA."
        )
    with contextlib.ExitStack() as ours:
        limit = monotonic() + COMES_WITHIN
        while valkey.state() == "away":
            try:
                ours.enter_context(only_one(settings.data))
            except InUse:
                if monotonic() > limit:
                    raise
                sleep(LOOK_EVERY)
            else:
                ours.enter_context(_running(valkey))
                break
        else:
            _wait(valkey)
        yield valkey.url


@contextlib.contextmanager
def logs_of_closed(settings: Settings) -> Iterator[str]:
    """The same for what may be done to a closed hall only; holds its data directory. Raises HostError."""
    with only_one(settings.data):
        if settings.redis_url:
            yield settings.redis_url
            return
        valkey = Valkey(settings.data)
        with _running(valkey):
            yield valkey.url


@contextlib.contextmanager
def _running(valkey: Valkey) -> Iterator[None]:
    if why := valkey.obstacle():
        raise HostError(why)
    with held_pipe() as pipe, TemporaryFile() as said:
        process = subprocess.Popen(
            tied(valkey.argv, os.getpid(), pipe),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
            pass_fds=(*valkey.fds(), *(() if pipe is None else (pipe,))),
        )
        try:
            valkey.started(process.pid)
            _wait(valkey, process)
            yield
        except HostError as error:
            said.seek(0)
            last = said.read().decode(errors="replace").strip().rpartition("\n")[2]
            raise HostError(f"{error} {last}") from None
        finally:
            valkey.ask_to_end(process.pid)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(valkey.patience)
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _wait(valkey: Valkey, process: "subprocess.Popen[bytes] | None" = None) -> None:
    """Until it has read its log, however long that takes."""
    while (state := valkey.state()) != "ready":
        if (process and process.poll() is not None) or (process is None and state == "away"):
            raise HostError("Valkey does not start; it said at last:" if process else "The hall is just being closed.")
        sleep(LOOK_EVERY)
