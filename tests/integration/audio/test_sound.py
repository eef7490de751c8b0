"""Whole announcements as they are heard, in every voice: gTTS from its stand-in, Piper with a small model, espeak-ng."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from audio.clips import ClipStore
from audio.espeak_voice import EspeakVoice
from audio.pcm import RATE, Pcm
from audio.phrases import Call, English, Notice, Utterable, phrases
from audio.piper_voice import PiperVoice
from audio.speech import Speech
from audio.voices import Voice
from tests.integration.audio.measures import joins, loudest_moment, loudness, pauses, peak, quiet_around, rendered
from tests.integration.audio.piper_model import build
from tests.integration.audio.stand_in import running

SAID: list[Utterable] = [
    Call("A-012", "loket tiga", "Imigrasi"),
    Call("A-001", "loket satu", "", "number"),
    Call("B-345", "loket empat", "Samsat", "number", repeat=True),
    Call("ZZ-999", "loket dua puluh satu", "", "digits", repeat=True),
    Call("QX-100", "loket enam", "Dinas Kependudukan dan Pencatatan Sipil", "number"),
    Call("A-012", "loket tiga", "Imigrasi", english=English("counter three", "Immigration")),
    Call("AB-207", "loket enam", "", repeat=True, english=English("counter six")),
    Notice("Perhatian. Pemilik mobil KT 1234 AB, silakan ke depan. Terima kasih!", repeat=True),
    Notice("The hall closes in ten minutes.", "en"),
]


class Heard(NamedTuple):
    """An announcement as rendered, and a place in each silence between its phrases."""

    what: Utterable
    pcm: Pcm
    between: list[int]


@pytest.fixture(scope="module", params=["gtts", "piper", "espeak"])
def announcements(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Heard]]:
    """All that is said, in one of the voices."""
    folder = tmp_path_factory.mktemp(request.param)
    espeak, piper = EspeakVoice(), PiperVoice({"id": build(folder, "id"), "en": build(folder, "en-us")})
    with running("server.pem") as google:
        google.speak_with(espeak)
        voices: dict[str, Voice] = {"gtts": google.voice(folder), "piper": piper, "espeak": espeak}
        yield [_heard(Speech(ClipStore(folder), [voices[request.param]]), what) for what in SAID]
    for voice in voices.values():
        voice.close()


def _heard(speech: Speech, what: Utterable) -> Heard:
    for phrase in phrases(what):
        assert speech.prepare(phrase)
    utterance = speech.utterance(what)
    pcm = rendered(speech, utterance.digest)
    assert utterance.voice == speech.voices[0].name
    assert utterance.seconds == pytest.approx(len(pcm) / RATE)
    return Heard(what, pcm, joins(speech, speech.voices[0], what, pcm))


def test_loudness_and_peaks(announcements: list[Heard]) -> None:
    """Each is at -16 LUFS by another meter, its peaks, between samples too, under -1 dBFS."""
    for _, pcm, _ in announcements:
        assert loudness(pcm) == pytest.approx(-16, abs=0.5)
        assert peak(pcm) <= -1


def test_pauses(announcements: list[Heard]) -> None:
    """Between two phrases there are 80 to 150 ms of quiet, and nowhere in the whole more."""
    for what, pcm, between in announcements:
        assert len(between) == len(phrases(what)) - 1
        assert all(0.08 <= quiet_around(pcm, at) <= 0.15 for at in between)
        assert max(pauses(pcm)) <= 0.15


def test_no_silence_at_the_edges(announcements: list[Heard]) -> None:
    """Speech begins at once and the file ends with it: the next announcement need not wait."""
    for _, pcm, _ in announcements:
        heard = np.flatnonzero(np.abs(pcm.astype(int)) > np.abs(pcm.astype(int)).max() * 0.01)
        assert heard[0] < 0.03 * RATE
        assert heard[-1] > len(pcm) - 0.05 * RATE


def test_no_click(announcements: list[Heard]) -> None:
    """At its edges and around every join the sound rises from nothing and falls to nothing: within a millisecond of
    silence no sample jumps by more than 1.5 % of full scale."""
    for _, pcm, between in announcements:
        jumps = np.abs(np.diff(np.concatenate([[0], pcm.astype(int), [0]])))
        edges = [0, len(pcm)]
        for at in between:
            loud = np.flatnonzero(pcm[:at])[-1], at + np.flatnonzero(pcm[at:])[0]
            edges += [int(edge) for edge in loud]
        assert max(jumps[max(0, edge - 24) : edge + 24].max() for edge in edges) < 500


def test_the_chime_is_no_louder(tmp_path: Path, announcements: list[Heard]) -> None:
    """The whole bell is softer than any speech, and so is its loudest moment."""
    speech = Speech(ClipStore(tmp_path / "clips"), [])
    bell = rendered(speech, speech.chime().digest)
    for _, pcm, _ in announcements:
        assert loudness(bell) < loudness(pcm)
        assert loudest_moment(bell) < loudest_moment(pcm)
