"""The child processes in which espeak-ng and Piper speak, under threads, kills and hangs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from audio.errors import VoiceUnavailable
from audio.espeak_voice import EspeakVoice
from audio.piper_voice import PiperVoice
from tests.integration.audio.piper_model import build
from tests.processes import until

Spoken = EspeakVoice | PiperVoice
MAKE = {  # as a program of its own makes them, with the folder of the models
    "espeak": "from audio.espeak_voice import EspeakVoice; voice = EspeakVoice()",
    "piper": "from audio.piper_voice import PiperVoice; voice = PiperVoice({'id': folder / 'id.onnx'})",
}
PATIENCE = {"espeak": 4.0, "piper": 8.0}  # seconds; Piper's child loads its model first


def make(name: str, models: Path, answer_within: float | None = None) -> Spoken:
    how = {} if answer_within is None else {"answer_within": answer_within}
    return EspeakVoice(**how) if name == "espeak" else PiperVoice({"id": build(models, "id")}, **how)


def child_of(voice: Spoken) -> subprocess.Popen[bytes]:
    process = voice._helper._children[os.getpid()]._process
    assert process is not None
    return process


@pytest.fixture(params=MAKE)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def voice(name: str, tmp_path: Path) -> Iterator[Spoken]:
    made = make(name, tmp_path)
    yield made
    made.close()


def test_many_threads_each_get_their_own_words(name: str, voice: Spoken) -> None:
    threads, asked = (20, 200) if name == "espeak" else (10, 60)
    texts = [f"{word}," for word in ("nol", "satu", "sembilan belas", "seratus dua puluh")]
    expected = [voice.synthesise(text, "id") for text in texts]
    with ThreadPoolExecutor(threads) as pool:
        got = list(pool.map(lambda index: voice.synthesise(texts[index % 4], "id"), range(asked)))
    assert all(np.array_equal(got[index], expected[index % 4]) for index in range(asked))


def test_when_its_child_was_killed_the_next_phrase_is_spoken_all_the_same(voice: Spoken) -> None:
    voice.synthesise("satu,", "id")
    child = child_of(voice)
    child.kill()
    child.wait()
    assert len(voice.synthesise("dua,", "id"))
    assert child_of(voice).pid != child.pid


def test_a_child_that_hangs_is_given_up_in_time_and_the_next_phrase_has_a_new_one(name: str, tmp_path: Path) -> None:
    voice = make(name, tmp_path, PATIENCE[name])
    voice.synthesise("satu,", "id")
    os.kill(child_of(voice).pid, signal.SIGSTOP)
    begun = time.monotonic()
    with pytest.raises(VoiceUnavailable, match="in time"):
        voice.synthesise("dua,", "id")
    assert time.monotonic() - begun < PATIENCE[name] + 20
    assert len(voice.synthesise("dua,", "id"))
    voice.close()


def test_a_child_does_not_outlive_a_program_that_is_killed(name: str, tmp_path: Path) -> None:
    """It has no chance to clean up."""
    build(tmp_path, "id")
    program = (
        "import os, pathlib, sys, time\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        f"{MAKE[name]}; voice.synthesise('satu,', 'id')\n"
        "print(voice._helper._children[os.getpid()]._process.pid, flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as speaking:
        assert speaking.stdout is not None
        child = int(speaking.stdout.readline())
        speaking.kill()
    until(lambda: not runs(child))


def runs(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    return False


def test_a_child_whose_parent_went_before_it_was_ready_ends_without_a_word(espeak: EspeakVoice) -> None:
    """As one whose parent is killed at its first word."""
    command, pipe = espeak._helper._command, subprocess.PIPE
    with subprocess.Popen(command.arguments, cwd=command.folder, stdin=pipe, stdout=pipe, stderr=pipe) as child:
        assert child.stdin
        assert child.stdout
        assert child.stderr
        child.stdin.close()
        child.stdout.close()
        assert child.stderr.read() == b""
