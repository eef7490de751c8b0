"""What is heard, measured on the rendered whole: by another meter than our own, and without its arithmetic of joins."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pyloudnorm

from audio.pcm import RATE, Pcm, from_wav, to_samples
from audio.phrases import Utterable, phrases
from audio.speech import Speech
from audio.voices import Voice

NOT_HEARD = 0.01
"""Of the loudest sample: 40 dB under it."""


def rendered(speech: Speech, digest: str) -> Pcm:
    """The samples of the very file that a speaker is given."""
    path = speech.wav(digest)
    assert path is not None
    return from_wav(path.read_bytes())


def loudness(pcm: Pcm) -> float:
    """LUFS of the whole."""
    return float(pyloudnorm.Meter(RATE).integrated_loudness(to_samples(pcm)))


def loudest_moment(pcm: Pcm) -> float:
    """LUFS of the loudest 400 ms."""
    block, step = round(0.4 * RATE), round(0.1 * RATE)
    meter = pyloudnorm.Meter(RATE)
    starts = range(0, max(1, len(pcm) - block + 1), step)
    return max(float(meter.integrated_loudness(to_samples(pcm[start : start + block]))) for start in starts)


def peak(pcm: Pcm) -> float:
    """dBFS of the loudest sample, those between the samples included (four times oversampled)."""
    samples = to_samples(pcm)
    size = 1 << len(samples).bit_length()
    between = np.fft.irfft(np.fft.rfft(samples, size), 4 * size) * 4
    return float(20 * np.log10(max(np.abs(samples).max(), np.abs(between).max())))


def pauses(pcm: Pcm, least: float = 0.0) -> list[float]:
    """Seconds of every stretch longer than `least` in which nothing is heard."""
    heard = np.flatnonzero(np.abs(pcm.astype(int)) > np.abs(pcm.astype(int)).max() * NOT_HEARD)
    return [float(length) for length in np.diff(heard) / RATE if length > least]


def joins(speech: Speech, voice: Voice, what: Utterable, pcm: Pcm) -> list[int]:
    """A place in the silence after each phrase but the last: 40 ms behind where its clip ends in the whole."""
    clips = [speech.store.read(speech.store.digest(part, voice)) for part in phrases(what)]
    places, start = [], 0
    for clip, following in pairwise(clips):
        assert clip is not None
        assert following is not None
        places.append(start + len(clip) + round(0.04 * RATE))
        start = places[-1] + int(np.flatnonzero(pcm[places[-1] :])[0]) - int(np.flatnonzero(following)[0])
    return places


def quiet_around(pcm: Pcm, at: int) -> float:
    """Seconds of unbroken quiet around a place."""
    heard = np.abs(pcm.astype(int)) > np.abs(pcm.astype(int)).max() * NOT_HEARD
    return float(heard[:at][::-1].argmax() + heard[at:].argmax()) / RATE
