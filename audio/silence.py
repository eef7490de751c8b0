"""Silence: cut away around a phrase, shortened within it, put between phrases at the length heard in the whole."""

from __future__ import annotations

import math

import numpy as np

from audio.pcm import RATE, Pcm, fade, to_samples

QUIET = 10 ** (-40 / 20)
"""What lies 40 dB under the loudest sample of the whole is not heard in a hall."""

LONGEST = 0.13
"""Seconds of quiet within a phrase (at a comma); more would tear it, for between phrases there is no more either."""

LEAST = 0.08
"""Seconds of nothing at all between two phrases, however quiet they end and begin."""

_WINDOW = 0.005
_BELOW_LOUDEST = 10 ** (-42 / 20)
_KEEP_BEFORE = 0.005
_KEEP_AFTER = 0.015


def trim(pcm: Pcm) -> Pcm:
    """Without the silence around it and with short pauses in it, edges faded so that nothing clicks. Empty when there
    is no sound."""
    window = round(_WINDOW * RATE)
    whole = to_samples(pcm[: len(pcm) // window * window])
    if not len(whole):
        return pcm[:0]
    loud = np.sqrt(np.mean(whole.reshape(-1, window) ** 2, axis=1))
    heard = np.flatnonzero(loud > max(loud.max() * _BELOW_LOUDEST, 1 / 32768))
    if not len(heard):
        return pcm[:0]
    start = max(0, int(heard[0]) * window - round(_KEEP_BEFORE * RATE))
    end = min(len(pcm), (int(heard[-1]) + 1) * window + round(_KEEP_AFTER * RATE))
    return _tightened(fade(pcm[start:end]))


def _tightened(pcm: Pcm) -> Pcm:
    """With no quiet stretch over LONGEST: the middle of a longer one is left out."""
    size = np.abs(pcm.astype(np.int32))
    heard = np.flatnonzero(size > size.max() * QUIET)
    half = round(LONGEST * RATE) // 2
    pieces, at = list[Pcm](), 0
    for index in np.flatnonzero(np.diff(heard) > 2 * half):
        pieces.append(fade(pcm[at : heard[index] + half]))
        at = int(heard[index + 1]) - half
    return np.concatenate([*pieces, fade(pcm[at:])]) if pieces else pcm


def join(parts: list[Pcm], pauses: list[float]) -> Pcm:
    """One after the other; after part i it is quiet for `pauses[i]` seconds (one fewer than parts), the quiet end of
    part i and the quiet begin of the next included."""
    loudest = max((int(np.abs(part.astype(np.int32)).max(initial=0)) for part in parts), default=0)
    pieces: list[Pcm] = []
    for index, part in enumerate(parts):
        pieces.append(part)
        if index < len(parts) - 1:
            edges = _quiet_start(part[::-1], loudest) + _quiet_start(parts[index + 1], loudest)
            pieces.append(np.zeros(max(round(pauses[index] * RATE) - edges, math.ceil(LEAST * RATE)), dtype=np.int16))
    return np.concatenate(pieces)


def _quiet_start(pcm: Pcm, loudest: int) -> int:
    """Samples before the first that is heard where the loudest is `loudest`."""
    heard = np.abs(pcm.astype(np.int32)) > loudest * QUIET
    return int(heard.argmax()) if heard.any() else len(pcm)
