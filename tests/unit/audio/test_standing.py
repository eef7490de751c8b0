"""How the voices stand: how much each has said of what may have to be said, and why one is silent."""

from pathlib import Path

from audio.chime import chime
from audio.clips import ClipStore
from audio.espeak_voice import EspeakVoice
from audio.gtts_voice import GttsVoice
from audio.pace import REFUSED, Pace
from audio.phrases import Phrase
from audio.speech import Speech
from audio.standing import standings

WANTED = [Phrase("nol satu dua,", False), Phrase("nol satu tiga,", False), Phrase("zero one two,", False, "en")]


def test_clips_are_counted_by_voice_and_a_refusal_of_google_is_told(tmp_path: Path) -> None:
    pace = Pace(tmp_path / "gtts.pace")
    google, espeak = GttsVoice(pace), EspeakVoice()
    speech = Speech(ClipStore(tmp_path), [google, espeak])
    speech.store.write(speech.store.digest(WANTED[0], google), chime())
    assert [(one.voice.name, one.clips, one.sayable, one.trouble) for one in standings(speech, WANTED)] == [
        ("gtts", 1, 3, None),
        ("espeak", 0, 3, None),
    ]
    pace.failed(REFUSED)
    trouble = standings(speech, WANTED)[0].trouble
    assert trouble is not None
    assert 100 < trouble.retry_after <= REFUSED.first
    assert "1 failure" in trouble.reason
