"""espeak-ng: always there, off line, milliseconds a phrase. It speaks in a helper process (see espeak_child.py)."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import espeakng_loader

from audio.errors import VoiceUnavailable
from audio.helper import Command, Helper
from audio.pcm import Pcm
from audio.phrases import Language

CHILD = Path(__file__).with_name("espeak_child.py")


@dataclass(frozen=True)
class Accent:
    """How a language is spoken. `sounds`: phonemes of words that espeak-ng 1.52 misreads, by pattern."""

    voice: str
    words_per_minute: int
    pitch: int
    sounds: Mapping[str, str]


ACCENTS: Mapping[Language, Accent] = {
    # Read with an open e or the wrong stress otherwise; the sounds are those of KBBI (loket, empat …).
    "id": Accent(
        "id",
        155,
        48,
        {
            r"(?i)\bloket\b": "l'okEt",
            r"(?i)\bempat\b": "@mp'at",
            r"(?i)\benam\b": "@n'am",
            r"(?i)\bbelas\b": "b@l'as",
            r"(?i)\bsebelas\b": "s@b@l'as",
        },
    ),
    # en-us sounds every r (four, number, counter), which those who learnt English as a foreign language expect.
    # A letter A with another letter behind it would be read as the article.
    "en": Accent("en-us", 145, 48, {r"\bA\b(?! [a-z])": "'eI"}),
}

_LONGEST = 2000


class EspeakVoice:
    """The voices of espeak-ng. `answer_within`: seconds after which the helper counts as hung."""

    name = "espeak"
    local = True
    on_the_spot = True

    def __init__(self, *, answer_within: float = 10.0) -> None:
        library = Path(espeakng_loader.get_library_path())
        # The library cuts paths of more than some 160 characters: its data is where the helper stands.
        folder = Path(espeakng_loader.get_data_path()).parent
        start = [sys.executable, "-I", "-S", str(CHILD), str(library)]
        self._helper = Helper(Command("espeak-ng", start, folder, answer_within))
        self._version = f"espeakng-loader {version('espeakng-loader')}"

    def speaks(self, language: Language) -> bool:
        return language in ACCENTS

    def settings(self, language: Language) -> str:
        return f"{self._version} {ACCENTS[language]}"

    def trouble(self) -> VoiceUnavailable | None:
        return None

    def synthesise(self, text: str, language: Language) -> Pcm:
        """Raw speech at RATE. VoiceUnavailable when the library cannot be used or says nothing."""
        accent = ACCENTS[language]
        return self._helper.speak(
            f"{accent.voice} {accent.words_per_minute} {accent.pitch}", _with_sounds(_harmless(text), accent.sounds)
        )

    def close(self) -> None:
        self._helper.close()


def _with_sounds(text: str, sounds: Mapping[str, str]) -> str:
    for word, sound in sounds.items():
        text = re.sub(word, f"[[{sound}]]", text)
    return text


def _harmless(text: str) -> str:
    """No brackets, which would be read as phonemes, no zero byte, and no endless text."""
    return text.replace("[", " ").replace("]", " ").replace("\0", " ")[:_LONGEST]
