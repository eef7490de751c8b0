"""`antrean up` with all the programs of a hall."""

import os
import signal
import time
import urllib.request

from tests.processes import Hall, until

SLOW = 120.0  # seconds; six programs start at once on a small machine


def status(url: str) -> int:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return int(answer.status)


def test_the_whole_hall_opens_is_quiet_and_closes_leaving_nothing(hall: Hall) -> None:
    hall.open(within=SLOW)
    assert "admin  " in hall.text()
    for path in ("/healthz", "/", "/login", "/kiosk/mpp-kukar", "/tv/mpp-kukar/utama"):
        assert status(hall.url + path) == 200, path
    until(lambda: len(hall.alive()) >= 6, within=SLOW)  # parent, Valkey, server, dispatcher, two workers
    time.sleep(3)
    assert not any(line.startswith(("server |", "voice |")) for line in hall.text().splitlines()), hall.text()
    assert hall.close() == 0
    assert hall.alive() == {}


def test_kill_9_of_the_whole_hall_leaves_no_process_and_it_opens_again(hall: Hall) -> None:
    hall.open(within=SLOW)
    os.kill(hall.pid, signal.SIGKILL)
    hall.ends()
    until(lambda: not hall.alive(), within=10, tell=lambda: str(hall.alive()))
    hall.open(within=SLOW)
    assert "admin  " not in hall.text(), "the password is shown once"
    assert hall.close() == 0
    assert hall.alive() == {}
