"""A whole hall backed up while visitors come and counters call, lost, and given back by the commands as they are typed."""

import threading
import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from secrets import token_hex

import httpx
import pytest
from click.testing import CliRunner

from antrean import main
from tests.processes import CHECKOUT, Hall, free_port, until
from tests.support.site_files import in_mid_day

SITE = "kecamatan-muara-kaman"
PASSWORD = "sandi-untuk-cadangan"
SLOW = 120.0
ENV = {
    "ANTREAN_VOICES": "espeak",
    "ANTREAN_ALWAYS_OPEN": "1",
    "ANTREAN_ADMIN_PASSWORD": PASSWORD,
}


def typed(hall: Hall, *command: str) -> tuple[int, str]:
    """The exit code and all that was printed."""
    ran = CliRunner().invoke(main, command, env=hall.env)
    return ran.exit_code, ran.output


class Busy:
    """Somebody who takes numbers and calls them, as fast as the hall answers."""

    def __init__(self, hall: Hall, token: str) -> None:
        self.numbers: list[str] = []
        self._api = httpx.Client(
            base_url=f"{hall.url}/api/sites/{SITE}", headers={"Authorization": f"Bearer {token}"}, timeout=20
        )
        self._agency = self._api.get(f"{hall.url}/api/sites/{SITE}").json()["agencies"][0]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work)

    def __enter__(self) -> "Busy":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._api.close()

    def take(self) -> dict[str, str]:
        ticket: dict[str, str] = self._post("/tickets", {"service": self._agency["services"][0]["id"]}).json()
        self.numbers.append(ticket["number"])
        return ticket

    def _work(self) -> None:
        verbs = cycle(("call-next", "start", "finish"))
        counter = f"/counters/{self._agency['counters'][0]['id']}"
        self._post(f"{counter}/open")
        while not self._stop.is_set():
            self.take()
            self._post(f"{counter}/{next(verbs)}")

    def _post(self, path: str, body: dict[str, str] | None = None) -> httpx.Response:
        """As screens do: again with the same key when the log did not answer in time, as on a disk that stalls."""
        key = {"Idempotency-Key": token_hex(8)}
        limit = time.monotonic() + SLOW
        while (answer := self._api.post(path, json=body, headers=key)).status_code == 503 and time.monotonic() < limit:
            time.sleep(0.1)
        return answer.raise_for_status()


@pytest.fixture
def two(folder: Path) -> Iterator[tuple[Hall, Hall]]:
    """A hall, and the place for what is given back."""
    site = folder / "site.toml"
    site.write_text(in_mid_day((CHECKOUT / "config" / "sites" / f"{SITE}.toml").read_text("utf-8")), "utf-8")
    env = ENV | {"ANTREAN_SITES": str(site)}
    halls = Hall(folder / "var", free_port(), env=env), Hall(folder / "other", free_port(), env=env)
    yield halls
    for hall in halls:
        hall.kill()


def test_a_busy_hall_is_backed_up_lost_and_given_back(two: tuple[Hall, Hall], folder: Path) -> None:
    lost, hall = two
    file = str(folder / "hall.backup")
    lost.open(within=SLOW)
    token = typed(lost, "token", "create", "--role", "admin")[1].split()[-1]
    with Busy(lost, token) as busy:
        until(lambda: len(busy.numbers) > 20, within=SLOW)
        for _ in range(10):  # a server that stood still is asked again
            Path(file).unlink(missing_ok=True)
            begun = len(busy.numbers)
            assert typed(lost, "backup", file)[0] == 0
            ended = len(busy.numbers)
            if ended > begun:
                break
        assert ended > begun, "nobody came meanwhile"
        refused = typed(lost, "backup", file)
        assert (refused[0], refused[1].count("\n")) == (1, 1)
        assert "is there already" in refused[1]
        code, told = typed(lost, "verify")
        assert (code, "sound: " in told) == (0, True), told
    assert typed(hall, "verify")[0] == 1, "there is no hall yet"
    code, told = typed(hall, "verify", file)
    assert (code, "sound: " in told) == (0, True), told
    refused = typed(lost, "restore", file)
    assert (refused[0], "is in use by another antrean" in refused[1]) == (1, True)
    lost.kill()
    refused = typed(lost, "restore", file)
    assert (refused[0], "Here is a hall already" in refused[1]) == (1, True), refused
    code, told = typed(hall, "restore", file)
    assert code == 0, told
    code, told = typed(hall, "verify")
    assert (code, "sound: " in told) == (0, True), told
    hall.open(within=SLOW)
    with Busy(hall, token) as busy:
        until(lambda: busy.numbers, within=SLOW)
        first = int(busy.numbers[0].partition("-")[2])
        assert begun < first <= ended + 2
    answer = httpx.post(f"{hall.url}/login", data={"username": "admin", "password": PASSWORD})
    assert answer.status_code == 303
    assert hall.close() == 0
