"""The speaker's websocket: ready, speak, spoken; its sounds; whose turn it is."""

import io
import json
import wave
from contextlib import suppress
from typing import Any

import pytest
from websockets.sync.client import ClientConnection

from tests.integration.web.house import Api, eventually
from tests.integration.web.test_sockets import frame, refused

ZONE = "speaker/utama"


def tell(socket: ClientConnection, **message: Any) -> None:
    socket.send(json.dumps(message))


def spoken(api: Api) -> list[int]:
    return [event["announcement"] for event in api.events() if event["type"] == "announcement-spoken"]


def test_a_ready_speaker_is_given_the_call_with_sounds_that_can_be_fetched(api: Api) -> None:
    with api.socket(ZONE, "kiosk") as socket:
        tell(socket, type="ready")
        called = api.serve()
        speak = frame(socket, "speak", 20)
        assert speak["announcement"] == called["seq"]
        assert "A" in speak["text"]
        seconds = 0.0
        assert len(speak["clips"]) == 2
        for clip in speak["clips"]:
            answer = api._client.get(api.server.url + clip)
            assert (answer.status_code, answer.headers["content-type"]) == (200, "audio/wav")
            assert {"immutable", "max-age=31536000", "public"} <= set(answer.headers["cache-control"].split(", "))
            with wave.open(io.BytesIO(answer.content)) as sound:
                assert sound.getnchannels() == 1
                seconds += sound.getnframes() / sound.getframerate()
        assert speak["seconds"] == pytest.approx(seconds, abs=0.01)
        for _ in range(3):
            tell(socket, type="spoken", announcement=speak["announcement"])
        eventually(lambda: spoken(api))
        api.work("loket-1", "recall")
        again = frame(socket, "speak", 20)
        assert again["announcement"] > speak["announcement"]
        tell(socket, type="spoken", announcement=again["announcement"])
        eventually(lambda: len(spoken(api)) > 1)
        assert spoken(api) == [speak["announcement"], again["announcement"]]


def test_one_speaker_of_a_zone_speaks_and_another_takes_over_when_it_goes(api: Api) -> None:
    with api.socket(ZONE, "supervisor") as second:
        with api.socket(ZONE, "operator") as first:
            tell(first, type="ready")
            api.serve()
            one = frame(first, "speak", 20)
            tell(second, type="ready")
            tell(first, type="spoken", announcement=one["announcement"])
            eventually(lambda: spoken(api))
            tell(first, type="muted")
        api.work("loket-1", "recall")
        two = frame(second, "speak", 20)
        assert two["announcement"] != one["announcement"]
        tell(second, type="spoken", announcement=two["announcement"])
        eventually(lambda: len(spoken(api)) == 2)


def test_a_speaker_that_never_was_ready_is_given_nothing_but_heartbeats(api: Api) -> None:
    with api.socket(ZONE, "admin") as socket:
        api.serve()
        with api.socket(ZONE, "kiosk") as another:
            tell(another, type="ready")
            tell(another, type="spoken", announcement=frame(another, "speak", 20)["announcement"])
            eventually(lambda: spoken(api))
        heard = []
        with suppress(TimeoutError):
            while True:
                heard.append(json.loads(socket.recv(timeout=0.2))["type"])
        assert set(heard) == {"heartbeat"}


def test_what_was_not_announced_cannot_have_been_spoken(api: Api) -> None:
    with api.socket(ZONE, "admin") as socket:
        called = api.serve()
        for announcement in (0, 1, -1, called["seq"] + 1, 2**60, called["seq"]):
            tell(socket, type="spoken", announcement=announcement)
        eventually(lambda: spoken(api))
        assert spoken(api) == [called["seq"]]


def test_whoever_comes_back_under_another_name_may_say_that_it_was_spoken(api: Api) -> None:
    with api.socket(ZONE, "kiosk") as other, api.socket(ZONE, "operator") as speaker:
        called = api.serve()
        tell(speaker, type="ready")
        frame(speaker, "speak", 20)
        for one in (other, other, speaker):
            tell(one, type="spoken", announcement=called["seq"])
        eventually(lambda: spoken(api) == [called["seq"]])


def test_a_client_that_sends_more_than_two_hundred_frames_in_ten_seconds_is_sent_away(quiet: Api) -> None:
    for path, role in ((ZONE, "admin"), ("tv/utama", "")):
        with quiet.socket(path, role) as socket:
            for _ in range(201):
                tell(socket, type="ready")
            assert refused(socket) == (1008, "too many messages")


@pytest.mark.parametrize(
    "garbage",
    [
        "{",
        "[]",
        '{"type":"sing"}',
        '{"type":"spoken","announcement":"7"}',
        '{"type":"spoken","announcement":1e99}',
        '{"type":"spoken","announcement":' + "9" * 5000 + "}",
        '{"type":"ready","volume":11}',
        "[" * 5000,
        b"\xff",
    ],
    ids=lambda text: f"{text!r:.40}",
)
def test_what_is_no_message_of_a_speaker_ends_the_connection(quiet: Api, garbage: str | bytes) -> None:
    with quiet.socket(ZONE, "admin") as socket:
        socket.send(garbage)
        assert refused(socket) == (1008, "message not understood")


@pytest.mark.parametrize(
    "name",
    ["0" * 64, "x", "..%2f..%2fhistory.sqlite3", "%2e%2e", "0" * 63 + "%00", "A" * 64, "0" * 10_000, "."],
    ids=lambda name: name[:12],
)
def test_no_other_file_is_a_sound(quiet: Api, name: str) -> None:
    answer = quiet._client.get(f"{quiet.server.url}/audio/{name}.wav")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
