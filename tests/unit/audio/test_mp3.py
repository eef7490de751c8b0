"""MP3 recordings (phrase.mp3: "nol satu dua," by espeak-ng, encoded with LAME at 24 kHz, 32 kbit/s)."""

from __future__ import annotations

import contextlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audio.errors import DamagedAudio
from audio.mp3 import decode
from audio.pcm import RATE, to_samples
from audio.silence import trim

MP3 = Path(__file__).with_name("phrase.mp3").read_bytes()


def test_decode() -> None:
    """A recording comes out at our rate, with its speech."""
    pcm = decode(MP3)
    assert len(pcm) / RATE == pytest.approx(1.5, abs=0.1)
    assert len(trim(pcm)) / RATE == pytest.approx(1.05, abs=0.05)
    assert np.abs(to_samples(pcm)).max() > 0.1


def test_tags_are_passed_over() -> None:
    """ID3 tags before and after do not disturb."""
    tagged = b"ID3\x04\0\0\0\0\0\x0a" + bytes(10) + MP3 + b"TAG" + bytes(125)
    assert len(trim(decode(tagged))) == len(trim(decode(MP3)))


@settings(max_examples=60)
@given(st.integers(1, len(MP3) - 1))
def test_half_an_mp3_is_refused(length: int) -> None:
    """A recording cut within a frame is damaged; only a cut between two frames looks whole."""
    try:
        cut = decode(MP3[:length])
    except DamagedAudio:
        return
    assert MP3[length] == 0xFF, "the cut is where the next frame begins"
    assert len(cut) < len(decode(MP3))


@settings(max_examples=100)
@given(st.binary(max_size=300))
def test_garbage_is_refused(content: bytes) -> None:
    """Bytes that are no MP3 raise our error and nothing else."""
    with pytest.raises(DamagedAudio):
        decode(content)


@settings(max_examples=60)
@given(st.integers(0, len(MP3) - 1), st.integers(1, 255))
def test_a_wrong_byte_never_crashes(at: int, change: int) -> None:
    """An altered recording is decoded or refused, never worse."""
    content = bytearray(MP3)
    content[at] ^= change
    with contextlib.suppress(DamagedAudio):
        assert decode(bytes(content)).dtype == np.int16
