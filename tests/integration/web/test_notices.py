"""Spoken notices by hand: who may, what is said, shown and answered, and what is kept where."""

import json
from typing import Any

import pytest
from websockets.sync.client import ClientConnection

from tests.integration.web.house import Api, code, eventually, is_recent, is_time
from tests.integration.web.test_sockets import frame

TEXT = 'Pemilik mobil merah KT 1234 "AB" <b>mohon</b> ke pintu utama.'


def notice_on(socket: ClientConnection, done: Any = lambda shown: True) -> dict[str, Any]:
    """The newest notice of a TV's view, once there is one with which that is so."""
    while True:
        shown = frame(socket, "view", 20)["view"]["notices"]
        if shown and done(shown[0]):
            found: dict[str, Any] = shown[0]
            return found


def test_a_notice_is_shown_in_every_zone_said_where_there_is_a_speaker_and_its_outcome_told(api: Api) -> None:
    with api.socket("speaker/utama", "kiosk") as speaker, api.socket("tv/utama") as tv, api.socket("tv/timur") as other:
        speaker.send(json.dumps({"type": "ready"}))
        answer = api.post("/notices", {"text": f"  {TEXT}\n", "repeat": True}, "supervisor")
        assert answer.status_code == 201
        told = answer.json()
        assert told == {
            "id": told["id"],
            "seq": told["seq"],
            "zones": ["utama", "timur"],
            "text": TEXT,
            "language": "id",
            "repeat": True,
        }
        for screen in (tv, other):
            shown = notice_on(screen)
            assert is_time(shown.pop("at"))
            assert shown == {"seq": told["seq"], "text": TEXT, "language": "id", "ended_at": None, "outcome": None}
        speak = frame(speaker, "speak", 20)
        assert (speak["announcement"], speak["text"]) == (told["seq"], TEXT)
        speaker.send(json.dumps({"type": "spoken", "announcement": told["seq"]}))
        spoken = notice_on(tv, lambda shown: shown["ended_at"])
        assert spoken["outcome"] == "spoken"
        assert is_recent(spoken["ended_at"])
    with api.socket("tv/timur") as other:
        assert notice_on(other)["outcome"] is None
    (listed,) = api.get("/notices", "supervisor").json()["notices"]
    assert is_recent(listed.pop("at"))
    zones = listed.pop("zones")
    assert listed == {key: value for key, value in told.items() if key != "zones"}
    assert [(zone["zone"], zone["outcome"], zone["ended_at"] is not None) for zone in zones] == [
        ("utama", "spoken", True),
        ("timur", None, False),
    ]


def test_a_notice_for_one_zone_is_for_that_zone_and_waits_behind_the_calls_before_it(api: Api) -> None:
    called = api.serve()
    told = api.post("/notices", {"text": "Counter one closes soon.", "zone": "utama", "language": "en"}).json()
    assert told["zones"] == ["utama"]
    with api.socket("speaker/utama", "operator") as speaker, api.socket("tv/timur") as other:
        speaker.send(json.dumps({"type": "ready"}))
        for seq in (called["seq"], told["seq"]):
            assert frame(speaker, "speak", 20)["announcement"] == seq
            speaker.send(json.dumps({"type": "spoken", "announcement": seq}))
        assert frame(other, "view", 20)["view"]["notices"] == []
    eventually(lambda: api.get("/notices", "admin").json()["notices"][0]["zones"][0]["outcome"] == "spoken")


def test_its_text_is_nowhere_in_the_log(api: Api) -> None:
    told = api.post("/notices", {"text": TEXT}).json()
    assert "merah" not in json.dumps(api.events())
    (event,) = [event for event in api.events() if event["type"] == "notice-announced"]
    assert (event["seq"], event["notice"], event["zones"]) == (told["seq"], told["id"], told["zones"])


@pytest.mark.parametrize("role", ["kiosk", "operator", "operator-umum", "integration", "supervisor-lain"])
def test_only_supervisors_of_the_site_may(quiet: Api, role: str) -> None:
    with quiet.changes_nothing():
        assert code(quiet.post("/notices", {"text": "Halo"}, role), 403) == "forbidden"
        assert code(quiet.get("/notices", role), 403) == "forbidden"
        assert code(quiet.post("/notices", {"text": "Halo"}, ""), 401) == "unauthenticated"
        assert code(quiet.get("/notices"), 401) == "unauthenticated"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "text"),
        ({"text": ""}, "text"),
        ({"text": "x" * 301}, "text"),
        ({"text": " ... 🙂 "}, "text"),
        ({"text": "\x00\x1b"}, "text"),
        ({"text": 7}, "text"),
        ({"text": "Halo", "language": "jv"}, "language"),
        ({"text": "Halo", "repeat": "yes"}, "repeat"),
        ({"text": "Halo", "zone": ""}, "zone"),
        ({"text": "Halo", "zones": ["utama"]}, "zones"),
    ],
    ids=lambda value: f"{value!r:.40}",
)
def test_what_is_wrong_is_named_and_nothing_is_done(other: Api, body: dict[str, Any], field: str) -> None:
    with other.changes_nothing():
        answer = other.post("/notices", body)
        assert code(answer, 422) == "invalid"
        assert field in {wrong["field"] for wrong in answer.json()["errors"]}


@pytest.mark.parametrize("content", [b'{"text":"\\ud800 halo"}', b'{"text":"\xff halo"}'])
def test_what_is_no_unicode_is_refused(other: Api, content: bytes) -> None:
    assert code(other.send("/notices", content), 422) == "invalid"


def test_signs_that_are_not_seen_are_left_out_and_lines_are_joined(api: Api) -> None:
    told = api.post("/notices", {"text": "\ufeffSelamat\u200b datang,\n\tBapak\u00a0Ibu\x00\x1b!"}).json()
    assert told["text"] == "Selamat datang, Bapak Ibu !"


def test_an_unknown_zone_is_refused(other: Api) -> None:
    with other.changes_nothing():
        assert code(other.post("/notices", {"text": "Halo", "zone": "barat"}), 404) == "unknown-zone"


def test_a_repeat_with_its_key_is_announced_once_and_answered_alike(api: Api) -> None:
    first = api.post("/notices", {"text": TEXT, "zone": "timur"}, key="satu")
    again = api.post("/notices", {"text": TEXT, "zone": "timur"}, key="satu")
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    for body in ({"text": TEXT}, {"text": "Lain", "zone": "timur"}):
        assert code(api.post("/notices", body, key="satu"), 422) == "key-reused"
    assert [event["type"] for event in api.events()].count("notice-announced") == 1
    (listed,) = api.get("/notices", "admin").json()["notices"]
    assert listed["text"] == TEXT


def test_more_than_ten_do_not_wait_in_a_zone(api: Api) -> None:
    for n in range(10):
        assert api.post("/notices", {"text": TEXT, "zone": "timur"}, key=f"k{n}").status_code == 201
    with api.changes_nothing():
        for zone in ({"zone": "timur"}, {}):
            refused = api.post("/notices", {"text": TEXT} | zone)
            assert code(refused, 429) == "too-many"
            assert "timur" in refused.json()["detail"]
            assert int(refused.headers["Retry-After"]) > 0
        assert api.post("/notices", {"text": TEXT, "zone": "timur"}, key="k9").status_code == 201, "a repeat"
    assert api.post("/notices", {"text": TEXT, "zone": "utama"}).status_code == 201


def test_the_same_words_without_a_key_are_two_notices(api: Api) -> None:
    seqs = [api.post("/notices", {"text": TEXT}).json()["seq"] for _ in range(2)]
    assert [one["seq"] for one in api.get("/notices", "admin").json()["notices"]] == seqs[::-1]


def test_while_the_database_is_away_nothing_is_announced_and_that_is_said(api: Api) -> None:
    with api.changes_nothing(), api.without_table("notices"):
        answer = api.post("/notices", {"text": TEXT}, key="satu")
        assert code(answer, 503) == "log-unavailable"
        assert "nothing was said" in answer.json()["detail"]
    assert api.post("/notices", {"text": TEXT}, key="satu").status_code == 201
