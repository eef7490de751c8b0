"""The real Piper with a small model, under threads, forks and faults."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from audio.errors import VoiceUnavailable
from audio.pcm import seconds
from audio.piper_voice import PiperVoice
from audio.silence import trim
from tests.integration.audio.piper_model import BEFORE, RATE, build


def child_of(voice: PiperVoice) -> subprocess.Popen[bytes]:
    process = voice._helper._children[os.getpid()]._process
    assert process is not None
    return process


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


def test_many_threads(piper: PiperVoice) -> None:
    """Ten threads at once each get their own words."""
    texts = ["nol,", "satu,", "sembilan belas,", "seratus dua puluh,"]
    expected = [piper.synthesise(text, "id") for text in texts]
    with ThreadPoolExecutor(10) as pool:
        got = list(pool.map(lambda index: piper.synthesise(texts[index % 4], "id"), range(60)))
    assert all(np.array_equal(got[index], expected[index % 4]) for index in range(60))


def test_a_killed_helper_is_replaced(piper: PiperVoice) -> None:
    """When it was killed, the next phrase is spoken all the same."""
    piper.synthesise("satu,", "id")
    child = child_of(piper)
    child.kill()
    child.wait()
    assert len(piper.synthesise("dua,", "id"))
    assert child_of(piper).pid != child.pid


def test_a_hung_helper_is_replaced(tmp_path: Path) -> None:
    """One that does not answer is given up in time; the next phrase has a new one."""
    voice = PiperVoice({"id": build(tmp_path, "id")}, answer_within=8.0)
    voice.synthesise("satu,", "id")
    os.kill(child_of(voice).pid, signal.SIGSTOP)
    begun = time.monotonic()
    with pytest.raises(VoiceUnavailable, match="in time"):
        voice.synthesise("dua,", "id")
    assert time.monotonic() - begun < 20
    assert len(voice.synthesise("dua,", "id"))
    voice.close()


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


def test_no_helper_outlives_us(tmp_path: Path) -> None:
    """When the speaking process is killed without a chance to clean up, the helper ends too."""
    program = (
        "import os, pathlib, sys, time\n"
        "from audio.piper_voice import PiperVoice\n"
        "voice = PiperVoice({'id': pathlib.Path(sys.argv[1])}); voice.synthesise('satu,', 'id')\n"
        "print(voice._helper._children[os.getpid()]._process.pid, flush=True); time.sleep(60)\n"
    )
    command = [sys.executable, "-c", program, str(build(tmp_path, "id"))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as speaking:
        assert speaking.stdout is not None
        child = int(speaking.stdout.readline())
        speaking.kill()
    for _ in range(100):
        state = Path(f"/proc/{child}/stat")
        if not state.exists() or state.read_text().split()[2] == "Z":
            return
        time.sleep(0.05)
    pytest.fail("the helper still runs")
