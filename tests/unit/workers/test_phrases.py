"""What may have to be said, and which clips are asked for when."""

from pathlib import Path

import pytest

from audio.chime import chime
from audio.clips import ClipStore
from audio.phrases import AGAIN, Call, Phrase, phrases
from audio.voices import Voice, make_voices
from server.domain import commands as c
from server.domain.site import Announcing, Site
from tests.unit.history.driver import Driver, make_site
from workers.phrases import Clips, Hall, phrases_of_site

A, B, C = Phrase("satu,", False), Phrase("dua,", False), Phrase("tiga.", True)


@pytest.fixture
def store(tmp_path: Path) -> ClipStore:
    return ClipStore(tmp_path)


def site_with(**fields: object) -> Site:
    site = make_site()
    return Site(**{name: getattr(site, name) for name in site.__struct_fields__} | fields)


def say(store: ClipStore, voice: Voice, *said: Phrase) -> None:
    for phrase in said:
        store.write(store.digest(phrase.text, voice), chime())


@pytest.mark.parametrize("repeat", [True, False])
@pytest.mark.parametrize("agency", [True, False])
@pytest.mark.parametrize("style", ["digits", "number"])
def test_every_phrase_of_a_call_is_made_ahead(repeat: bool, agency: bool, style: str) -> None:
    announcing = Announcing(repeat=repeat, agency=agency, expires=180.0)
    site = site_with(announcement=announcing, number_style=style)
    hall = Driver(site)
    hall.issue("b")
    ahead = set(Hall().phrases(hall.entries))
    said = phrases(
        Call(
            number="B-001",
            counter="loket tiga",
            agency="Polres" if agency else "",
            style="number" if style == "number" else "digits",
            repeat=repeat,
        )
    )
    assert set(said) <= ahead


def test_a_counter_is_said_with_every_agency_it_serves_and_no_other() -> None:
    assert [phrase.text for phrase in phrases_of_site(make_site())] == [
        "silakan menuju loket satu, Pajak.",
        "silakan menuju loket dua, Pajak.",
        "silakan menuju loket tiga, Polres.",
    ]
    assert AGAIN in phrases_of_site(site_with(announcement=Announcing(True, True, 180.0)))


def test_the_style_of_numbers_follows_the_site() -> None:
    hall = Driver()
    hall.issue()
    hall.do(c.ConfigureSite, site=site_with(number_style="number"))
    hall.issue()
    said = [phrase.text for phrase in Hall().phrases(hall.entries)]
    assert "nol nol satu," in said
    assert "dua," in said
    assert "nol nol dua," not in said


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
    assert clips.due() == [A]
    assert clips.due() == [A]
    say(store, gtts, A)
    assert clips.due() == [B, C]
    assert clips.due() == [B]


def test_without_a_voice_that_works_off_line_one_phrase_at_a_time_is_tried(store: ClipStore, tmp_path: Path) -> None:
    (gtts,) = voices = make_voices(("gtts",), tmp_path)
    clips = Clips(store, voices)
    assert clips.learn([A, B, C]) == []
    assert clips.due() == [A]
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
