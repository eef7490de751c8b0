"""The simulated people at a real server, seen from outside."""

import asyncio
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from websockets.asyncio.client import connect

from server.history.accounts import create_token
from server.history.engine import connect as connect_history
from server.history.migrate import migrate
from tests.processes import CHECKOUT, Hall, until

SITE = "mpp-kukar"
WANTED = ("called", "recalled", "started", "no-show", "transferred", "parked", "resumed", "cancelled")
START = (sys.executable, str(CHECKOUT / "antrean.py"))
LONG = 180.0  # seconds on a busy machine; on an idle one the test takes about 15


class Outside:
    """What an onlooker with a token can see."""

    def __init__(self, url: str, token: str) -> None:
        self._events = f"{url}/api/sites/{SITE}/events"
        self._headers = {"Authorization": f"Bearer {token}"}
        self.seen: list[dict[str, Any]] = []

    def look(self) -> Counter[str]:
        """How many events of each type there were so far."""
        try:
            while True:
                after = self.seen[-1]["seq"] if self.seen else 0
                query = {"after": after, "limit": 1000}
                reply = requests.get(self._events, params=query, headers=self._headers, timeout=5)
                found = reply.json()["events"] if reply.ok else []
                self.seen += found
                if len(found) < 1000:
                    break
        except requests.RequestException:  # while the server is away
            pass
        return Counter(event["type"] for event in self.seen)


@pytest.fixture
def speed() -> str:
    return "600"


@pytest.fixture
def tokens(folder: Path) -> tuple[str, str]:
    """An operator's token for the simulated people, a supervisor's for the onlooker."""
    (folder / "var").mkdir()
    url = f"sqlite:///{folder}/var/history.sqlite3"
    migrate(url)
    engine = connect_history(url)
    made = create_token(engine, "operator"), create_token(engine, "supervisor")
    engine.dispose()
    return made


@pytest.fixture
def run(folder: Path, port: int, redis_url: str, speed: str, tokens: tuple[str, str]) -> Iterator[Callable[..., Hall]]:
    """Starts one command of antrean.py."""
    made: list[Hall] = []

    def run(*argv: str, **env: str) -> Hall:
        settings = {"REDIS_URL": redis_url, "DATA": str(folder / "var"), "ALWAYS_OPEN": "1", "SPEED": speed}
        settings |= {"VOICES": "espeak"}
        ours = {f"ANTREAN_{name}": value for name, value in settings.items()} | env
        hall = Hall(folder / f"{argv[0]}-{len(made)}", port, program=(*START, *argv), env=ours)
        made.append(hall.start())
        return hall

    yield run
    for hall in made:
        hall.kill()


async def first_view(url: str, zone: str) -> Any:
    async with connect(f"ws{url.removeprefix('http')}/ws/sites/{SITE}/tv/{zone}", proxy=None) as tv:
        while (frame := json.loads(await tv.recv()))["type"] != "view":
            continue
    return frame["view"]


def test_a_day_lives_and_goes_on_after_the_server_was_killed(run: Callable[..., Hall], tokens: tuple[str, str]) -> None:
    server = run("serve")
    visitors = run("visitors", DEMO_TOKEN=tokens[0])
    outside = Outside(server.url, tokens[1])

    def lives() -> bool:
        seen = outside.look()
        issued = [event for event in outside.seen if event["type"] == "ticket-issued"]
        return (
            seen["ticket-served"] >= 30
            and seen["counter-opened"] >= 30
            and all(seen[f"ticket-{kind}"] for kind in WANTED)
            and any(event["priority"] for event in issued)
            and len({event["agency"] for event in issued}) > 10
        )

    def is_shown() -> bool:
        view = asyncio.run(first_view(server.url, "utama"))
        return len(view["calls"]) >= 20 and any(counter["number"] for counter in view["counters"])

    until(lives, within=LONG, tell=lambda: f"{outside.look()} {visitors.text()} {server.text()}")
    until(is_shown, within=LONG, tell=lambda: f"{outside.look()} {visitors.text()} {server.text()}")

    os.kill(server.pid, signal.SIGKILL)
    server.ends()
    before = outside.look()["ticket-called"]
    run("serve")
    until(lambda: outside.look()["ticket-called"] > before + 5, within=LONG, tell=visitors.text)

    os.kill(visitors.pid, signal.SIGTERM)
    assert visitors.ends() == 0
    assert "visitors" in visitors.text()
    assert "Traceback" not in visitors.text()


def test_without_an_accepted_token_it_says_so_and_ends(run: Callable[..., Hall]) -> None:
    missing = run("visitors")
    assert missing.ends() == 1
    assert "DEMO_TOKEN is not set" in missing.text()
    server = run("serve")
    stranger = run("visitors", DEMO_TOKEN="wrong")
    assert stranger.ends() == 1, server.text()
    assert "does not accept the simulated people" in stranger.text()
    assert "Traceback" not in stranger.text()
