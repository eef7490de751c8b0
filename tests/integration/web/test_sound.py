"""A hall's sound: what it would say, its voices, its loudspeakers; for its supervisors, and without a trace."""

import json
from typing import Any

import pytest

from tests.integration.web.house import Api, code, eventually, is_time
from tests.integration.web.test_sockets import frame

CALL = {"number": "A-012", "counter": "loket-2", "agency": "pajak"}


def test_a_call_is_made_as_the_hall_would_say_it_and_nothing_happens_there(other: Api) -> None:
    with other.changes_nothing():
        answer = other.post("/hearing", CALL, "supervisor")
    assert answer.status_code == 200
    made = answer.json()
    assert (made["text"], made["voice"]) == ("Nomor antrean A-012, silakan menuju Loket 2, Pajak.", "espeak")
    chime, words = (other._client.get(other.server.url + clip) for clip in made["clips"])
    assert {chime.headers["content-type"], words.headers["content-type"]} == {"audio/wav"}
    assert made["seconds"] > 3
    longer = other.post("/hearing", CALL | {"repeat": True, "english": True}, "supervisor").json()
    assert longer["seconds"] > 1.8 * made["seconds"]
    assert "please proceed to counter two" in longer["text"]


def test_the_very_utterance_is_what_the_hall_says_next(api: Api) -> None:
    made = api.post("/hearing", {"text": "Loket dua tutup.", "repeat": True}).json()
    with api.socket("speaker/utama", "kiosk") as speaker:
        speaker.send(json.dumps({"type": "ready"}))
        api.post("/notices", {"text": "Loket dua tutup.", "repeat": True, "zone": "utama"})
        said = frame(speaker, "speak", 20)
    assert {name: said[name] for name in ("text", "clips", "seconds")} == {
        name: made[name] for name in ("text", "clips", "seconds")
    }


def test_a_pronunciation_is_heard_before_it_is_saved(other: Api) -> None:
    plain = other.post("/hearing", {"text": "IKD"}).json()
    tried = other.post("/hearing", {"text": "IKD", "written": "IKD", "spoken": "i ka de digital"}).json()
    assert (tried["text"], plain["text"]) == ("IKD", "IKD")
    assert tried["clips"][1] != plain["clips"][1]
    assert other.get("/pronunciations", "supervisor").json()["pronunciations"] == []


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ({}, 422, "invalid"),
        ({"number": "A-012"}, 422, "invalid"),
        (CALL | {"text": "Halo"}, 422, "invalid"),
        (CALL | {"number": "012"}, 422, "invalid"),
        (CALL | {"agency": "libur"}, 422, "invalid"),
        (CALL | {"counter": "loket-9"}, 404, "unknown-counter"),
        ({"text": "..."}, 422, "invalid"),
        ({"text": "Halo", "written": "Halo"}, 422, "invalid"),
        ({"text": "Halo", "volume": 11}, 422, "invalid"),
    ],
    ids=lambda value: f"{value!r:.50}",
)
def test_what_cannot_be_said_is_refused(other: Api, body: dict[str, Any], status: int, told: str) -> None:
    assert code(other.post("/hearing", body), status) == told


@pytest.mark.parametrize("role", ["kiosk", "operator", "integration", "supervisor-lain"])
def test_only_supervisors_of_the_site_may(quiet: Api, role: str) -> None:
    assert code(quiet.post("/hearing", {"text": "Halo"}, role), 403) == "forbidden"
    assert code(quiet.get("/sound", role), 403) == "forbidden"
    assert code(quiet.get("/sound"), 401) == "unauthenticated"
    page = quiet._client.get(f"{quiet.server.url}/admin/sound/{quiet.site}", headers=quiet.headers(role))
    assert page.status_code == 403


def test_without_a_site_the_page_is_that_of_the_first_one_supervises(quiet: Api) -> None:
    answer = quiet._client.get(f"{quiet.server.url}/admin/sound", headers=quiet.headers("supervisor-lain"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/admin/sound/lain")
    page = quiet._client.get(f"{quiet.server.url}/admin/sound/{quiet.site}", headers=quiet.headers("supervisor"))
    assert page.status_code == 200


def test_speakers_are_in_view_as_they_come_are_muted_and_go(api: Api) -> None:
    def speakers() -> list[dict[str, Any]]:
        zones = api.get("/sound", "supervisor").json()["zones"]
        assert [zone["id"] for zone in zones] == ["utama", "timur"]
        assert zones[1]["speakers"] == []
        found: list[dict[str, Any]] = zones[0]["speakers"]
        return found

    assert speakers() == []
    with api.socket("speaker/utama", "kiosk") as speaker:
        (one,) = eventually(speakers)
        assert (one["ready"], one["holder"], one["saying"]) == (False, False, None)
        assert is_time(one["since"])
        speaker.send(json.dumps({"type": "ready"}))
        eventually(lambda: speakers()[0]["ready"] and speakers()[0]["holder"])
    eventually(lambda: speakers() == [])


def test_the_clips_of_what_was_heard_are_counted(api: Api) -> None:
    def voices() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = api.get("/sound", "supervisor").json()["voices"]
        return found

    (voice,) = voices()
    assert (voice["name"], voice["on_the_spot"], voice["trouble"]) == ("espeak", True, None)
    api.post("/hearing", CALL | {"number": "A-734"})
    eventually(lambda: voices()[0]["clips"] > voice["clips"])
    assert voice["sayable"] > 999
