"""Loudness against an independent meter (pyloudnorm), and levelling."""

from __future__ import annotations

import numpy as np
import pyloudnorm
import pytest

from audio.loudness import CEILING, SILENCE, TARGET, integrated, level, momentary_max
from audio.pcm import RATE, Pcm, Samples, to_pcm, to_samples

RANDOM = np.random.default_rng(7)


def meter(pcm: Pcm) -> float:
    return float(pyloudnorm.Meter(RATE, filter_class="DeMan").integrated_loudness(to_samples(pcm)))


def decibel(samples: Samples) -> float:
    return float(20 * np.log10(np.abs(samples).max()))


def tone(frequency: float, length: float, strength: float) -> Pcm:
    return to_pcm(strength * np.sin(2 * np.pi * frequency * np.arange(round(length * RATE)) / RATE))


def bursts(strength: float) -> Pcm:
    """Like speech: syllables of noise with pauses and single high peaks."""
    time = np.arange(4 * RATE) / RATE
    syllables = np.maximum(0, np.sin(2 * np.pi * 3 * time)) ** 2 * (time % 2 < 1.5)
    sound = RANDOM.normal(0, 0.1, len(time)) * syllables
    sound[RANDOM.integers(0, len(time), 20)] *= 8
    return to_pcm(sound * strength)


SOUNDS = [
    *(tone(frequency, 2.0, 0.3) for frequency in (40, 100, 440, 1000, 3000, 8000, 11000)),
    tone(997, 0.4, 0.5),
    tone(997, 3.03, 0.01),
    np.concatenate([tone(500, 1.0, 0.5), np.zeros(2 * RATE, dtype=np.int16), tone(500, 1.0, 0.02)]),
    bursts(1.0),
    bursts(0.05),
]


@pytest.mark.parametrize("pcm", SOUNDS)
def test_agrees_with_another_meter(pcm: Pcm) -> None:
    """Our loudness is that of pyloudnorm within 0.1 LU."""
    assert integrated(pcm) == pytest.approx(meter(pcm), abs=0.1)


def test_a_full_scale_tone_has_its_known_loudness() -> None:
    """A 997 Hz sine at full scale measures -3.01 LUFS (BS.1770-4)."""
    assert integrated(tone(997, 3.0, 1.0)) == pytest.approx(-3.01, abs=0.05)


def test_silence_has_no_loudness() -> None:
    """Nothing, silence and near silence pass no gate."""
    assert integrated(np.zeros(0, dtype=np.int16)) == SILENCE
    assert integrated(np.zeros(RATE, dtype=np.int16)) == SILENCE
    assert momentary_max(np.zeros(0, dtype=np.int16)) == SILENCE
    assert np.array_equal(level(np.zeros(RATE, dtype=np.int16)), np.zeros(RATE, dtype=np.int16))


def test_shorter_than_a_block() -> None:
    """A sound under 400 ms is measured over its own length."""
    assert integrated(tone(997, 0.2, 0.5)) == pytest.approx(integrated(tone(997, 2.0, 0.5)), abs=0.3)


def test_momentary_is_the_loudest_moment() -> None:
    """The loudest 400 ms are not averaged with the rest."""
    both = np.concatenate([tone(997, 1.0, 0.5), tone(997, 3.0, 0.2)])
    assert momentary_max(both) == pytest.approx(integrated(tone(997, 1.0, 0.5)), abs=0.1)


@pytest.mark.parametrize("pcm", [bursts(1.0), bursts(0.02), tone(440, 1.0, 0.01), tone(200, 0.3, 0.9)])
def test_level(pcm: Pcm) -> None:
    """Soft or loud, peaked or not: the result has the wanted loudness and no peak over the ceiling."""
    out = level(pcm)
    assert len(out) == len(pcm)
    assert integrated(out) == pytest.approx(TARGET, abs=0.3)
    assert decibel(to_samples(out)) <= CEILING + 0.01


def test_the_limiter_makes_no_click() -> None:
    """Limiting one peak bends the gain slowly: neighbouring samples keep their proportion."""
    plain = np.full(RATE, 0.1)
    plain[::2] *= -1
    peaked = plain.copy()
    peaked[RATE // 2] = 1.0
    out = to_samples(level(to_pcm(peaked), target=integrated(to_pcm(peaked))))
    gain = out / peaked
    assert np.abs(np.diff(gain)).max() < 0.02
