"""Sound in memory and its files."""

from __future__ import annotations

import io
import wave

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.errors import DamagedAudio
from audio.pcm import RATE, Pcm, fade, fast_length, from_wav, resample, to_pcm, to_samples, to_wav


def tone(frequency: float, length: float, rate: int = RATE, strength: float = 0.5) -> Pcm:
    return to_pcm(strength * np.sin(2 * np.pi * frequency * np.arange(round(length * rate)) / rate))


def silence(length: float) -> Pcm:
    return np.zeros(round(length * RATE), dtype=np.int16)


@given(st.binary(max_size=400).filter(lambda data: len(data) % 2 == 0))
def test_wav_there_and_back(data: bytes) -> None:
    """What is written is read back bit for bit."""
    pcm = np.frombuffer(data, dtype="<i2").astype(np.int16)
    assert np.array_equal(from_wav(to_wav(pcm)), pcm)


def test_wav_is_a_wav() -> None:
    """Other programs read the file: mono, 16 bit, 24 kHz, the same samples."""
    pcm = tone(440, 0.1)
    with wave.open(io.BytesIO(to_wav(pcm))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
        assert file.readframes(file.getnframes()) == pcm.tobytes()


@given(st.integers(0, 10_000), st.integers(0, 7))
def test_one_wrong_bit_is_noticed(byte: int, bit: int) -> None:
    """A file with a single altered bit is damaged, wherever the bit is."""
    content = bytearray(to_wav(tone(440, 0.02)))
    content[byte % len(content)] ^= 1 << bit
    with pytest.raises(DamagedAudio):
        from_wav(bytes(content))


@given(st.integers(0, 1015))
def test_a_truncated_file_is_noticed(length: int) -> None:
    """A file cut off anywhere is damaged."""
    content = to_wav(tone(440, 0.02))
    with pytest.raises(DamagedAudio):
        from_wav(content[:length])


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 44_100, 48_000])
def test_resample_keeps_pitch_length_and_strength(rate: int) -> None:
    """A tone from another rate is the same tone at ours."""
    out = resample(tone(1000, 0.5, rate), rate)
    assert abs(len(out) - 0.5 * RATE) <= 1
    inner, expected = to_samples(out)[1000:-1000], to_samples(tone(1000, 0.5))[1000:-1000]
    assert np.abs(inner - expected[: len(inner)]).max() < 0.005


def test_resample_of_nothing() -> None:
    """No samples stay no samples."""
    assert len(resample(silence(0), 22_050)) == 0


def test_resample_removes_what_does_not_fit() -> None:
    """A pitch above half our rate vanishes instead of folding back."""
    out = to_samples(resample(tone(18_000, 0.5, 48_000), 48_000))[500:-500]
    assert np.abs(out).max() < 0.01


@pytest.mark.parametrize("length", [0, 1, 2, 10, 5000])
def test_fade_begins_and_ends_at_nothing(length: int) -> None:
    """However short, a faded sound starts at zero and ends next to it."""
    faded = fade(np.full(length, 20_000, dtype=np.int16))
    assert len(faded) == length
    if length > 1:
        assert faded[0] == 0
        assert faded[-1] <= 10_000
    if length == 5000:
        assert faded[-1] == 0


@given(st.integers(1, 100_000))
def test_fast_length(number: int) -> None:
    """The length is enough, never twice too much, and has only small factors."""
    length = fast_length(number)
    assert number <= length <= 2 * number
    for factor in (2, 3, 5):
        while length % factor == 0:
            length //= factor
    assert length == 1


def test_full_scale_is_clipped_not_wrapped() -> None:
    """What is too loud stays at the edge instead of jumping to the other."""
    assert to_pcm(np.array([1.5, -1.5, 1.0])).tolist() == [32767, -32768, 32767]
