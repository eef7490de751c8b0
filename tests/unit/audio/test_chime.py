"""The bell."""

from __future__ import annotations

import numpy as np

from audio.chime import LOUDEST, chime
from audio.loudness import TARGET, integrated, momentary_max
from audio.pcm import RATE, to_samples


def test_never_louder_than_speech() -> None:
    """Over the whole and in its loudest moment, the chime stays under the speech."""
    bell = chime()
    assert LOUDEST < TARGET
    assert integrated(bell) <= momentary_max(bell) <= LOUDEST + 0.1
    assert integrated(bell) > TARGET - 6


def test_shape() -> None:
    """One to two and a half seconds, no clipping, starting and ending at nothing."""
    bell = to_samples(chime())
    assert 1.0 <= len(bell) / RATE <= 2.5
    assert np.abs(bell).max() < 0.7
    assert bell[0] == 0
    assert np.abs(bell[-20:]).max() < 0.001


def test_notes_fall() -> None:
    """Three notes, each lower than the one before."""
    bell = to_samples(chime())
    pitches = []
    for start in (0.05, 0.43, 0.85):
        part = bell[round(start * RATE) : round((start + 0.3) * RATE)]
        spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part)), 1 << 16))
        pitches.append(float(spectrum.argmax()) * RATE / (1 << 16))
    assert pitches == sorted(pitches, reverse=True)
    assert pitches[0] > pitches[2] * 1.3


def test_always_the_same() -> None:
    """Its file never changes under one address."""
    assert np.array_equal(chime(), chime())
