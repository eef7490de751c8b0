"""The real espeak-ng. Its child process under threads, kills and hangs: test_children.py."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from audio.espeak_voice import EspeakVoice
from audio.pcm import Pcm, seconds, to_samples
from audio.silence import trim
from tests.integration.audio.test_children import child_of


def likeness(one: Pcm, other: Pcm) -> float:
    """1 when two recordings have the same spectrum over their time, 0 when they share nothing."""
    length = min(len(one), len(other)) // 480 * 480
    spectra = [np.abs(np.fft.rfft(to_samples(pcm[:length]).reshape(-1, 480))) for pcm in (one, other)]
    return float((spectra[0] * spectra[1]).sum() / np.sqrt((spectra[0] ** 2).sum() * (spectra[1] ** 2).sum()))


def test_speaks(espeak: EspeakVoice) -> None:
    """A phrase takes about as long as a person takes to say it, and is loud enough."""
    pcm = trim(espeak.synthesise("silakan menuju loket tiga, Imigrasi.", "id"))
    assert 1.5 < seconds(pcm) < 4
    assert np.abs(to_samples(pcm)).max() > 0.1


def test_same_text_same_sound(espeak: EspeakVoice) -> None:
    """A phrase is the same to the last sample, whatever was said before and by whichever child."""
    first = espeak.synthesise("nol satu dua,", "id")
    for other in ("satu,", "Nomor antrean A.", "sembilan sembilan sembilan,"):
        espeak.synthesise(other, "id")
        assert np.array_equal(espeak.synthesise("nol satu dua,", "id"), first)
    espeak.close()
    assert np.array_equal(espeak.synthesise("nol satu dua,", "id"), first)


def test_letters_are_named(espeak: EspeakVoice) -> None:
    """Every letter of a prefix is heard, two letters longer than one."""
    alone = seconds(trim(espeak.synthesise("Nomor antrean,", "id")))
    for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ":
        one = seconds(trim(espeak.synthesise(f"Nomor antrean {letter},", "id")))
        two = seconds(trim(espeak.synthesise(f"Nomor antrean {letter} {letter},", "id")))
        assert alone + 0.05 < one
        assert one + 0.08 < two


@pytest.mark.parametrize("word", ["loket", "empat", "enam", "belas", "sebelas"])
def test_corrected_words(espeak: EspeakVoice, word: str) -> None:
    """The words espeak-ng misreads are said otherwise than it would, at a natural length."""
    said = trim(espeak.synthesise(f"dua {word},", "id"))
    misread = trim(espeak.synthesise(f"dua {word[0]}\u00ad{word[1:]},", "id"))
    assert 0.5 < seconds(said) < 1.3
    assert not np.array_equal(said, misread)


def test_english_is_spoken_in_english(espeak: EspeakVoice) -> None:
    """The same letters are other sounds in the other language, whichever was spoken before."""
    english = espeak.synthesise("Number nine,", "en")
    indonesian = espeak.synthesise("Number nine,", "id")
    assert likeness(trim(english), trim(indonesian)) < 0.8
    assert np.array_equal(espeak.synthesise("Number nine,", "en"), english)


def test_an_english_letter_is_no_article(espeak: EspeakVoice) -> None:
    """Of the prefix "A B" both letters are named; the article of a sentence stays one."""
    assert len(trim(espeak.synthesise("Number A B,", "en"))) > len(trim(espeak.synthesise("Number a B,", "en")))
    article = espeak.synthesise("A visitor waits.", "en"), espeak.synthesise("a visitor waits.", "en")
    assert np.array_equal(*article)


def test_brackets_are_no_commands(espeak: EspeakVoice) -> None:
    """Text that looks like phonemes or markup is read, not obeyed."""
    plain = espeak.synthesise("dua,", "id")
    assert likeness(trim(plain), trim(espeak.synthesise("[[ dua ]],", "id"))) > 0.8
    assert seconds(espeak.synthesise("<audio src='x'/> dua\0,", "id")) > 0.3


def test_nothing_to_say(espeak: EspeakVoice) -> None:
    """A text without words has no sound in it."""
    assert len(trim(espeak.synthesise("\0", "id"))) == 0
    assert len(trim(espeak.synthesise("", "id"))) == 0


def test_the_first_words_race(espeak: EspeakVoice) -> None:
    """Threads that speak first together start one child."""
    with ThreadPoolExecutor(10) as pool:
        assert all(pool.map(lambda _: len(espeak.synthesise("satu,", "id")), range(20)))
    assert len(espeak._helper._children) == 1


def test_after_close(espeak: EspeakVoice) -> None:
    """Closing ends the child; the voice can be used again."""
    espeak.synthesise("satu,", "id")
    child = child_of(espeak)
    espeak.close()
    assert child.returncode is not None
    assert len(espeak.synthesise("dua,", "id"))


def test_after_close_in_a_thread_that_was_about_to_speak(espeak: EspeakVoice) -> None:
    """It has the old child in hand and starts it again, which still ends with the voice."""
    late = espeak._helper._child()
    espeak.close()
    assert late.ask(b"id 155 48\nsatu,")
    assert (child := late._process) is not None
    espeak.close()
    assert child.returncode is not None


def test_a_forked_process_speaks_for_itself() -> None:
    """Forked while other threads are speaking, a process has a child of its own and disturbs nobody."""
    program = (
        "import os, threading\n"
        "from audio.espeak_voice import EspeakVoice\n"
        "voice = EspeakVoice(answer_within=20)\n"
        "stop = threading.Event()\n"
        "def talk():\n"
        "    while not stop.is_set(): assert len(voice.synthesise('seratus dua puluh tiga,', 'id'))\n"
        "threads = [threading.Thread(target=talk) for _ in range(4)]\n"
        "for thread in threads: thread.start()\n"
        "for _ in range(8):\n"
        "    pid = os.fork()\n"
        "    if not pid:\n"
        "        good = len(voice.synthesise('satu,', 'id')) > 1000 and len(voice._helper._children) == 1\n"
        "        voice.close()\n"
        "        os._exit(0 if good else 1)\n"
        "    assert os.waitpid(pid, 0)[1] == 0\n"
        "stop.set()\n"
        "for thread in threads: thread.join()\n"
        "assert len(voice.synthesise('dua,', 'id'))\n"
        "print('good')\n"
    )
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("good\n", "")


def test_the_first_words_import_nothing() -> None:
    """A process forked while another thread imports would wait for that import for ever."""
    program = (
        "import sys\n"
        "from audio.espeak_voice import EspeakVoice\n"
        "voice = EspeakVoice()\n"
        "before = set(sys.modules)\n"
        "voice.synthesise('satu,', 'id')\n"
        "print(set(sys.modules) - before)\n"
        "voice.close()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("set()\n", "")


def test_ctrl_c_spares_the_child(espeak: EspeakVoice) -> None:
    """Ctrl-C reaches our process group, of which the child is none: ending is left to its parent."""
    espeak.synthesise("satu,", "id")
    assert os.getpgid(child_of(espeak).pid) == child_of(espeak).pid != os.getpgid(0)
