"""How the voices stand: how much of what may have to be said each of them has said."""

from collections.abc import Sequence
from dataclasses import dataclass

from audio.errors import VoiceUnavailable
from audio.phrases import Language, Phrase
from audio.speech import Speech
from audio.voices import Voice

LANGUAGES: tuple[Language, ...] = ("id", "en")


@dataclass(frozen=True)
class Standing:
    """A voice of the chain. `clips` of the `sayable` phrases in its languages are there; `trouble`: why it is silent
    now, as far as that is known."""

    voice: Voice
    languages: tuple[Language, ...]
    clips: int
    sayable: int
    trouble: VoiceUnavailable | None


def standings(speech: Speech, wanted: Sequence[Phrase]) -> list[Standing]:
    """The chain, best voice first."""
    found = []
    for voice in speech.voices:
        own = [phrase for phrase in wanted if voice.speaks(phrase.language)]
        there = sum(speech.store.has(speech.store.digest(phrase, voice)) for phrase in own)
        found.append(Standing(voice, tuple(filter(voice.speaks, LANGUAGES)), there, len(own), voice.trouble()))
    return found
