"""gTTS through its real request code, against a stand-in of the service over TLS."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from audio.errors import VoiceUnavailable
from audio.gtts_voice import GttsVoice
from audio.mp3 import decode
from audio.pace import Pace
from audio.pcm import RATE
from tests.integration.audio.stand_in import CA, MP3, StandIn, reply, sound_answer

TEXT = "nol satu dua,"


def hang(google: StandIn) -> Callable[[BaseHTTPRequestHandler], None]:
    def wait(_: BaseHTTPRequestHandler) -> None:
        google.over.wait()

    return wait


def failures(folder: Path) -> int:
    return int(json.loads((folder / "gtts.pace").read_text())["failures"])


def test_good_answer(google: StandIn, tmp_path: Path) -> None:
    """The service is asked for this text in Indonesian, and its recording comes back."""
    pcm = google.voice(tmp_path).synthesise(TEXT, "id")
    assert len(pcm) == len(decode(MP3))
    assert google.asked == [("/_/TranslateWebserverUi/data/batchexecute", TEXT, "id")]
    assert failures(tmp_path) == 0


def test_english(google: StandIn, tmp_path: Path) -> None:
    """An English text is asked for in English."""
    google.voice(tmp_path).synthesise("Number A,", "en")
    assert [(text, language) for _, text, language in google.asked] == [("Number A,", "en")]


def test_long_text_in_parts(google: StandIn, tmp_path: Path) -> None:
    """A text over the service's limit of 100 characters is asked for in parts and joined."""
    text = (
        "silakan menuju loket tiga, Dinas Penanaman Modal dan Pelayanan Terpadu Satu Pintu Kabupaten Kutai Kartanegara."
    )
    pcm = google.voice(tmp_path).synthesise(text, "id")
    assert len(google.asked) == 2
    assert len(pcm) == 2 * len(decode(MP3))


@pytest.mark.parametrize(
    ("status", "content", "least"),
    [
        (429, b"slow down", 120),
        (403, b"", 120),
        (302, b"", 120),
        (404, b"", 120),
        (500, b"", 15),
        (503, b"", 15),
        (200, b"", 15),
        (200, b"<html>garbage</html>", 15),
        (200, b'jQ1olc","[\\"' + b"\xff" * 1000, 15),
        (200, b'"jQ1olc","[\\"!!!not base64!!!\\"]"', 15),
        (200, b'"jQ1olc","[\\"AAAA\\"]"', 15),
        (200, b'"jQ1olc",null', 15),
        (200, sound_answer(MP3[: len(MP3) // 2 + 7]), 15),
        (200, sound_answer()[:3000], 15),
        (200, b"x" * (5 << 20), 15),
    ],
)
def test_any_other_answer(google: StandIn, tmp_path: Path, status: int, content: bytes, least: int) -> None:
    """A refusal, garbage or half an MP3 is no recording, and the service is left alone for a while."""
    google.answer = lambda handler: reply(handler, status, content, Location="http://127.0.0.1:9/")
    voice = google.voice(tmp_path)
    with pytest.raises(VoiceUnavailable) as refused:
        voice.synthesise(TEXT, "id")
    assert refused.value.retry_after == least
    with pytest.raises(VoiceUnavailable, match="resting"):
        voice.synthesise(TEXT, "id")
    assert len(google.asked) == 1


def test_retry_after(google: StandIn, tmp_path: Path) -> None:
    """The service may say how long it wants to be left alone."""
    google.answer = lambda handler: reply(handler, 429, b"", Retry_After="900")
    with pytest.raises(VoiceUnavailable) as refused:
        google.voice(tmp_path).synthesise(TEXT, "id")
    assert refused.value.retry_after == 900


def test_rest_holds_in_another_process(google: StandIn, tmp_path: Path) -> None:
    """A voice made anew, as in the next job's process, still leaves the service alone."""
    google.answer = lambda handler: reply(handler, 429, b"")
    with pytest.raises(VoiceUnavailable):
        google.voice(tmp_path).synthesise(TEXT, "id")
    with pytest.raises(VoiceUnavailable, match="resting"):
        google.voice(tmp_path).synthesise(TEXT, "id")
    assert len(google.asked) == 1


def test_answers_again_after_a_rest(google: StandIn, tmp_path: Path) -> None:
    """When the rest is over one request tries, and a good answer ends the matter."""
    good = google.answer
    google.answer = lambda handler: reply(handler, 500, b"")
    voice = google.voice(tmp_path)
    with pytest.raises(VoiceUnavailable):
        voice.synthesise(TEXT, "id")
    google.answer = good
    state = tmp_path / "gtts.pace"
    state.write_text(json.dumps({"next_at": 0, "rest_until": time.time() - 1, "failures": 1}))
    assert len(voice.synthesise(TEXT, "id")) > RATE
    assert len(voice.synthesise(TEXT, "id")) > RATE
    assert failures(tmp_path) == 0


def test_no_answer_in_time(google: StandIn, tmp_path: Path) -> None:
    """A service that takes the request and stays silent is given up within the time-out."""
    google.answer = hang(google)
    begun = time.monotonic()
    with pytest.raises(VoiceUnavailable):
        google.voice(tmp_path, read=0.5).synthesise(TEXT, "id")
    assert time.monotonic() - begun < 20


def drip(handler: BaseHTTPRequestHandler, google: StandIn) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    with contextlib.suppress(OSError):
        while not google.over.wait(0.1):
            handler.wfile.write(b".")
            handler.wfile.flush()


def test_an_answer_that_drips(google: StandIn, tmp_path: Path) -> None:
    """A byte now and then resets every time-out of the network, but not ours of the whole."""
    google.answer = lambda handler: drip(handler, google)
    begun = time.monotonic()
    with pytest.raises(VoiceUnavailable, match="too long"):
        google.voice(tmp_path, whole=1.5).synthesise(TEXT, "id")
    assert time.monotonic() - begun < 20


def cut(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "8000")
    handler.end_headers()
    handler.wfile.write(sound_answer()[:4000])
    handler.close_connection = True


def test_a_connection_cut_half_way(google: StandIn, tmp_path: Path) -> None:
    """An answer shorter than announced is no recording."""
    google.answer = cut
    with pytest.raises(VoiceUnavailable):
        google.voice(tmp_path).synthesise(TEXT, "id")
    assert failures(tmp_path) == 1


def test_forged_certificate(forged_google: StandIn, tmp_path: Path) -> None:
    """A certificate signed by someone else is refused before anything is asked."""
    with pytest.raises(VoiceUnavailable, match=r"(?i)certificate"):
        forged_google.voice(tmp_path).synthesise(TEXT, "id")
    assert forged_google.asked == []


def test_unknown_authority(google: StandIn, tmp_path: Path) -> None:
    """Without our CA given, only the public ones count."""
    with pytest.raises(VoiceUnavailable, match=r"(?i)certificate"):
        google.voice(tmp_path, ca=None).synthesise(TEXT, "id")
    assert google.asked == []


def test_wrong_name(google: StandIn, tmp_path: Path) -> None:
    """A good certificate for another name is refused."""
    voice = GttsVoice(Pace(tmp_path / "pace"), base_url=f"https://127.0.0.2:{google.server_port}", ca=CA)
    with pytest.raises(VoiceUnavailable):
        voice.synthesise(TEXT, "id")
    assert google.asked == []


def test_missing_ca_file(google: StandIn, tmp_path: Path) -> None:
    """A CA file that is not there is a voice that cannot speak, not a crash."""
    with pytest.raises(VoiceUnavailable):
        google.voice(tmp_path, ca=tmp_path / "none.pem").synthesise(TEXT, "id")


def test_nobody_listens(tmp_path: Path) -> None:
    """A refused connection is told at once."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        base = f"https://127.0.0.1:{unused.getsockname()[1]}"
        voice = GttsVoice(Pace(tmp_path / "pace"), base_url=base, connect=30)
        begun = time.monotonic()
        with pytest.raises(VoiceUnavailable):
            voice.synthesise(TEXT, "id")
    assert time.monotonic() - begun < 10


def test_a_listener_that_never_greets(tmp_path: Path) -> None:
    """A port that accepts and says nothing, not even TLS, is given up within the time-out."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        base = f"https://127.0.0.1:{mute.getsockname()[1]}"
        voice = GttsVoice(Pace(tmp_path / "pace"), base_url=base, connect=0.5, read=0.5)
        begun = time.monotonic()
        with pytest.raises(VoiceUnavailable):
            voice.synthesise(TEXT, "id")
    assert time.monotonic() - begun < 20


def test_nothing_to_say(google: StandIn, tmp_path: Path) -> None:
    """A text without words is not sent."""
    with pytest.raises(VoiceUnavailable, match="nothing to say"):
        google.voice(tmp_path).synthesise(" , ", "id")
    assert google.asked == []
