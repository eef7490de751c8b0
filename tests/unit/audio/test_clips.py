"""The folder of recordings."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from audio.clips import DAY, ClipStore, Shelf
from audio.espeak_voice import EspeakVoice
from audio.pcm import Pcm
from audio.phrases import Phrase
from audio.piper_voice import PiperVoice

A, B, C = "a" * 64, "b" * 64, "c" * 64
SOUND: Pcm = np.arange(1000, dtype=np.int16)


def age(path: Path, seconds: float) -> None:
    os.utime(path, (time.time() - seconds,) * 2)


def test_there_and_back(tmp_path: Path) -> None:
    """What is written is there, in a store opened anew too."""
    ClipStore(tmp_path / "clips").write(A, SOUND)
    store = ClipStore(tmp_path / "clips")
    assert store.has(A)
    found = store.read(A)
    assert found is not None
    assert np.array_equal(found, SOUND)
    assert not store.has(B)
    assert store.read(B) is None


def test_digest_depends_on_all_that_is_heard(tmp_path: Path) -> None:
    """Text, voice and settings make the digest; equal ones make an equal one."""
    store = ClipStore(tmp_path)
    plain, named = EspeakVoice(), EspeakVoice()
    named.name = "other"
    said = Phrase("nol,", False)
    digests = [store.digest(said, voice) for voice in (plain, named)]
    digests += [store.digest(other, plain) for other in (Phrase("nol.", False), Phrase("nol,", False, "en"))]
    assert len(set(digests)) == 4
    assert digests[0] == store.digest(said, EspeakVoice())
    assert all(len(digest) == 64 for digest in digests)


def test_digest_depends_on_the_model_of_its_language(tmp_path: Path) -> None:
    """A model has the same clips wherever it lies, another one has others, and the other language keeps its own."""
    for name in ("old.onnx", "moved.onnx", "new.onnx"):
        (tmp_path / name).write_bytes(name.replace("moved", "old").encode())
        (tmp_path / f"{name}.json").write_bytes(b"{}")
    before = PiperVoice({"id": tmp_path / "old.onnx", "en": tmp_path / "old.onnx"})
    after = PiperVoice({"id": tmp_path / "moved.onnx", "en": tmp_path / "new.onnx"})
    store, indonesian, english = ClipStore(tmp_path), Phrase("A,", False), Phrase("A,", False, "en")
    assert store.digest(indonesian, before) == store.digest(indonesian, after)
    assert store.digest(english, before) != store.digest(english, after)


@pytest.mark.parametrize("content", [b"", b"RIFF", b"\0" * 2044, b"x" * 5000])
def test_a_damaged_clip_is_removed(tmp_path: Path, content: bytes) -> None:
    """A damaged clip counts as missing and makes room for a new one."""
    shelf = Shelf(tmp_path, durable=True)
    shelf.path(A).write_bytes(content)
    assert shelf.read(A) is None
    assert not shelf.has(A)
    shelf.write(A, SOUND)
    assert shelf.read(A) is not None


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    """When the disk refuses, the error is told and no half file stays."""
    program = (
        "import resource, pathlib, sys, numpy\n"
        "from audio.clips import Shelf\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try: Shelf(pathlib.Path(sys.argv[1]), durable=True).write('a' * 64, numpy.ones(5000, numpy.int16))\n"
        "except OSError as error: print(error.strerror)"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "File too large\n"
    assert not list(tmp_path.iterdir())


def test_readers_and_writers_race(tmp_path: Path) -> None:
    """While threads write the same clip again and again, a reader sees all of it or nothing."""
    shelf = Shelf(tmp_path, durable=False)

    def work(index: int) -> bool:
        if index % 2:
            shelf.write(A, SOUND)
            return True
        found = shelf.read(A)
        return found is None or np.array_equal(found, SOUND)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(400)))
    assert [path.name for path in tmp_path.iterdir()] == [f"{A}.wav"]


def test_what_replaced_a_damaged_clip_in_the_same_instant_stays(tmp_path: Path) -> None:
    """Whoever finds it damaged removes that one, not the whole one that another has just written."""
    shelf = Shelf(tmp_path, durable=False)
    with ThreadPoolExecutor(4) as pool:
        for _ in range(200):
            (tmp_path / "damaged").write_bytes(b"damaged")
            (tmp_path / "damaged").replace(shelf.path(A))
            readers = [pool.submit(shelf.read, A) for _ in range(3)]
            pool.submit(shelf.write, A, SOUND).result()
            for reader in readers:
                reader.result()
            assert shelf.read(A) is not None
    assert [path.name for path in tmp_path.iterdir()] == [f"{A}.wav"]


def test_prune_by_age(tmp_path: Path) -> None:
    """What was not used for some days goes; use keeps it; half-written leftovers go after an hour."""
    shelf = Shelf(tmp_path, durable=False)
    for digest in (A, B, C):
        shelf.write(digest, SOUND)
    age(shelf.path(A), 8 * DAY)
    age(shelf.path(B), 8 * DAY)
    (tmp_path / ".left").write_bytes(b"x")
    age(tmp_path / ".left", 2 * 3600)
    assert shelf.read(B) is not None
    assert shelf.prune(keep_days=7, max_bytes=1 << 30) == 2
    assert sorted(path.name[0] for path in tmp_path.iterdir()) == ["b", "c"]


def test_prune_by_size(tmp_path: Path) -> None:
    """Over the allowed size, the longest unused go first."""
    shelf = Shelf(tmp_path, durable=False)
    for hours, digest in enumerate((A, B, C), start=2):
        shelf.write(digest, SOUND)
        age(shelf.path(digest), hours * 3600)
    assert shelf.prune(keep_days=7, max_bytes=shelf.path(A).stat().st_size * 2) == 1
    assert [shelf.has(digest) for digest in (A, B, C)] == [True, True, False]


def test_prune_spares_what_was_just_used(tmp_path: Path) -> None:
    """An address that may just have been sent keeps its file, however little room there is."""
    shelf = Shelf(tmp_path, durable=False)
    shelf.write(A, SOUND)
    assert shelf.prune(keep_days=0, max_bytes=0) == 0
    assert shelf.has(A)


def test_prune_of_a_store_keeps_phrases(tmp_path: Path) -> None:
    """Announcements go after days, phrases stay; a folder that does not exist yet is no error."""
    store = ClipStore(tmp_path / "none")
    assert store.prune_utterances() == 0
    store.write(A, SOUND)
    store.utterances.write(B, SOUND)
    for path in (store.phrases.path(A), store.utterances.path(B)):
        age(path, 30 * DAY)
    assert store.prune_utterances() == 1
    assert store.has(A)


def test_phrases_that_nobody_can_say_any_more_go(tmp_path: Path) -> None:
    """After some days without being read; what can be said stays, however long nobody said it."""
    store = ClipStore(tmp_path)
    for digest, days in ((A, 400), (B, 400), (C, 2)):
        store.write(digest, SOUND)
        age(store.phrases.path(digest), days * DAY)
    assert store.prune_phrases({A}) == 1
    assert [store.has(digest) for digest in (A, B, C)] == [True, False, True]
