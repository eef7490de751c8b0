"""The log goes away and comes back; the server is stopped; a server that forgets is refused."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import redis
from websockets.sync.client import ClientConnection

from server.history import tables as t
from server.host.valkey import Valkey
from tests.integration.web.house import PASSWORD, Api, Server, code, eventually, make_tokens, write_site
from tests.integration.web.test_sockets import frame, refused, view_at
from tests.processes import free_port

TV = "tv/utama"


class OwnValkey:
    """A Valkey that a test may stop, freeze and start again, on its data."""

    def __init__(self, folder: Path, *more: str) -> None:
        self.socket = folder / "s"
        self.url = f"unix://{self.socket}"
        keeps = ("--appendonly", "yes", "--appendfsync", "always", *more)
        place = ("--port", "0", "--unixsocket", str(self.socket), "--dir", str(folder), "--save", "")
        self.argv = (Valkey(folder).argv[0], *place, *keeps)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(self.argv, stdout=subprocess.DEVNULL)
        eventually(self.answers)

    def answers(self) -> bool:
        with redis.Redis(unix_socket_path=str(self.socket)) as client:
            try:
                return bool(client.ping())
            except (redis.ConnectionError, redis.BusyLoadingError):
                return False

    def signal(self, number: int) -> None:
        assert self.process
        os.kill(self.process.pid, number)

    def stop(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
        self.process = None


class Screen(Api):
    """As every screen it repeats, with the same key, what it got no answer to: a log that stands still for seconds on a
    busy machine is not the one that is away. once: asks but once."""

    @property
    def once(self) -> Api:
        return Api(self.server, self.tokens, self.site, self._client)

    def get(self, *what: Any, **how: Any) -> httpx.Response:
        return answered(lambda: self.once.get(*what, **how))

    def post(
        self, path: str, body: Any = None, role: str = "admin", key: str | None = None, **how: Any
    ) -> httpx.Response:
        key = key or uuid4().hex
        return answered(lambda: self.once.post(path, body, role, key, **how))


def answered(ask: Callable[[], httpx.Response]) -> httpx.Response:
    """The first answer that is none of a log or a database away."""
    found: httpx.Response = eventually(lambda: answer if (answer := ask()).status_code != 503 else None)
    return found


SITES = [f"sendiri-{n}" for n in range(5)]


@pytest.fixture(scope="module")
def log() -> Iterator[OwnValkey]:
    folder = Path(tempfile.mkdtemp(prefix="antrean-"))
    log = OwnValkey(folder)
    log.start()
    yield log
    log.stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def server(log: OwnValkey) -> Iterator[Server]:
    folder = log.socket.parent
    for site in SITES:
        write_site(folder / "sites", site)
    server = Server(folder / "data", free_port(), log.url, folder / "sites").start()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def fresh(server: Server) -> Iterator[tuple[dict[str, str], str]]:
    tokens = make_tokens(server.database)
    return ((tokens, site) for site in SITES)


@pytest.fixture
def own(server: Server, fresh: Iterator[tuple[dict[str, str], str]], client: httpx.Client) -> Screen:
    """A fresh site of a server that has a Valkey of its own, which is there when the test begins."""
    tokens, site = next(fresh)
    if server.ended:
        server.start()
    return Screen(server.ready(), tokens, site, client)


def log_state(socket: ClientConnection, wanted: str) -> None:
    """Waits until a heartbeat says that the log is in this state."""
    eventually(lambda: frame(socket, "heartbeat")["log"] == wanted)


def test_while_the_log_is_away_all_is_503_and_then_all_returns_by_itself(own: Screen, log: OwnValkey) -> None:
    ticket = own.issue()
    base = own.server.url
    with own.socket(TV) as tv:
        frame(tv, "view")
        log.stop()
        log_state(tv, "unavailable")
        asked: list[Callable[[], httpx.Response]] = [
            lambda: own.once.post("/tickets", {"service": "ktp"}, "kiosk", "through"),
            lambda: own.once.post("/counters/loket-1/open"),
            lambda: own.once.get("/events", "integration"),
            lambda: own.once.get("/tickets/unknown"),
            lambda: own._client.get(f"{base}/healthz"),
        ]
        with ThreadPoolExecutor(len(asked)) as pool:
            for answer in pool.map(lambda ask: ask(), asked):
                assert code(answer, 503) == "log-unavailable"
                assert answer.headers["retry-after"]
        assert own.ticket(ticket["id"])["number"] == "A-001"  # what was known is still shown
        for path in ("/", f"/tv/{own.site}/utama", f"/t/{ticket['id']}", f"/api/sites/{own.site}"):
            assert own._client.get(base + path).status_code == 200
        with own.socket(TV) as newcomer:
            assert frame(newcomer, "view")
            assert frame(newcomer, "heartbeat")["log"] == "unavailable"
        log.start()
        log_state(tv, "ok")
        own.server.ready()
        answer = own.post("/tickets", {"service": "ktp"}, "kiosk", "through")
        assert answer.status_code == 201
        assert answer.json()["number"] == "A-002"
        assert view_at(tv, answer.json()["seq"])["waiting"][0]["count"] == 2
    assert [event["seq"] for event in own.events()] == list(range(1, own.last_seq() + 1))


def test_what_a_silent_log_left_unknown_is_done_once_when_repeated(own: Screen, log: OwnValkey) -> None:
    own.work("loket-1", "open")
    own.issue()
    log.signal(signal.SIGSTOP)
    began = time.monotonic()
    try:
        answer = own.once.post("/tickets", {"service": "ktp"}, "kiosk", "frozen")
        assert code(answer, 503) == "log-unavailable"
        assert time.monotonic() - began < 15
        assert code(own.once.post("/counters/loket-1/call-next", key="call"), 503) == "log-unavailable"
    finally:
        log.signal(signal.SIGCONT)
    own.server.ready()
    answers = [own.post("/tickets", {"service": "ktp"}, "kiosk", "frozen") for _ in range(3)]
    assert {answer.content for answer in answers} == {answers[0].content}
    assert answers[0].json()["number"] == "A-002"
    called = [own.post("/counters/loket-1/call-next", key="call").json()["ticket"]["number"] for _ in range(3)]
    assert called == ["A-001"] * 3


def test_a_log_that_lost_everything_lives_another_life_and_screens_see_it(own: Api, log: OwnValkey) -> None:
    own.issue()
    ticket = own.issue()["id"]
    with own.socket(TV) as tv, own.socket(f"ticket/{ticket}") as phone:
        epoch = frame(tv, "view")["epoch"]
        frame(phone, "view")
        with redis.Redis(unix_socket_path=str(log.socket)) as client:
            client.flushall()

        def reborn() -> bool:
            found = frame(tv, "view")
            return bool(found["epoch"] != epoch and found["view"]["waiting"][0]["count"] == 0)

        eventually(reborn)
        assert frame(tv, "heartbeat")["epoch"] == own.get("/events", "admin").json()["epoch"] != epoch
        assert refused(phone) == (4004, "unknown-ticket")
    assert own.issue()["number"] == "A-001"


def test_a_server_that_is_stopped_tells_its_screens_to_come_back(own: Api) -> None:
    with own.socket(TV) as tv, own.socket("counter/loket-1", "admin") as counter:
        frame(tv, "view")
        frame(counter, "view")
        began = time.monotonic()
        os.kill(own.server.hall.pid, signal.SIGTERM)
        assert refused(tv)[0] == 1012
        assert refused(counter)[0] == 1012
    assert own.server.hall.ends() in (0, -signal.SIGTERM)
    assert time.monotonic() - began < 15
    assert "Traceback" not in own.server.hall.text()


def test_a_journal_of_which_the_end_cannot_be_read_is_no_file(own: Api, log: OwnValkey) -> None:
    def journal(path: str) -> httpx.Response:
        return own._client.get(f"{own.server.url}/hall/{own.site}/{path}", headers=own.headers("admin"))

    own.issue()
    told = own.get("/events", "admin").json()
    (day,) = (date.fromisoformat(one["day"]) for one in told["events"] if one["type"] == "day-opened")
    log.stop()
    try:
        with own.with_row(t.cursors, epoch=told["epoch"], seq=told["last_seq"], day=day):
            assert code(journal("log.csv"), 503) == "log-unavailable"
            assert "Kejadian terbaru belum dapat dibaca" in journal("log").text
            assert journal(f"log.csv?day={day - timedelta(days=1)}").status_code == 200
    finally:
        log.start()
    eventually(lambda: journal("log.csv").status_code == 200)


@pytest.mark.parametrize(
    ("table", "path"),
    [
        ("visits", "/admin"),
        ("visits", "/reports/{}"),
        ("visits", "/reports/{}/figures.csv"),
        ("lives", "/hall/{}/log"),
        ("lives", "/hall/{}/log.csv"),
    ],
)
def test_a_page_whose_sql_is_away_says_so(quiet: Api, table: str, path: str) -> None:
    url = quiet.server.url + path.format(quiet.site)
    asked = {"Accept": "text/html"} | quiet.headers("admin")
    with quiet.without_table(table):
        told = quiet._client.get(url, headers=asked)
    assert (told.status_code, told.headers["retry-after"]) == (503, "2")
    assert "Sistem antrean sedang terganggu" in told.text
    assert quiet._client.get(url, headers=asked).status_code == 200


def test_who_signs_in_while_sql_is_away_is_told_so(quiet: Api) -> None:
    form, page = {"password": PASSWORD}, {"Accept": "text/html"}
    with quiet.without_table("accounts"):
        told = quiet._client.post(f"{quiet.server.url}/login", data=form, headers=page)
    assert told.status_code == 503


def test_a_redis_that_may_forget_is_refused_with_a_sentence(folder: Path) -> None:
    write_site(folder / "sites", "sendiri")
    forgetful = OwnValkey(folder, "--appendonly", "no")
    forgetful.start()
    server = Server(folder / "data", free_port(), forgetful.url, folder / "sites")
    make_tokens(server.database)
    try:
        assert server.start().hall.ends() == 2
        told = server.hall.text()
        assert "`appendonly yes`" in told
        assert "CONFIG SET appendonly yes" in told
        assert "Traceback" not in told
        with redis.Redis(unix_socket_path=str(forgetful.socket)) as client:
            assert [key for key in client.scan_iter() if client.ttl(key) == -1] == [], "nothing that is to last"
    finally:
        server.kill()
        forgetful.stop()


def test_a_redis_that_is_not_there_yet_is_waited_for(folder: Path, client: httpx.Client) -> None:
    write_site(folder / "sites", "sendiri")
    log = OwnValkey(folder)
    server = Server(folder / "data", free_port(), log.url, folder / "sites")
    api = Screen(server, make_tokens(server.database), "sendiri", client)
    try:
        server.start()
        eventually(lambda: server.healthz() == 503, 30)
        assert api.get().json()["agencies"][0]["waiting"] == 0
        assert code(api.once.post("/notices", {"text": "Loket tutup."}, "supervisor"), 503) == "log-unavailable"
        with api.socket(TV) as tv:
            assert json.loads(tv.recv(timeout=20))["log"] == "unavailable"
            log.start()
            assert frame(tv, "view", 20)["seq"] > 0
        assert api.issue()["number"] == "A-001"
    finally:
        server.kill()
        log.stop()
