"""How often we may ask a service that owes us nothing, agreed between all processes of this machine.

The state stands in one small file under a file lock, because an RQ worker forks a new process for each
job: kept in memory, the pause after a refusal would be forgotten with the job that was refused.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from audio.errors import VoiceUnavailable


@dataclass(frozen=True)
class Rest:
    """The pause after the first failure in a row, doubled by each further one up to the longest (seconds)."""

    first: float
    longest: float


REFUSED = Rest(120.0, 3600.0)
"""The service said no (403, 429, a page that asks for consent): it wants to be left alone."""

UNREACHABLE = Rest(15.0, 600.0)
"""No connection, no answer in time, a broken answer, a fault on its side."""


@dataclass
class _State:
    next_at: float = 0.0
    rest_until: float = 0.0
    failures: int = 0


class Pace:
    """`interval`: seconds between two requests of all processes; `patience`: longest wait for a turn."""

    def __init__(self, file: Path, *, interval: float = 1.0, patience: float = 10.0) -> None:
        self._file = file
        self._interval = interval
        self._patience = patience

    def resting(self) -> VoiceUnavailable | None:
        """What a caller would be told now; None when it may ask. Nothing is changed, nobody waits."""
        try:
            with self._file.open("rb") as file:
                state = _read(file.fileno())
        except OSError:
            return None
        left = state.rest_until - time.time()
        return VoiceUnavailable(_reason(state), left) if left > 0 else None

    def turn(self, longest_request: float) -> None:
        """Waits for this caller's turn. VoiceUnavailable while resting, or when the queue is too long.

        After a rest only one caller may try; the others are held off while its request may last.
        """
        with self._state() as state:
            now = time.time()
            if now < state.rest_until:
                raise VoiceUnavailable(_reason(state), state.rest_until - now)
            at = max(now, state.next_at)
            if at - now > self._patience:
                raise VoiceUnavailable("too many requests wait", at - now - self._patience)
            state.next_at = at + self._interval
            if state.failures:
                state.rest_until = at + longest_request
        time.sleep(max(0.0, at - time.time()))

    def answered(self) -> None:
        """The service gave what we asked for: past failures are forgotten."""
        with self._state() as state:
            state.failures, state.rest_until = 0, 0.0

    def failed(self, rest: Rest, at_least: float = 0.0) -> float:
        """Begins a rest, at least as long as the service asked for; answers its length in seconds."""
        with self._state() as state:
            length = min(rest.first * 2.0 ** min(state.failures, 30), rest.longest)
            length = max(length, min(at_least, REFUSED.longest))
            state.failures += 1
            state.rest_until = time.time() + length
        return length

    @contextmanager
    def _state(self) -> Iterator[_State]:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise VoiceUnavailable(f"the pace cannot be kept: {error}", 60.0) from error
        try:
            # Unlocked by name below: a process forked meanwhile holds the same lock through its copy.
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            state = _read(descriptor)
            yield state
            # Padded to one length, so that a full disk cannot keep half of a longer state.
            os.pwrite(descriptor, json.dumps(asdict(state)).encode().ljust(256), 0)
        except OSError as error:
            raise VoiceUnavailable(f"the pace cannot be kept: {error}", 60.0) from error
        finally:
            with suppress(OSError):
                fcntl.flock(descriptor, fcntl.LOCK_UN)
            os.close(descriptor)


def _reason(state: _State) -> str:
    return f"resting after {state.failures} failure{'s' if state.failures > 1 else ''}"


def _read(descriptor: int) -> _State:
    """A state that cannot be read, or that a clock set back has put far ahead, counts for nothing."""
    try:
        known = json.loads(os.pread(descriptor, 4096, 0) or b"{}")
        state = _State(float(known["next_at"]), float(known["rest_until"]), int(known["failures"]))
    except (ValueError, TypeError, KeyError):
        return _State()
    ahead = max(state.next_at, state.rest_until) - time.time()
    return state if ahead <= 2 * REFUSED.longest and state.failures >= 0 else _State()
