"""What a voice is, and the chain of them in order of preference."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol

from audio.errors import VoiceUnavailable as VoiceUnavailable
from audio.espeak_voice import EspeakVoice
from audio.gtts_voice import GttsVoice
from audio.pace import Pace
from audio.pcm import Pcm
from audio.phrases import Language
from audio.piper_voice import PiperVoice

NAMES = ("gtts", "piper", "espeak")


class Voice(Protocol):
    """Thread-safe."""

    @property
    def name(self) -> str: ...

    @property
    def local(self) -> bool:
        """Speaks with no network: it can make whatever is missing, however long the internet is away."""
        ...

    @property
    def on_the_spot(self) -> bool:
        """Speaks within milliseconds, so that a call may wait for it."""
        ...

    def speaks(self, language: Language) -> bool: ...

    def settings(self, language: Language) -> str:
        """All that changes the sound of a language this voice speaks: a clip is kept under it."""
        ...

    def trouble(self) -> VoiceUnavailable | None:
        """Why it could not speak now, as far as that is known without asking anybody."""
        ...

    def synthesise(self, text: str, language: Language) -> Pcm:
        """Speech at RATE, silence around it allowed. VoiceUnavailable(reason, retry_after)."""
        ...

    def close(self) -> None:
        """Ends helpers it may have started; it can be used again."""
        ...


def make_voices(names: Iterable[str], folder: Path, models: Mapping[Language, Path] | None = None) -> list[Voice]:
    """The chain, best first. `folder` is the clip folder: all processes keep their pace there together.
    `models`: Piper's model file of each language.

    Opens no connection and starts no process. ValueError for a name not in NAMES, OSError for a missing model.
    """
    voices: list[Voice] = []
    for name in names:
        if name == "gtts":
            voices.append(GttsVoice(Pace(folder / "gtts.pace")))
        elif name == "piper":
            voices.append(PiperVoice(models or {}))
        elif name == "espeak":
            voices.append(EspeakVoice())
        else:
            raise ValueError(f"no voice {name!r}; known: {', '.join(NAMES)}")
    return voices


def speaking(voices: Iterable[Voice], languages: Iterable[Language]) -> list[Voice]:
    """Those that speak all these languages."""
    wanted = set(languages)
    return [voice for voice in voices if all(map(voice.speaks, wanted))]
