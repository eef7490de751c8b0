"""Saying ahead all that the sites can say, and a try of the voices."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from audio.errors import SpeechUnavailable
from audio.pcm import Pcm, from_wav
from audio.phrases import Phrase, Utterable, phrases
from audio.speech import Speech, Utterance


@dataclass(frozen=True)
class Said:
    """What became of a phrase. `best`: the first voice that speaks its language has it, nothing is left to do;
    `reason`: why no voice has it, "" when one has."""

    phrase: Phrase
    best: bool
    reason: str = ""


def warm(speech: Speech, wanted: Iterable[Phrase]) -> Iterator[Said]:
    """Has each phrase said by the best voice that answers, unless it is there; interrupted, it goes on where it was.

    A phrase takes as long as its voice: gTTS at least a second, to leave Google in peace.
    """
    for phrase in wanted:
        try:
            yield Said(phrase, speech.prepare(phrase))
        except SpeechUnavailable as error:
            yield Said(phrase, False, error.reason)


def try_out(speech: Speech, what: Utterable) -> tuple[Utterance, list[Pcm], float]:
    """Says it, each phrase in the best voice that answers: the utterance, what a speaker plays, seconds until it was
    there. SpeechUnavailable; ValueError when there is nothing to say."""
    begun = time.monotonic()
    for phrase in phrases(what):
        speech.prepare(phrase)
    made = speech.utterance(what)
    took = time.monotonic() - begun
    return made, [_samples(speech, speech.chime()), _samples(speech, made)], took


def _samples(speech: Speech, utterance: Utterance) -> Pcm:
    path = speech.wav(utterance.digest)
    assert path is not None
    return from_wav(path.read_bytes())
