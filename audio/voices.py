"""What a voice is, and the chain of them in order of preference."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from audio.errors import VoiceUnavailable as VoiceUnavailable
from audio.espeak_voice import EspeakVoice
from audio.gtts_voice import GttsVoice
from audio.pace import Pace
from audio.pcm import Pcm

NAMES = ("gtts", "espeak")


class Voice(Protocol):
    """Thread-safe. `settings` names all that changes the sound: a clip is kept under it."""

    @property
    def name(self) -> str: ...

    @property
    def settings(self) -> str: ...

    @property
    def offline(self) -> bool:
        """Speaks within milliseconds and without a network, so that a call may wait for it."""
        ...

    def synthesise(self, text: str) -> Pcm:
        """Speech at RATE, silence around it allowed. VoiceUnavailable(reason, retry_after)."""
        ...

    def close(self) -> None:
        """Ends helpers it may have started; it can be used again."""
        ...


def make_voices(names: Iterable[str], folder: Path) -> list[Voice]:
    """The chain, best first. `folder` is the clip folder: all processes keep their pace there together.

    Opens no connection and starts no process. ValueError for a name not in NAMES.
    """
    voices: list[Voice] = []
    for name in names:
        if name == "gtts":
            voices.append(GttsVoice(Pace(folder / "gtts.pace")))
        elif name == "espeak":
            voices.append(EspeakVoice())
        else:
            raise ValueError(f"no voice {name!r}; known: {', '.join(NAMES)}")
    return voices
