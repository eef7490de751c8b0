"""Which phrases are offered to the workers, and when."""

import os
import time
from pathlib import Path

import pytest

from audio.chime import chime
from audio.clips import DAY, ClipStore
from audio.phrases import Language, Phrase
from audio.voices import Voice, make_voices
from workers.clips import Clips

A, B, C = Phrase("satu,", False), Phrase("dua,", False), Phrase("tiga.", True)
D = Phrase("one,", False, "en")


@pytest.fixture
def store(tmp_path: Path) -> ClipStore:
    return ClipStore(tmp_path)


@pytest.fixture
def models(tmp_path: Path) -> dict[Language, Path]:
    """A Piper model of Indonesian as far as the chain looks into it."""
    for name in ("id.onnx", "id.onnx.json"):
        (tmp_path / name).write_bytes(b"{}")
    return {"id": tmp_path / "id.onnx"}


def say(store: ClipStore, voice: Voice, *said: Phrase) -> None:
    for phrase in said:
        store.write(store.digest(phrase, voice), chime())


def test_what_is_learned_is_offered_at_once_and_only_once(store: ClipStore) -> None:
    clips = Clips(store, make_voices(("gtts", "espeak"), store.phrases.path("").parent))
    assert clips.learn([A, B, A]) == [A, B]
    assert clips.learn([B, C]) == [C]


def test_what_no_voice_has_said_is_due_until_it_is_said(store: ClipStore, tmp_path: Path) -> None:
    voices = make_voices(("espeak",), tmp_path)
    clips = Clips(store, voices)
    clips.learn([A, B])
    assert clips.due() == [A, B]
    assert clips.due() == [A, B]
    say(store, voices[0], A)
    assert clips.due() == [B]
    say(store, voices[0], B)
    assert clips.due() == []


def test_an_owed_phrase_is_tried_alone_until_the_first_voice_speaks(store: ClipStore, tmp_path: Path) -> None:
    gtts, espeak = voices = make_voices(("gtts", "espeak"), tmp_path)
    clips = Clips(store, voices)
    clips.learn([A, B, C])
    say(store, espeak, A, B, C)
    assert [clips.due() for _ in range(4)] == [[B], [C], [A], [B]]
    say(store, gtts, A)
    assert clips.due() == [B, C]
    assert len(clips.due()) == 1


def test_without_a_voice_that_works_off_line_one_phrase_at_a_time_is_tried(store: ClipStore, tmp_path: Path) -> None:
    (gtts,) = voices = make_voices(("gtts",), tmp_path)
    clips = Clips(store, voices)
    assert clips.learn([A, B, C]) == []
    assert clips.due() == [B]
    say(store, gtts, A)
    assert clips.due() == [B, C]


def test_a_clip_that_was_lost_is_due_again(store: ClipStore, tmp_path: Path) -> None:
    voices = make_voices(("espeak",), tmp_path)
    clips = Clips(store, voices)
    clips.learn([A])
    say(store, voices[0], A)
    assert clips.due() == []
    store.phrases.path(clips.digest(A)).unlink()
    assert clips.due() == [A]


def test_piper_makes_what_espeak_said_on_the_spot_while_google_is_away(
    store: ClipStore, tmp_path: Path, models: dict[Language, Path]
) -> None:
    _, piper, espeak = voices = make_voices(("gtts", "piper", "espeak"), tmp_path, models)
    clips = Clips(store, voices)
    clips.learn([A, B, C])
    say(store, espeak, A, B, C)
    tried = clips.due()
    assert len(tried) == 1
    say(store, piper, *tried)
    assert set(clips.due()) >= {A, B, C} - set(tried)
    say(store, piper, A, B, C)
    clips.due()
    assert [len(clips.due()) for _ in range(5)] == [1] * 5


def test_google_upgrades_what_piper_said_once_it_answers(
    store: ClipStore, tmp_path: Path, models: dict[Language, Path]
) -> None:
    gtts, piper, _ = voices = make_voices(("gtts", "piper", "espeak"), tmp_path, models)
    clips = Clips(store, voices)
    clips.learn([A, B, C])
    say(store, piper, A, B, C)
    (tried,) = clips.due()
    say(store, gtts, tried)
    assert set(clips.due()) == {A, B, C} - {tried}
    say(store, gtts, A, B, C)
    assert clips.due() == []


def test_a_language_is_asked_only_of_voices_that_speak_it(
    store: ClipStore, tmp_path: Path, models: dict[Language, Path]
) -> None:
    piper, espeak = voices = make_voices(("piper", "espeak"), tmp_path, models)
    clips = Clips(store, voices)
    assert clips.learn([A, D]) == [A, D]
    say(store, espeak, D)
    say(store, piper, A)
    assert clips.due() == []
    assert clips.digest(D) == store.digest(D, espeak)
    assert clips.digest(A) == store.digest(A, piper)


def test_what_no_voice_speaks_is_not_due(store: ClipStore, tmp_path: Path, models: dict[Language, Path]) -> None:
    clips = Clips(store, make_voices(("piper",), tmp_path, models))
    assert clips.learn([D]) == []
    assert clips.due() == []


def test_what_no_site_can_say_any_more_is_removed_and_forgotten(
    store: ClipStore, tmp_path: Path, models: dict[Language, Path]
) -> None:
    _, piper, espeak = voices = make_voices(("gtts", "piper", "espeak"), tmp_path, models)
    clips = Clips(store, voices)
    clips.learn([A, B, C])
    say(store, piper, A, B)
    say(store, espeak, A, B, C, D)
    for path in store.phrases.path("").parent.iterdir():
        os.utime(path, (time.time() - 30 * DAY,) * 2)
    assert clips.tidy([A, D]) == 3
    assert store.has(store.digest(A, piper))
    assert store.has(store.digest(D, espeak))
    assert set(clips.due()) == {A}


def test_what_was_said_lately_stays_though_no_site_can_say_it(store: ClipStore, tmp_path: Path) -> None:
    (espeak,) = voices = make_voices(("espeak",), tmp_path)
    clips = Clips(store, voices)
    clips.learn([A, B])
    say(store, espeak, A)
    assert clips.tidy([]) == 0
    assert clips.due() == [B]
