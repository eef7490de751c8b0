"""Piper: a neural voice with no network, for halls that gTTS cannot reach; better than espeak-ng, and slower.

A phrase takes some tenths of a second, the first one of a process seconds (its model is loaded), so Piper makes clips
ahead and no call waits for it. It speaks in a helper process (see piper_child.py). The package is optional: `make piper`.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from audio.errors import VoiceUnavailable
from audio.helper import Command, Helper
from audio.pcm import Pcm
from audio.phrases import Language

CHILD = Path(__file__).with_name("piper_child.py")

# As with espeak-ng, whose phonemes Piper's models speak: a letter A before another letter is no article.
_LETTER = re.compile(r"\bA\b(?! [a-z])")
_LONGEST = 2000


class PiperVoice:
    """`models`: the model file of each language, its .json beside it. OSError when one cannot be read.

    `answer_within`: seconds for one phrase, loading the model included, after which the helper counts as hung.
    """

    name = "piper"
    local = True
    on_the_spot = False

    def __init__(self, models: Mapping[Language, Path], *, answer_within: float = 20.0) -> None:
        self._models = {language: _fingerprint(path) for language, path in models.items()}
        arguments = [part for language, path in models.items() for part in (language, str(path))]
        start = [sys.executable, "-I", str(CHILD), *arguments]
        self._helper = Helper(Command("Piper", start, CHILD.parent, answer_within))

    def speaks(self, language: Language) -> bool:
        return language in self._models

    def settings(self, language: Language) -> str:
        return f"model {self._models[language]}"

    def trouble(self) -> VoiceUnavailable | None:
        try:
            version("piper-tts")
        except PackageNotFoundError:
            return VoiceUnavailable("piper-tts is not installed; make piper")
        return None

    def synthesise(self, text: str, language: Language) -> Pcm:
        """Raw speech at RATE. VoiceUnavailable when Piper or its model cannot be used or says nothing."""
        text = text.replace("[", " ").replace("]", " ").replace("\0", " ")[:_LONGEST]
        return self._helper.speak(language, _LETTER.sub("[[ˈeɪ]]", text) if language == "en" else text)

    def close(self) -> None:
        self._helper.close()


def _fingerprint(model: Path) -> str:
    """Of model and description: what they are, wherever they lie, so that machines may share their clips."""
    described = model.with_name(f"{model.name}.json")
    return _digest(model, model.stat().st_mtime_ns) + _digest(described, described.stat().st_mtime_ns)


@cache
def _digest(path: Path, _changed: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
