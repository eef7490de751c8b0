"""The pronunciation table over HTTP: who may, which entry counts, repeats, and that every process says it so."""

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from audio.clips import ClipStore
from audio.phrases import Phrase
from audio.voices import make_voices
from config.settings import Settings
from server.host.valkey import Valkey
from server.web.pronunciations import FRESH
from tests.integration.web.house import Api, code, eventually, two_servers, write_site
from tests.integration.web.test_sockets import frame
from tests.integration.web.test_speaker import ZONE, tell

TABLE = "/pronunciations"


@pytest.fixture(scope="module")
def pair(valkey: Valkey, tmp_path_factory: pytest.TempPathFactory, client: httpx.Client) -> Iterator[tuple[Api, Api]]:
    """The same site, whose file says how IKD is said, through two server processes."""
    home = tmp_path_factory.mktemp("spoken")
    write_site(home / "sites", "ucapan")
    with (home / "sites" / "ucapan.toml").open("a") as file:
        file.write('[pronunciation]\nIKD = "i ka de"\n')
    with two_servers(home, valkey.url, "ucapan", client) as both:
        yield both


def table(api: Api, role: str = "supervisor") -> dict[str, Any]:
    answer = api.get(TABLE, role)
    assert answer.status_code == 200, answer.text
    return {entry.pop("written"): entry for entry in answer.json()["pronunciations"]}


def test_the_hall_s_own_entry_wins_and_can_be_taken_away(pair: tuple[Api, Api]) -> None:
    api, other = pair
    of_file = {"IKD": {"spoken": "i ka de", "file": "i ka de", "own": None}}
    assert table(api) == of_file
    given = api.post(TABLE, {"written": "IKD", "spoken": " identitas digital "})
    assert given.status_code == 200
    assert given.json() == {
        "written": "IKD",
        "spoken": "identitas digital",
        "file": "i ka de",
        "own": "identitas digital",
    }
    api.post(TABLE, {"written": "PLN", "spoken": "pe el en"})
    assert table(other) == {
        "IKD": {"spoken": "identitas digital", "file": "i ka de", "own": "identitas digital"},
        "PLN": {"spoken": "pe el en", "file": None, "own": "pe el en"},
    }
    assert api.post(TABLE, {"written": "IKD", "spoken": ""}).json()["spoken"] == "i ka de"
    assert api.post(TABLE, {"written": "PLN", "spoken": None}).json()["spoken"] is None
    assert table(other) == of_file


def test_a_repeat_through_another_process_gets_the_first_answer_and_does_nothing(pair: tuple[Api, Api]) -> None:
    api, other = pair
    first = api.post(TABLE, {"written": "KTP", "spoken": "ka te pe"}, key="k1")
    api.post(TABLE, {"written": "KTP", "spoken": "katepe"}, key="k2")
    again = other.post(TABLE, {"written": "KTP", "spoken": "ka te pe"}, key="k1")
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert table(api)["KTP"]["own"] == "katepe"
    assert code(other.post(TABLE, {"written": "KTP", "spoken": "x"}, key="k1"), 422) == "key-reused"
    assert api.post(TABLE, {"written": "KTP", "spoken": ""}, "supervisor", key="k1").status_code == 200


def test_a_key_belongs_to_one_request_of_the_log_or_of_this(pair: tuple[Api, Api]) -> None:
    api, other = pair
    assert api.post("/counters/loket-2/open", key="k9").status_code == 200
    for path, body in ((TABLE, {"written": "KTP", "spoken": "x"}), ("/hearing", {"text": "Halo"})):
        assert code(api.post(path, body, key="k9"), 422) == "key-reused"
    assert api.post(TABLE, {"written": "KTP", "spoken": "ka-te-pe"}, key="k10").status_code == 200
    eventually(lambda: other.post("/hearing", {"text": "Halo"}, key="k10").status_code == 422)
    for process in (api, other):
        assert code(process.post("/hearing", {"text": "Halo"}, key="k10"), 422) == "key-reused"
        for path, body in (("/tickets", {"service": "ktp"}), ("/notices", {"text": "Halo"})):
            assert code(process.post(path, body, key="k10"), 422) == "key-reused"


@pytest.mark.parametrize("role", ["kiosk", "operator", "integration", "supervisor-lain"])
def test_only_supervisors_of_the_site(pair: tuple[Api, Api], role: str) -> None:
    api, _ = pair
    assert code(api.get(TABLE, role), 403) == "forbidden"
    assert code(api.post(TABLE, {"written": "X", "spoken": "x"}, role), 403) == "forbidden"
    assert code(api.get(TABLE), 401) == "unauthenticated"
    assert code(api.post(TABLE, {"written": "X", "spoken": "x"}, ""), 401) == "unauthenticated"
    assert "X" not in table(api, "admin")


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"written", "spoken"}),
        ({"written": "IKD"}, {"spoken"}),
        ({"written": "", "spoken": "x"}, {"written"}),
        ({"written": "IKD ", "spoken": "x"}, {"written"}),
        ({"written": "x" * 61, "spoken": "x"}, {"written"}),
        ({"written": "IKD", "spoken": "x" * 121}, {"spoken"}),
        ({"written": "IKD", "spoken": "..."}, {"spoken"}),
        ({"written": "IKD\u0000", "spoken": "\u202ex"}, {"written", "spoken"}),
        ({"written": 1, "spoken": 2, "wer": 3}, {"written", "spoken", "wer"}),
    ],
)
def test_every_wrong_field_is_named(other: Api, body: dict[str, Any], fields: set[str]) -> None:
    answer = other.post(TABLE, body)
    assert code(answer, 422) == "invalid"
    assert {error["field"] for error in answer.json()["errors"]} == fields


def test_the_loudspeaker_of_another_process_says_it_so_within_seconds(pair: tuple[Api, Api]) -> None:
    """What is shown stays as written."""
    api, other = pair
    store = ClipStore(Settings(data=api.server.data).clips)
    (espeak,) = make_voices(("espeak",), store.phrases.path("").parent)
    so = Phrase("silakan menuju loket satu, u em u em.", final=True)
    with other.socket(ZONE, "kiosk") as socket:
        tell(socket, type="ready")
        api.post(TABLE, {"written": "Umum", "spoken": "u em u em"})
        api.issue("ktp")
        api.work("loket-1", "open")

        def said() -> bool:
            api.issue("ktp")
            api.work("loket-1", "call-next")
            speak = frame(socket, "speak", 20)
            tell(socket, type="spoken", announcement=speak["announcement"])
            assert "menuju loket satu, Umum." in speak["text"]
            return store.has(store.digest(so, espeak))

        eventually(said, within=30)


def test_without_sql_it_says_so_and_the_hall_goes_on(pair: tuple[Api, Api]) -> None:
    api, _ = pair
    with api.without_table("pronunciations"):
        assert code(api.get(TABLE, "admin"), 503) == "log-unavailable"
        assert code(api.post(TABLE, {"written": "KK", "spoken": "ka ka"}, key="k5"), 503) == "log-unavailable"
        time.sleep(FRESH + 1)
        assert api.issue("ktp")["status"] == "waiting"
    assert api.post(TABLE, {"written": "KK", "spoken": "ka ka"}, key="k5").json()["own"] == "ka ka"
    assert api.server.healthz() == 200
