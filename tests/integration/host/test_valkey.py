"""The Valkey of our own: never two on one directory."""

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import redis

from config.settings import Settings
from server.host import briefly, lock
from server.host.valkey import Valkey
from tests.integration.host.conftest import MakeHall
from tests.processes import until


@contextlib.contextmanager
def left_behind(data: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A Valkey as a dead parent leaves it, with one value in it."""
    valkey = Valkey(data)
    assert valkey.obstacle() is None
    process = subprocess.Popen(valkey.argv, stdout=subprocess.DEVNULL, pass_fds=valkey.fds(), start_new_session=True)
    try:
        valkey.started(process.pid)
        until(lambda: valkey.state() == "ready")
        with redis.Redis.from_url(valkey.url) as client:
            client.set("kept", "yes")
        yield process
    finally:
        process.kill()
        process.wait()


def test_one_that_a_dead_parent_left_is_shut_down_first_and_its_data_is_there(
    small_hall: MakeHall, folder: Path
) -> None:
    with left_behind(folder / "var") as process:
        hall = small_hall().open()
        assert process.poll() == 0, "it ended in order"
        with redis.Redis.from_url(Valkey(folder / "var").url) as client:
            assert client.get("kept") == b"yes"
        assert hall.close() == 0


def test_one_that_no_longer_answers_is_killed(folder: Path) -> None:
    with left_behind(folder) as process:
        os.kill(process.pid, signal.SIGSTOP)
        next_one = Valkey(folder, patience=0.5)
        until(lambda: next_one.obstacle() is None)  # the second time if it is slow to die
        assert process.wait(30) == -signal.SIGKILL
        os.close(*next_one.fds())


def test_one_that_does_not_listen_yet_is_asked_to_end_too(folder: Path) -> None:
    """A hall that is closed just when its Valkey was started would wait for it in vain."""
    with subprocess.Popen(("sleep", "600"), start_new_session=True) as starting:
        Valkey(folder).ask_to_end(starting.pid)
        try:
            assert starting.wait(30) == -signal.SIGTERM
        finally:
            starting.kill()


def test_a_command_waits_for_a_hall_that_has_no_valkey_just_now(folder: Path) -> None:
    """It opens, closes, or starts one again that has ended: the directory is held, and nobody listens."""
    (folder / "valkey").mkdir(mode=0o700)
    held = contextlib.ExitStack()
    held.enter_context(lock.only_one(folder))
    closing = threading.Timer(1, held.close)
    closing.start()
    with briefly.logs_of(Settings(data=folder)) as url, redis.Redis.from_url(url) as client:
        assert client.ping()
    closing.join()


def test_a_folder_of_somebody_else_is_refused(folder: Path) -> None:
    (folder / "elsewhere").mkdir()
    (folder / "valkey").symlink_to(folder / "elsewhere")
    assert Valkey(folder).obstacle() == f"{folder}/valkey cannot be used: it belongs to another user."


def test_the_session_s_valkey_writes_through(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        assert client.config_get("appendfsync") == {"appendfsync": "always"}
