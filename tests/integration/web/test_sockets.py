"""The websockets: views at once and on change, heartbeats, who is let in, with which close code who is not."""

import json
import time
from contextlib import ExitStack, suppress
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection

from server.history.accounts import create_token, forget_tokens
from server.history.engine import connect
from server.web.run import LARGEST_MESSAGE
from tests.integration.web.house import LABEL, NOTICE, PASSWORD, ZONE, Api, is_recent, is_time

TV = "tv/utama"


def frame(socket: ClientConnection, kind: str, within: float = 10) -> dict[str, Any]:
    """The next frame of this kind."""
    limit = time.monotonic() + within
    while True:
        text = socket.recv(timeout=max(0.0, limit - time.monotonic()))
        assert isinstance(text, str)
        found: dict[str, Any] = json.loads(text)
        if found["type"] == kind:
            return found


def view_at(socket: ClientConnection, seq: int) -> dict[str, Any]:
    """The first view that knows what happened up to `seq`."""
    while True:
        found = frame(socket, "view")
        if found["seq"] >= seq:
            view: dict[str, Any] = found["view"]
            return view


def refused(socket: ClientConnection) -> tuple[int, str]:
    """The code and reason with which an accepted connection is closed, heartbeats or not."""
    limit = time.monotonic() + 30
    with suppress(ConnectionClosed):
        while True:
            socket.recv(timeout=max(0.0, limit - time.monotonic()))
    assert socket.close_code is not None
    return socket.close_code, socket.close_reason or ""


def test_a_tv_gets_its_whole_view_at_once_and_whenever_it_changes(api: Api) -> None:
    with api.socket(TV) as tv:
        first = frame(tv, "view")
        view = first["view"]
        assert (view["zone"], view["zone_name"], view["notice"]) == ("utama", ZONE, NOTICE)
        assert is_time(view["now"])
        assert is_recent(view["now"])
        assert view["calls"] == []
        assert [c["status"] for c in view["counters"]] == ["closed", "closed"]
        assert [w["count"] for w in view["waiting"]] == [0, 0, 0]
        called = api.serve()
        view = view_at(tv, called["seq"])
        (call,) = view["calls"]
        assert (call["number"], call["counter"], call["agency"]) == ("A-001", "loket-1", "umum")
        assert (call["label"], call["recall"]) == (LABEL, 0)
        assert is_time(call["at"])
        assert (view["counters"][0]["status"], view["counters"][0]["number"]) == ("open", "A-001")
        again = api.work("loket-1", "recall")
        calls = view_at(tv, again["seq"])["calls"]
        assert [(c["number"], c["recall"]) for c in calls] == [("A-001", 1), ("A-001", 0)]
        assert calls[0]["seq"] > calls[1]["seq"]
    assert frame_epochs(api) == {first["epoch"]}


def frame_epochs(api: Api) -> set[str]:
    """The epochs that a new connection's frames and the events name."""
    with api.socket(TV) as tv:
        return {
            frame(tv, "view")["epoch"],
            frame(tv, "heartbeat")["epoch"],
            api.get("/events", "admin").json()["epoch"],
        }


def test_a_tv_sees_its_own_zone_only_and_the_last_twenty_calls(api: Api) -> None:
    for _ in range(22):
        api.issue("pkb")
    api.work("loket-3", "open")
    last = [api.work("loket-3", "call-next") for _ in range(22)][-1]
    with api.socket("tv/timur") as here, api.socket(TV) as there:
        calls = view_at(here, last["seq"])["calls"]
        assert len(calls) >= 20
        assert calls[0]["number"] == "PB-022"
        assert frame(there, "view")["view"]["calls"] == []


def test_a_heartbeat_comes_every_five_seconds_even_while_views_come(api: Api) -> None:
    with api.socket(TV) as tv:
        seq = frame(tv, "view")["seq"]
        limit, since = time.monotonic() + 60, 0.0
        while True:  # a machine that stands still for a moment is late once, not each time
            assert time.monotonic() < limit, "no beats among the views"
            if since:  # from the first beat on, views come without a pause
                api.issue()
            found = json.loads(tv.recv(timeout=20))
            if found["type"] != "heartbeat":
                seq = found["seq"]
                continue
            assert (found["seq"], found["log"]) == (seq, "ok")
            if time.monotonic() - since <= 5:
                break
            since = time.monotonic()


def test_seqs_only_grow_and_a_newcomer_takes_no_change_from_the_others(api: Api) -> None:
    with api.socket(TV) as first:
        last = 0
        for _ in range(20):
            seq = api.issue()["seq"]
            with api.socket(TV) as newcomer:
                assert frame(newcomer, "view")["seq"] >= last
            while last < seq:
                found = frame(first, "view")
                assert found["seq"] >= last
                last = found["seq"]


def test_a_counter_sees_its_ticket_those_who_wait_and_those_put_aside(api: Api) -> None:
    with api.socket("counter/loket-1", "operator-umum") as socket:
        assert frame(socket, "view")["view"]["status"] == "closed"
        aside, ticket = api.serve(), api.issue("kk")
        api.issue("pkb")
        done = api.work("loket-1", "park")
        view = view_at(socket, done["seq"])
        assert (view["status"], view["ticket"]) == ("open", None)
        assert [(t["id"], t["status"]) for t in view["parked"]] == [(aside["id"], "parked")]
        assert [t["id"] for t in view["waiting"]] == [ticket["id"]]
        called = api.work("loket-1", "call-next")
        assert view_at(socket, called["seq"])["ticket"]["id"] == ticket["id"]


def test_a_supervisor_sees_the_hall_and_its_speakers_come_and_go(api: Api) -> None:
    with api.socket("hall", "supervisor") as socket:
        view = frame(socket, "view")["view"]
        assert {zone["zone"]: zone["speakers"] for zone in view["zones"]}["utama"] == {"connected": 0, "ready": 0}
        with api.socket("speaker/utama", "kiosk") as speaker:
            speakers_become(socket, connected=1, ready=0)
            speaker.send(json.dumps({"type": "ready"}))
            speakers_become(socket, connected=1, ready=1)
        speakers_become(socket, connected=0, ready=0)
        done = api.work("loket-1", "open")
        counters = {one["counter"]: one["status"] for one in view_at(socket, done["seq"])["counters"]}
        assert counters["loket-1"] == "open"


def speakers_become(socket: ClientConnection, **wanted: int) -> None:
    """In a view to come, of the zone "utama"; once a minute one comes that tells nothing new."""
    while wanted not in (
        zone["speakers"] for zone in frame(socket, "view")["view"]["zones"] if zone["zone"] == "utama"
    ):
        continue


def test_a_ticket_is_followed_by_whoever_holds_its_id(api: Api) -> None:
    ticket = api.issue()
    with api.socket(f"ticket/{ticket['id']}") as socket:
        view = frame(socket, "view")["view"]
        assert (view["number"], view["status"], view["ahead"]) == ("A-001", "waiting", 0)
        assert is_time(view["now"])
        api.work("loket-1", "open")
        called = api.work("loket-1", "call-next")
        view = view_at(socket, called["seq"])
        assert (view["status"], view["counter"], view["zone_name"]) == ("called", "loket-1", ZONE)


@pytest.mark.parametrize(
    ("path", "role", "closed"),
    [
        ("tv/tidak", "", (4004, "unknown-zone")),
        ("ticket/tidak", "", (4004, "unknown-ticket")),
        ("ticket/%00", "", (4004, "unknown-ticket")),
        ("counter/tidak", "admin", (4004, "unknown-counter")),
        ("speaker/tidak", "admin", (4004, "unknown-zone")),
        ("counter/loket-1", "", (4001, "unauthenticated")),
        ("speaker/utama", "", (4001, "unauthenticated")),
        ("hall", "", (4001, "unauthenticated")),
        ("hall", "operator-umum", (4003, "forbidden")),
        ("hall", "supervisor-lain", (4003, "forbidden")),
        ("hall", "integration", (4003, "forbidden")),
        ("counter/loket-1", "kiosk", (4003, "forbidden")),
        ("counter/loket-1", "integration", (4003, "forbidden")),
        ("counter/loket-1", "operator-pajak", (4003, "forbidden")),
        ("counter/loket-1", "operator-lain", (4003, "forbidden")),
        ("speaker/utama", "supervisor-lain", (4003, "forbidden")),
        ("speaker/utama", "integration", (4003, "forbidden")),
    ],
)
def test_who_may_not_look_is_told_why_after_the_connection_was_accepted(
    quiet: Api, path: str, role: str, closed: tuple[int, str]
) -> None:
    with quiet.socket(path, role) as socket:
        assert refused(socket) == closed


def test_an_unknown_site_is_told_and_an_unknown_address_is_not_accepted(quiet: Api) -> None:
    nowhere = Api(quiet.server, quiet.tokens, "tidak", quiet._client)
    with nowhere.socket(TV) as socket:
        assert refused(socket) == (4004, "unknown-site")
    with pytest.raises(InvalidStatus) as refusal:
        quiet.socket("elsewhere/utama")
    assert refusal.value.response.status_code in (403, 404)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://[", "http://127.0.0.1", "ws://x"])
@pytest.mark.parametrize("path", [TV, "counter/loket-1", "speaker/utama"])
def test_a_page_of_another_site_may_not_connect(quiet: Api, origin: str, path: str) -> None:
    with quiet.socket(path, "admin", origin) as socket:
        assert refused(socket) == (4003, "forbidden")


def test_a_page_of_ours_or_of_a_listed_site_may_connect(quiet: Api) -> None:
    for origin in (quiet.server.url, "https://tv.example.go.id", None):
        with quiet.socket(TV, "", origin) as socket:
            assert frame(socket, "view")


def test_a_browser_that_has_signed_in_needs_no_token(quiet: Api) -> None:
    form = {"username": "admin", "password": PASSWORD, "next": "/"}
    answer = quiet._client.post(f"{quiet.server.url}/login", data=form)
    cookie = answer.headers["set-cookie"].partition(";")[0]
    quiet._client.cookies.clear()
    with quiet.socket("counter/loket-1", headers={"Cookie": cookie}, origin=quiet.server.url) as socket:
        assert frame(socket, "view")["view"]["counter"] == "loket-1"
    with quiet.socket("counter/loket-1", headers={"Cookie": cookie[:-3] + "AAA"}) as socket:
        assert refused(socket)[0] == 4001


def test_who_is_known_no_more_sees_and_says_no_more(quiet: Api) -> None:
    engine = connect(quiet.server.database)
    tokens = quiet.tokens | {"taken": create_token(engine, "supervisor", label="taken")}
    one = Api(quiet.server, tokens, quiet.site, quiet._client)
    with ExitStack() as opened:
        paths = ("counter/loket-1", "hall", "kiosk", "speaker/utama")
        sockets = [opened.enter_context(one.socket(path, "taken")) for path in paths]
        tv = opened.enter_context(quiet.socket(TV))
        frame(sockets[0], "view")
        forget_tokens(engine, "taken")
        assert [refused(socket) for socket in sockets] == [(4001, "unauthenticated")] * 4
        assert frame(tv, "heartbeat")
    engine.dispose()


@pytest.mark.parametrize("garbage", ["", "{", "[]", "\x00", "x" * 10_000, b"", b"\xff\xfe", '{"type":"view"}'])
def test_what_a_reader_says_is_ignored(quiet: Api, garbage: str | bytes) -> None:
    with quiet.socket(TV) as socket:
        for _ in range(50):
            socket.send(garbage)
        assert frame(socket, "view")
        ticket = quiet.issue()
        assert view_at(socket, ticket["seq"])


def test_a_message_that_is_too_large_ends_the_connection(quiet: Api) -> None:
    """One that goes out in one piece: who is still sending when the connection ends does not hear why."""
    with quiet.socket(TV) as socket:
        socket.send("x" * (LARGEST_MESSAGE + 1))
        for _ in range(20):  # what is to be sent while it closes is dropped in silence
            quiet.issue()
        assert refused(socket)[0] == 1009


def test_text_that_is_no_unicode_ends_the_connection(quiet: Api) -> None:
    with quiet.socket(TV) as socket:
        socket.send(b"\xff\xfe\xed\xa0\x80", text=True)
        assert refused(socket)[0] == 1007
