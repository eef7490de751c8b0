"""`antrean up` with all the programs of a hall."""

import os
import re
import signal
import time
import urllib.request
from pathlib import Path

from tests.processes import Hall, until
from tests.support.own_valkey import OwnValkey

SLOW = 120.0  # seconds; six programs start at once on a small machine
SLOW_DISK = "no answer within"  # of the log: what a hall on such a machine may have to say


def status(url: str) -> int:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return int(answer.status)


def test_the_whole_hall_opens_is_quiet_leaves_nothing_when_it_is_killed_and_opens_again(hall: Hall) -> None:
    hall.open(within=SLOW)
    assert "admin  " in hall.text()
    for path in ("/healthz", "/", "/login", "/kiosk/mpp-kukar", "/tv/mpp-kukar/utama"):
        assert status(hall.url + path) == 200, path
    until(lambda: len(hall.alive()) >= 6, within=SLOW)  # parent, Valkey, server, dispatcher, two workers
    time.sleep(3)
    said = re.findall(r"(?m)^\w+ \|.*", hall.text())
    assert not [line for line in said if SLOW_DISK not in line], f"none of its programs says anything: {hall.text()}"
    os.kill(hall.pid, signal.SIGKILL)
    hall.ends()
    until(lambda: not hall.alive(), tell=lambda: str(hall.alive()))
    hall.open(within=SLOW)
    assert "admin  " not in hall.text(), "the password is shown once"
    assert hall.close() == 0
    until(lambda: not hall.alive(), tell=lambda: str(hall.alive()))


def test_a_first_opening_that_is_refused_has_still_told_the_password(folder: Path, port: int) -> None:
    """The account was made, and nobody could ever sign in."""
    with OwnValkey(folder, "--appendonly", "no") as forgetful:
        hall = Hall(folder / "var", port, env={"ANTREAN_REDIS_URL": forgetful.url})
        try:
            assert hall.start().ends(within=SLOW) != 0
            assert "admin  " in hall.text()
            assert "appendfsync always" in hall.text()
        finally:
            hall.kill()
