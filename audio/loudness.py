"""How loud it sounds (ITU-R BS.1770-4) and how to bring it to a wanted loudness without clipping.

K-weighting is applied in the frequency domain: the response of the standard's two filters, taken at the
frequencies of one FFT over the padded signal. Their design values for any rate are those published with
the standard's 48 kHz coefficients in use by EBU R 128 meters.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from numpy import fft

from audio.pcm import RATE, Pcm, Samples, fast_length, to_pcm, to_samples

TARGET = -16.0
"""Loudness of every utterance, LUFS."""

CEILING = -1.5
"""No sample lies above this, dBFS: half a decibel under the promised -1, for the peaks between samples."""

SILENCE = -math.inf

_BLOCK = 0.4
_STEP = 0.1
_ABSOLUTE_GATE = -70.0
_RELATIVE_GATE = -10.0
_LOOK_AHEAD = 0.004
_ROUNDS = 6
_NEAR = 0.1


def integrated(pcm: Pcm) -> float:
    """Gated loudness of the whole, LUFS; SILENCE when nothing passes the gate."""
    power = _block_power(to_samples(pcm))
    power = power[_lufs(power) > _ABSOLUTE_GATE]
    if not len(power):
        return SILENCE
    gate = float(_lufs(np.array([power.mean()]))[0]) + _RELATIVE_GATE
    return float(_lufs(np.array([power[_lufs(power) > gate].mean()]))[0])


def momentary_max(pcm: Pcm) -> float:
    """Loudness of the loudest 400 ms, LUFS."""
    return float(_lufs(_block_power(to_samples(pcm))).max(initial=SILENCE))


def level(pcm: Pcm, target: float = TARGET, ceiling: float = CEILING) -> Pcm:
    """The same sound at `target` LUFS with no sample over `ceiling` dBFS. Silence stays as it is."""
    loud = integrated(pcm)
    if loud == SILENCE:
        return pcm
    samples = to_samples(pcm)
    gain = target - loud
    out = pcm
    for _ in range(_ROUNDS):
        out = to_pcm(_limit(samples * 10 ** (gain / 20), 10 ** (ceiling / 20)))
        missing = target - integrated(out)
        if abs(missing) < _NEAR:
            break
        gain += missing
    return out


def _limit(samples: Samples, ceiling: float) -> Samples:
    """A limiter that looks ahead: the gain falls before a peak and rises after it, both smoothly."""
    needed = np.minimum(1.0, ceiling / np.maximum(np.abs(samples), 1e-12))
    if needed.min(initial=1.0) == 1.0:
        return samples
    reach = round(_LOOK_AHEAD * RATE)
    held = _lowest(np.pad(needed, reach, constant_values=1.0), reach)
    return samples * _mean(_mean(held, reach + 1), reach + 1)


def _mean(values: Samples, width: int) -> Samples:
    """The mean of every `width` neighbours. Twice with half the reach it weighs them like a triangle."""
    total = np.concatenate([[0.0], np.cumsum(values)])
    return np.asarray((total[width:] - total[:-width]) / width, dtype=np.float64)


def _lowest(values: Samples, reach: int) -> Samples:
    """The least of the values within `reach` to either side."""
    width, low = 1, values
    full = 2 * reach + 1
    while width < full:
        shift = min(width, full - width)
        low = np.minimum(low, np.concatenate([low[shift:], np.ones(shift)]))
        width += shift
    return np.concatenate([np.ones(reach), low[: len(values) - reach]])


def _block_power(samples: Samples) -> Samples:
    """Mean square of the weighted signal over blocks of 400 ms, one every 100 ms; one block when shorter."""
    weighted = _weight(samples)
    block, step = round(_BLOCK * RATE), round(_STEP * RATE)
    if len(weighted) < block:
        return np.array([np.mean(weighted**2)]) if len(weighted) else np.zeros(0)
    total = np.concatenate([[0.0], np.cumsum(weighted**2)])
    starts = np.arange(0, len(weighted) - block + 1, step)
    return np.asarray((total[starts + block] - total[starts]) / block, dtype=np.float64)


def _lufs(power: Samples) -> Samples:
    return np.asarray(-0.691 + 10 * np.log10(np.maximum(power, 1e-30)), dtype=np.float64)


def _weight(samples: Samples) -> Samples:
    size = 2 * fast_length((len(samples) + RATE // 2) // 2)
    return np.asarray(fft.irfft(fft.rfft(samples, size) * _response(size), size)[: len(samples)])


@lru_cache(maxsize=2)
def _response(size: int) -> npt.NDArray[np.complex128]:
    """Of both filters at the frequencies of a transform of `size`; `level` measures the same length several times."""
    z = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size)
    return _shelf(z) * _high_pass(z)


def _shelf(z: npt.NDArray[np.complex128]) -> npt.NDArray[np.complex128]:
    """The head's effect: +4 dB above about 1.7 kHz."""
    k, q = math.tan(math.pi * 1681.974450955533 / RATE), 0.7071752369554196
    high = 10 ** (3.999843853973347 / 20)
    band = high**0.4996667741545416
    return np.asarray(
        ((high + band * k / q + k * k) + 2 * (k * k - high) * z + (high - band * k / q + k * k) * z * z)
        / ((1 + k / q + k * k) + 2 * (k * k - 1) * z + (1 - k / q + k * k) * z * z)
    )


def _high_pass(z: npt.NDArray[np.complex128]) -> npt.NDArray[np.complex128]:
    """Low frequencies count less: second order at about 38 Hz."""
    k, q = math.tan(math.pi * 38.13547087602444 / RATE), 0.5003270373238773
    below = 1 + k / q + k * k
    return np.asarray((1 - 2 * z + z * z) / (1 + 2 * (k * k - 1) / below * z + (1 - k / q + k * k) / below * z * z))
