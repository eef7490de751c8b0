"""The bell before a call: three falling notes of a major chord, made here from sine waves."""

from __future__ import annotations

import numpy as np

from audio.loudness import level, momentary_max
from audio.pcm import RATE, Pcm, fade, to_pcm

SETTINGS = "bell G5 E5 C5, 1"
"""Part of the chime's digest: change it together with the sound."""

LOUDEST = -18.0
"""Loudness of its loudest 400 ms, LUFS: a bell startles, so it stays under the speech."""

_NOTES = ((0.0, 783.99), (0.38, 659.26), (0.76, 523.25))
_PARTIALS = ((1.0, 1.0, 0.55), (2.0, 0.30, 0.30), (3.0, 0.12, 0.18), (4.2, 0.05, 0.09))
_ATTACK = 0.006
_LENGTH = 2.0
_TAIL = 0.25


def chime() -> Pcm:
    time = np.arange(round(_LENGTH * RATE)) / RATE
    sound = np.zeros(len(time))
    for start, pitch in _NOTES:
        since = np.maximum(time - start, 0.0)
        attack = np.minimum(since / _ATTACK, 1.0)
        for ratio, strength, decay in _PARTIALS:
            sound += strength * attack * np.exp(-since / decay) * np.sin(2 * np.pi * pitch * ratio * since)
    sound *= np.clip((_LENGTH - time) / _TAIL, 0.0, 1.0)
    even = level(to_pcm(sound / np.abs(sound).max() * 0.5), target=LOUDEST)
    return fade(level(even, target=LOUDEST - max(0.0, momentary_max(even) - LOUDEST)))
