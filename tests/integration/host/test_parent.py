"""`antrean up`: what it starts, starts again, and leaves behind."""

import os
import signal
import socket
import time
from functools import partial
from pathlib import Path

import pytest
import redis

from server.host.valkey import Valkey
from tests.integration.host.conftest import WORKER, MakeHall
from tests.processes import PATIENCE, Hall, until


def starts(hall: Hall) -> list[str]:
    """The lines that the small hall's server wrote, one for each start."""
    file = hall.data / "server.starts"
    return file.read_text().splitlines() if file.exists() else []


def log_of(hall: Hall) -> redis.Redis:
    return redis.Redis.from_url(starts(hall)[-1].split()[1])


def valkey_pid(hall: Hall) -> int:
    with log_of(hall) as client:
        return int(client.info("server")["process_id"])


def more_than(number: int, hall: Hall) -> bool:
    return len(hall.alive()) > number


def until_gone(hall: Hall) -> None:
    """Whoever is killed lives until it is its turn to die."""
    until(lambda: not hall.alive(), tell=lambda: str(hall.alive()))


def test_it_opens_and_prints_the_address_of_every_screen(small_hall: MakeHall) -> None:
    hall = small_hall().open()
    for path in ("/", "/login", "/admin", "/kiosk/mpp-kukar", "/tv/mpp-kukar/", "/counter/mpp-kukar/"):
        assert f"{hall.url}{path}" in hall.text()
    with log_of(hall) as client:
        config = client.config_get("append*")
    assert config["appendonly"] == "yes"
    assert config["appendfsync"] == "always"


def test_ctrl_c_closes_everything_and_a_second_run_finds_the_same_data(small_hall: MakeHall) -> None:
    hall = small_hall({"worker": WORKER}).open()
    with log_of(hall) as client:
        client.set("kept", "yes")
    assert hall.close() == 0
    until_gone(hall)
    assert "Closed." in hall.text()
    hall.open()
    with log_of(hall) as client:
        assert client.get("kept") == b"yes"
    os.kill(hall.pid, signal.SIGTERM)
    assert hall.ends() == 0
    until_gone(hall)


def test_it_says_nothing_more_between_opening_and_closing(small_hall: MakeHall) -> None:
    hall = small_hall({"worker": WORKER}).open()
    opened = hall.text()
    assert opened.startswith("\n  Antrean sudah buka")
    time.sleep(1)
    hall.close()
    assert hall.text().removeprefix(opened).split("\n")[1].startswith("  Menutup")
    assert len(hall.text().removeprefix(opened).strip().splitlines()) == 2


@pytest.mark.parametrize("way", ["signal", "pipe"])
def test_kill_9_of_the_parent_leaves_no_process(small_hall: MakeHall, way: str) -> None:
    hall = small_hall({"idle": "import time; time.sleep(600)"}, way=way).open()
    until(partial(more_than, 3, hall))  # parent, Valkey, server, idle
    os.kill(hall.pid, signal.SIGKILL)
    hall.ends()
    until_gone(hall)


@pytest.mark.parametrize("way", ["signal", "pipe"])
def test_kill_9_of_the_parent_while_it_opens_leaves_no_process(small_hall: MakeHall, way: str) -> None:
    hall = small_hall(way=way)
    for others in (0, 1, 2):
        hall.start()
        until(partial(more_than, others, hall))
        os.kill(hall.pid, signal.SIGKILL)
        hall.ends()
        until_gone(hall)


def test_with_the_pipe_a_program_that_ends_takes_its_watcher_along(small_hall: MakeHall) -> None:
    hall = small_hall({"short": "import time; time.sleep(0.1)"}, way="pipe").open()
    until(lambda: hall.text().count("short | ended") > 2)
    until(lambda: not more_than(7, hall))  # parent; Valkey, server, short and their watchers
    assert hall.close() == 0
    until_gone(hall)


def test_a_second_one_on_the_same_data_is_refused_and_names_the_first(small_hall: MakeHall) -> None:
    first = small_hall().open()
    second = small_hall()
    second.out = second.out.with_suffix(".second")
    second.start()
    assert second.ends() == 1
    assert f"in use by another antrean (process {first.pid})" in second.text()
    assert len(second.text().splitlines()) == 1
    assert starts(first)[1:] == []
    assert first.close() == 0


def test_a_port_in_use_is_told_in_one_sentence_and_nothing_is_left(small_hall: MakeHall) -> None:
    hall = small_hall()
    with socket.create_server(("127.0.0.1", hall.port)):
        hall.start()
        assert hall.ends() == 1
    assert hall.text() == (
        f"Another program already uses 127.0.0.1:{hall.port}; stop it, or choose another port with ANTREAN_PORT.\n"
    )
    assert hall.alive() == {}


def test_a_killed_server_comes_back(small_hall: MakeHall) -> None:
    hall = small_hall().open()
    os.kill(int(starts(hall)[0].split()[0]), signal.SIGKILL)
    until(lambda: len(starts(hall)) == 2)
    hall.shows("server | was ended by SIGKILL; it is started again in 0.2 s.")
    assert hall.close() == 0


def test_a_killed_valkey_comes_back_with_all_that_was_confirmed(small_hall: MakeHall) -> None:
    hall = small_hall().open()
    with log_of(hall) as client:
        for n in range(100):
            client.xadd("log", {"n": n})
        os.kill(valkey_pid(hall), signal.SIGKILL)
        until(lambda: "started again" in hall.text())

    def all_there() -> bool:
        try:
            with log_of(hall) as client:
                return bool(client.xlen("log") == 100)
        except redis.ConnectionError:
            return False

    until(all_there)
    assert len(starts(hall)) == 1, "the server was not started again for it"
    assert hall.close() == 0


def test_what_dies_at_once_is_started_again_with_growing_pauses(small_hall: MakeHall) -> None:
    hall = small_hall({"short": "raise SystemExit(7)"}).open()
    for pause in ("0.2", "0.4", "0.8", "1.6"):
        hall.shows(f"short | ended with exit code 7; it is started again in {pause} s.")
    assert hall.close() == 0


def test_a_child_that_refuses_its_configuration_ends_the_opening(small_hall: MakeHall) -> None:
    refuses = "import sys; print('ANTREAN_SOMETHING is wrong'); sys.exit(2)"
    hall = small_hall({"server": refuses}).start()
    assert hall.ends() == 1
    assert "server | ANTREAN_SOMETHING is wrong" in hall.text()
    assert "The hall was not opened: server cannot work, see above." in hall.text()
    assert hall.alive() == {}


STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('here'); time.sleep(600)"


def test_what_does_not_end_is_killed_after_its_patience(small_hall: MakeHall) -> None:
    hall = small_hall({"stubborn": STUBBORN}).open()
    hall.shows("stubborn | here")
    began = time.monotonic()
    assert hall.close() == 0
    assert time.monotonic() - began > 1.8
    assert hall.alive() == {}


def test_a_second_ctrl_c_hurries(small_hall: MakeHall) -> None:
    hall = small_hall({"stubborn": STUBBORN}, patience=10 * PATIENCE).open()
    hall.shows("stubborn | here")
    hall.interrupt()
    hall.shows("Menutup")
    time.sleep(0.4)  # nearer together they are one press
    assert hall.close() == 0
    assert hall.alive() == {}


def test_a_data_directory_with_an_awkward_and_long_name_works(small_hall: MakeHall, folder: Path) -> None:
    data = folder / 'Data "loket" \\ %20 é # $HOME' / ("x" * 120)
    hall = small_hall(data=data).open()
    with log_of(hall) as client:
        client.set("kept", "yes")
    assert (data / "valkey" / "appendonlydir").is_dir()
    assert not Valkey(data).socket.is_relative_to(data)
    assert hall.close() == 0
    assert hall.open().close() == 0
    Valkey(data).socket.parent.rmdir()
