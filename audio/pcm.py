"""Sound in memory: mono 16-bit PCM at 24 kHz, and the WAV files it is kept in.

A file of ours ends with a chunk `crc ` over its samples, which players skip and which tells a damaged
file from a whole one.
"""

from __future__ import annotations

import math
import struct
import zlib

import numpy as np
import numpy.typing as npt
from numpy import fft

from audio.errors import DamagedAudio

RATE = 24_000
"""Samples per second, everywhere in this room."""

Pcm = npt.NDArray[np.int16]
Samples = npt.NDArray[np.float64]

_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
_CHECK = struct.Struct("<4sII")

_FADE = 0.003


def to_samples(pcm: Pcm) -> Samples:
    """Full scale becomes ±1."""
    return np.asarray(pcm, dtype=np.float64) / 32768.0


def to_pcm(samples: Samples) -> Pcm:
    return np.clip(np.rint(samples * 32768.0), -32768, 32767).astype(np.int16)


def seconds(pcm: Pcm) -> float:
    return len(pcm) / RATE


def to_wav(pcm: Pcm) -> bytes:
    """A whole WAV file, with our check at its end."""
    data = np.ascontiguousarray(pcm, dtype="<i2").tobytes()
    size = _HEADER.size - 8 + len(data) + _CHECK.size
    header = _HEADER.pack(b"RIFF", size, b"WAVE", b"fmt ", 16, 1, 1, RATE, RATE * 2, 2, 16, b"data", len(data))
    return header + data + _CHECK.pack(b"crc ", 4, zlib.crc32(data))


def from_wav(content: bytes) -> Pcm:
    """Reads what `to_wav` wrote and nothing else. DamagedAudio when a single bit differs."""
    body = len(content) - _HEADER.size - _CHECK.size
    if body < 0 or body % 2:
        raise DamagedAudio(f"{len(content)} bytes cannot be a clip")
    data = content[_HEADER.size : _HEADER.size + body]
    if content != to_wav(np.frombuffer(data, dtype="<i2")):
        raise DamagedAudio("header, length or check do not match the samples")
    return np.frombuffer(data, dtype="<i2").astype(np.int16)


def resample(pcm: Pcm, rate: int) -> Pcm:
    """From `rate` to RATE, band-limited, by cutting or padding the spectrum."""
    if rate == RATE or not len(pcm):
        return pcm
    divisor = math.gcd(rate, RATE)
    source, target = rate // divisor, RATE // divisor
    blocks = fast_length(math.ceil(len(pcm) / source) + 1)
    spectrum = fft.rfft(to_samples(pcm), blocks * source)
    out = fft.irfft(spectrum, blocks * target) * (target / source)
    return to_pcm(out[: math.ceil(len(pcm) * target / source)])


def fade(pcm: Pcm) -> Pcm:
    """Rises from and falls to zero within a few milliseconds."""
    length = min(round(_FADE * RATE), len(pcm) // 2)
    if not length:
        return pcm
    ramp = (1 - np.cos(np.pi * np.arange(length) / length)) / 2
    samples = to_samples(pcm)
    samples[:length] *= ramp
    samples[len(samples) - length :] *= ramp[::-1]
    return to_pcm(samples)


def fast_length(number: int) -> int:
    """The next number with no prime factor over 5: a transform of such a length is fast."""
    while True:
        rest = number
        for factor in (2, 3, 5):
            while rest % factor == 0:
                rest //= factor
        if rest == 1:
            return number
        number += 1
