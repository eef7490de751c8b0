"""`/admin/health`: what two server processes on one log know of each other, of themselves and of their devices."""

import json
import os
import re
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from socket import SHUT_RDWR
from typing import Any

import httpx
import pytest
from websockets.sync.client import ClientConnection

from server.host.valkey import Valkey
from server.jobs import connect, open_queue
from server.web.signs import KINDS, SILENT_AFTER
from tests.integration.web.house import PATIENT, Api, Server, code, eventually, make_tokens, two_servers, write_site
from tests.integration.web.test_jobs import fail
from tests.integration.web.test_metrics import of, read, told
from tests.integration.web.test_sockets import frame
from tests.processes import free_port
from tests.support.own_valkey import OwnValkey
from workers.jobs import make_clip
from workers.queues import Work

SITE = "sehat"
NAMES = {kind: f"{kind}0123456789abcdef" for kind in ("tv", "tv2", "kiosk", "counter", "speaker")}


@pytest.fixture(scope="module")
def pair(valkey: Valkey, tmp_path_factory: pytest.TempPathFactory, client: httpx.Client) -> Iterator[tuple[Api, Api]]:
    """The same site in two processes."""
    home = tmp_path_factory.mktemp("sehat")
    write_site(home / "sites", SITE)
    with two_servers(home, valkey.url, SITE, client) as both:
        yield both


def health(api: Api, role: str = "admin") -> dict[str, Any]:
    answer = api._client.get(f"{api.server.url}/api/health", headers=api.headers(role))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def here(socket: ClientConnection, name: str) -> ClientConnection:
    socket.send(json.dumps({"type": "here", "device": NAMES[name]}))
    return socket


def device(api: Api, name: str) -> dict[str, Any] | None:
    (site,) = health(api)["sites"]
    return next((one for one in site["devices"] if one["id"].endswith("/" + NAMES[name])), None)


def state(api: Api, name: str) -> str:
    found = device(api, name)
    return str(found["state"]) if found else "unknown"


def is_good(api: Api, name: str) -> bool:
    return state(api, name) == "good"


def process(api: Api, other: Api) -> dict[str, Any]:
    named = f":{other.server.port}"
    return next(one for one in health(api)["processes"] if one["kind"] == "server" and one["name"].endswith(named))


def red(shown: dict[str, Any] | None) -> bool:
    """Which a device or a process must not be before its time."""
    assert shown
    silent = datetime.now(UTC) - datetime.fromisoformat(shown["seen"])
    assert shown["state"] == "good" or silent > timedelta(seconds=SILENT_AFTER), shown
    return bool(shown["state"] == "bad")


def counted_silent(api: Api) -> bool:
    """Whether the figures of a process count as silent what this page shows so, a TV among them."""
    (site,) = health(api)["sites"]
    shown = Counter(one["kind"] for one in site["devices"] if one["state"] == "bad")
    found = read(told(api.server, api.tokens["integration"]))
    counted = {kind: of(found, "antrean_devices_silent", site=SITE, kind=kind) for kind in KINDS}
    return shown["tv"] > 0 and counted == {kind: shown[kind] for kind in KINDS}


def test_each_process_shows_the_devices_of_all_and_a_silent_one_turns_red_and_stays(pair: tuple[Api, Api]) -> None:
    first, second = pair
    assert second.server.hall.process
    pid = second.server.hall.process.pid
    with ExitStack() as sockets:
        opened = sockets.enter_context
        kiosk = here(opened(first.socket("kiosk", "kiosk")), "kiosk")
        here(opened(second.socket("speaker/utama", "kiosk")), "speaker")
        gone = here(opened(second.socket("tv/timur")), "tv")
        left = here(opened(first.socket("counter/loket-1", "operator")), "counter")
        opened(first.socket("tv/utama"))
        opened(first.socket(f"ticket/{first.issue()['id']}"))
        for name in ("tv", "kiosk", "counter", "speaker"):
            eventually(partial(is_good, first, name))
        eventually(lambda: process(first, second)["why"] == "well")
        shown = device(first, "tv")
        assert shown
        assert (shown["kind"], shown["place"], shown["name"], shown["address"]) == ("tv", "timur", "Timur", "127.0.0.1")
        eventually(lambda: health(second)["sites"][0]["phones"] == 1)
        named = [(one["kind"], one["place"], one["number"]) for one in health(second)["sites"][0]["sockets"]]
        assert named == [("tv", "utama", 1)]

        gone.socket.shutdown(SHUT_RDWR)  # as if its plug were pulled
        since = time.monotonic()
        left.close(1001)  # its page is left: nobody misses it
        os.kill(pid, signal.SIGSTOP)
        try:
            while not all([red(device(first, "tv")), red(process(first, second))]):
                assert time.monotonic() - since < SILENT_AFTER + 45
                here(kiosk, "kiosk")
                time.sleep(1)
            assert process(first, second)["why"] == "silent"
            assert (state(first, "kiosk"), state(first, "counter")) == ("good", "unknown")
        finally:
            os.kill(pid, signal.SIGCONT)
        eventually(lambda: process(first, second)["why"] == "well")
        assert state(second, "tv") == "bad"
        for api in pair:
            eventually(partial(counted_silent, api))

    missed = device(first, "tv")
    assert missed
    answer = first._client.post(
        f"{first.server.url}/admin/health/dismiss", headers=first.headers("admin"), data={"device": missed["id"]}
    )
    assert answer.status_code == 303
    assert state(second, "tv") == "unknown"
    with first.socket("tv/timur") as socket:
        here(socket, "tv")
        eventually(lambda: state(second, "tv") == "good")


def test_a_zone_that_nobody_hears_and_jobs_that_fail_are_to_be_looked_after(
    pair: tuple[Api, Api], valkey: Valkey
) -> None:
    first, _ = pair

    def told() -> dict[str, Any] | None:
        found = health(first)
        whole = any(one["failed"] for one in found["jobs"] or ()) and len(found["sites"][0]["unheard"]) == 2
        return found if whole else None

    first.work("loket-3", "open")
    with connect(valkey.url) as rq, first.socket("speaker/utama", "kiosk"):
        fail(rq, Work("voice-bisu", make_clip, ("loket dua.", "id"), "loket dua."))
        try:
            found = eventually(told)
            page = first._client.get(f"{first.server.url}/admin/health", headers=first.headers("admin")).text
        finally:
            open_queue("voice", rq).failed_job_registry.remove("voice-bisu", delete_job=True)
    first.work("loket-3", "close")
    (site,) = found["sites"]
    assert [(one["zone"], one["why"]) for one in site["unheard"]] == [("utama", "muted"), ("timur", "none")]
    wrong = [one for one in (*found["processes"], *site["devices"]) if one["state"] != "good"]
    assert found["trouble"] == len(wrong) + 2 + 1
    summed = page.partition('class="health__wrong"')[2].partition("</ul>")[0]
    assert summed.count(f'href="/admin/sound/{SITE}"') == 2
    assert summed.count('href="/admin/jobs"') == 1
    eventually(lambda: health(first)["sites"][0]["unheard"] == [])


def test_the_supervisor_of_one_process_sees_the_speakers_of_the_other(pair: tuple[Api, Api]) -> None:
    first, second = pair

    def connected(hall: ClientConnection, number: int) -> None:
        while True:
            (zone,) = (zone for zone in frame(hall, "view", 30)["view"]["zones"] if zone["zone"] == "timur")
            if zone["speakers"] == {"connected": number, "ready": number}:
                return

    with second.socket("hall", "supervisor") as hall:
        connected(hall, 0)
        with first.socket("speaker/timur", "kiosk") as speaker:
            speaker.send(json.dumps({"type": "ready"}))
            connected(hall, 1)
        connected(hall, 0)


def test_what_a_screen_says_besides_changes_nothing_and_is_answered_by_nothing(pair: tuple[Api, Api]) -> None:
    first, _ = pair
    with first.socket("tv/utama") as socket:
        for text in ("", "{", "[1]", '{"type": "here"}', '{"type": "here", "device": "zu kurz"}', '{"type": "x"}'):
            socket.send(text)
        here(socket, "tv2")
        eventually(lambda: state(first, "tv2") == "good")
        frames = [json.loads(socket.recv(timeout=10))["type"] for _ in range(2)]
    assert set(frames) <= {"view", "heartbeat"}


def test_only_administrators_see_it(pair: tuple[Api, Api]) -> None:
    first, _ = pair
    url = first.server.url
    for path in ("/admin/health", "/api/health"):
        for role in ("operator", "supervisor", "integration", "kiosk"):
            code(first._client.get(url + path, headers=first.headers(role)), 403)
    assert first._client.get(f"{url}/admin/health").headers["location"] == "/login?next=%2Fadmin%2Fhealth"
    code(first._client.get(f"{url}/api/health"), 401)
    code(first._client.post(f"{url}/admin/health/dismiss", headers=first.headers("supervisor")), 403)
    foreign = {"Origin": "https://elsewhere.example"} | first.headers("admin")
    code(first._client.post(f"{url}/admin/health/dismiss", headers=foreign), 403)
    page = httpx.get(f"{url}/admin/health?lang=en", headers=first.headers("admin"), timeout=20, trust_env=False)
    assert "System health" in page.text
    assert re.search(r"<noscript>.*As of \d\d\.\d\d\. Reload", page.text)


def test_without_the_log_s_redis_a_process_shows_what_it_knows_and_says_so(folder: Path) -> None:
    with OwnValkey(folder) as own, httpx.Client(timeout=20, trust_env=False) as client:
        write_site(folder / "sites", SITE)
        server = Server(folder / "data", free_port(), own.url, folder / "sites", PATIENT)
        api = Api(server, make_tokens(server.database), SITE, client)
        server.start().ready()
        try:
            with api.socket("tv/utama") as socket:
                here(socket, "tv")
                eventually(lambda: state(api, "tv") == "good")
                own.kill()
                here(socket, "tv")
                found = health(api)
                assert found["shared"] is False
                assert {one["kind"]: one["why"] for one in found["processes"]}["log"] == "away"
                assert state(api, "tv") == "good"
                page = client.get(f"{server.url}/admin/health", headers=api.headers("admin"))
                assert "Penyimpanan bersama tidak menjawab" in page.text
                code(
                    client.post(
                        f"{server.url}/admin/health/dismiss", headers=api.headers("admin"), data={"device": "x"}
                    ),
                    503,
                )
        finally:
            server.kill()
