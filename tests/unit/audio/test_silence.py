"""Cutting silence away, and putting the right length of it between phrases."""

from __future__ import annotations

import numpy as np
import pytest

from audio.pcm import RATE, Pcm, fade, to_pcm
from audio.silence import LEAST, join, trim


def tone(frequency: float, seconds: float, loudness: float = 0.5) -> Pcm:
    return to_pcm(loudness * np.sin(2 * np.pi * frequency * np.arange(round(seconds * RATE)) / RATE))


def silence(seconds: float) -> Pcm:
    return np.zeros(round(seconds * RATE), dtype=np.int16)


def unheard(pcm: Pcm) -> list[float]:
    """Seconds of every stretch of at least 20 ms in which no sample is within 40 dB of the loudest."""
    edges = np.flatnonzero(np.abs(pcm.astype(int)) > np.abs(pcm.astype(int)).max() / 100)
    return [gap / RATE for gap in np.diff(edges) if gap > 0.02 * RATE]


def test_trim_cuts_the_silence_around() -> None:
    """Half a second of near silence on either side goes; the sound stays, with quiet edges."""
    noise = to_pcm(np.random.default_rng(1).normal(0, 0.0005, RATE // 2))
    trimmed = trim(np.concatenate([noise, tone(300, 0.4), noise]))
    assert 0.40 <= len(trimmed) / RATE <= 0.43
    assert trimmed[0] == 0
    assert abs(int(trimmed[-1])) < 10


@pytest.mark.parametrize(("pause", "left"), [(0.05, 0.05), (0.12, 0.12), (0.14, 0.13), (0.3, 0.13)])
def test_trim_shortens_pauses_inside(pause: float, left: float) -> None:
    """Silence between words is part of the phrase, up to as much as there is between phrases; no word is touched."""
    word = fade(tone(300, 0.2))
    trimmed = trim(np.concatenate([word, silence(pause), word, silence(pause), word]))
    assert unheard(trimmed) == [pytest.approx(left, abs=0.003)] * 2
    assert len(trimmed) / RATE == pytest.approx(0.6 + 2 * left, abs=0.02)
    assert np.abs(np.diff(trimmed.astype(int))).max() <= np.abs(np.diff(word.astype(int))).max()


@pytest.mark.parametrize("length", [0.0, 0.001, 1.0])
def test_trim_of_silence_is_nothing(length: float) -> None:
    """A recording without sound has nothing left."""
    assert len(trim(silence(length))) == 0


@pytest.mark.parametrize("pause", [0.09, 0.11, 0.15])
@pytest.mark.parametrize("edge", [0.0, 0.005, 0.03])
def test_join_makes_the_heard_pause_as_long_as_asked_for(pause: float, edge: float) -> None:
    """Quiet edges of the phrases count as part of the pause, as long as some silence is left between."""
    phrase = np.concatenate([silence(edge), fade(tone(300, 0.3)), silence(edge)])
    joined = join([phrase, phrase, phrase], [pause, pause])
    expected = max(pause, LEAST + 2 * edge)
    assert unheard(joined) == [pytest.approx(expected, abs=0.002)] * 2


def test_join_measures_a_soft_phrase_by_the_whole() -> None:
    """What is loud enough alone, and not heard beside a louder phrase, counts as quiet."""
    dying = to_pcm(0.5 * np.exp(-np.arange(RATE // 2) / (0.05 * RATE)) * np.sin(np.arange(RATE // 2) / 8))
    joined = join([dying[: RATE // 4], fade(tone(300, 0.3))], [0.15])
    assert unheard(joined) == [pytest.approx(0.15, abs=0.01)]


def test_join_of_one_is_the_one() -> None:
    """Nothing is added around."""
    assert np.array_equal(join([tone(300, 0.1)], []), tone(300, 0.1))
