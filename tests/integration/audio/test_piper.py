"""The real Piper with a small model. Its child process: test_children.py."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from audio.errors import VoiceUnavailable
from audio.pcm import seconds
from audio.piper_voice import PiperVoice
from audio.silence import trim
from tests.integration.audio.piper_model import BEFORE, RATE, build
from tests.integration.audio.test_children import child_of


def test_speaks(piper: PiperVoice) -> None:
    """A longer phrase is a longer sound, at our rate, and the silence of the model can be trimmed."""
    short, long = piper.synthesise("satu,", "id"), piper.synthesise("sembilan sembilan sembilan,", "id")
    assert seconds(long) > 2 * seconds(short)
    assert seconds(short) - seconds(trim(short)) > BEFORE / RATE
    assert np.abs(short).max() > 10_000


def test_each_language_has_its_model(piper: PiperVoice, tmp_path: Path) -> None:
    """The same letters are other phonemes in the other language; a language without a model is not spoken."""
    assert piper.speaks("id")
    assert piper.speaks("en")
    assert not np.array_equal(piper.synthesise("Number nine,", "id"), piper.synthesise("Number nine,", "en"))
    alone = PiperVoice({"id": tmp_path / "id.onnx"})
    assert not alone.speaks("en")


def test_a_letter_is_no_article(piper: PiperVoice) -> None:
    """In English "A B" is two letters: as long as "E B", longer than "a B"."""
    assert len(piper.synthesise("A B,", "en")) > len(piper.synthesise("a B,", "en"))


def test_the_model_is_loaded_once(piper: PiperVoice) -> None:
    """The helper stays, whatever it was asked."""
    piper.synthesise("satu,", "id")
    child = child_of(piper)
    for _ in range(3):
        piper.synthesise("dua,", "id")
    assert child_of(piper) is child


def test_brackets_are_no_commands(piper: PiperVoice) -> None:
    """Text that looks like phonemes is read, not obeyed."""
    assert len(piper.synthesise("[[dua]] satu,", "id")) == len(piper.synthesise("dua satu,", "id"))


def test_a_model_that_is_none(tmp_path: Path) -> None:
    """A file that is no model is told as such, and each later phrase too; nothing hangs or falls."""
    model = build(tmp_path, "id")
    model.write_bytes(b"no model")
    voice = PiperVoice({"id": model})
    for _ in range(2):
        with pytest.raises(VoiceUnavailable, match=r"Piper: .*odel"):
            voice.synthesise("satu,", "id")
    voice.close()


def test_a_model_that_is_gone(tmp_path: Path) -> None:
    """A missing model is told when the voice is made."""
    with pytest.raises(OSError, match=r"none\.onnx"):
        PiperVoice({"id": tmp_path / "none.onnx"})


def test_nothing_to_say(piper: PiperVoice) -> None:
    """A text without words is told as such."""
    with pytest.raises(VoiceUnavailable, match="says nothing"):
        piper.synthesise("", "id")


def test_without_the_package() -> None:
    """Where Piper is not installed, it is said what to do."""
    program = (
        "import pathlib, sys\n"
        "from audio.errors import VoiceUnavailable\n"
        "from audio.helper import Command, Helper\n"
        "from audio.piper_voice import CHILD\n"
        "start = [sys.executable, '-I', '-S', str(CHILD), 'id', 'x.onnx']\n"
        "try: Helper(Command('Piper', start, CHILD.parent, 10)).speak('id', 'satu')\n"
        "except VoiceUnavailable as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == "Piper: No module named 'piper'; install piper-tts with: make piper\n"
