"""Asking seldom, together."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from audio.errors import VoiceUnavailable
from audio.pace import REFUSED, UNREACHABLE, Pace, Rest

BRIEF, LONG = Rest(0.2, 0.5), Rest(60, 60)
EARLY = 0.02  # seconds by which the clock may have been set while somebody slept


def test_turns_are_apart(tmp_path: Path) -> None:
    """Threads that ask at once are let through one by one. Each may wake up late, but none early."""
    pace = Pace(tmp_path / "pace", interval=0.1)
    at: list[float] = []
    lock = threading.Lock()

    def ask(_: int) -> None:
        pace.turn(1)
        with lock:
            at.append(time.time())

    begun = time.time()
    with ThreadPoolExecutor(5) as pool:
        list(pool.map(ask, range(5)))
    assert all(one - begun >= n * 0.1 - EARLY for n, one in enumerate(sorted(at)))


def test_turns_are_apart_between_processes(tmp_path: Path) -> None:
    """Processes share the pace through the file."""
    program = (
        "import sys, time, pathlib; from audio.pace import Pace\n"
        "pace = Pace(pathlib.Path(sys.argv[1]), interval=0.25); print(time.time())\n"
        "for _ in range(3): pace.turn(1); print(time.time())"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "pace")]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    told = [[float(line) for line in process.communicate()[0].split()] for process in running]
    begun = min(one for one, *_ in told)
    at = sorted(later for _, *all_later in told for later in all_later)
    assert len(at) == 6
    assert all(one - begun >= n * 0.25 - EARLY for n, one in enumerate(at))


def test_too_long_a_queue_is_refused(tmp_path: Path) -> None:
    """Who would wait longer than the patience is told when to come back."""
    pace = Pace(tmp_path / "pace", interval=600, patience=100)
    pace.turn(1)
    with pytest.raises(VoiceUnavailable) as refused:
        pace.turn(1)
    assert 400 < refused.value.retry_after < 500


def test_rest_after_a_failure(tmp_path: Path) -> None:
    """After a failure everyone is refused at once."""
    assert Pace(tmp_path / "pace").failed(LONG) == 60
    with pytest.raises(VoiceUnavailable, match="resting after 1 failure") as refused:
        Pace(tmp_path / "pace").turn(1)
    assert 30 < refused.value.retry_after < 60


def test_resting_is_seen_without_a_turn(tmp_path: Path) -> None:
    """Whoever only looks learns of the rest, takes nobody's turn and leaves no file behind."""
    pace = Pace(tmp_path / "pace", interval=60)
    assert pace.resting() is None
    assert not (tmp_path / "pace").exists()
    pace.failed(LONG)
    resting = Pace(tmp_path / "pace").resting()
    assert resting is not None
    assert 30 < resting.retry_after < 60
    pace.answered()
    assert pace.resting() is None
    pace.turn(1)


def test_one_tries_after_a_rest(tmp_path: Path) -> None:
    """After a rest one caller tries; the others are held off until it has an answer."""
    pace = Pace(tmp_path / "pace", interval=0)
    pace.failed(BRIEF)
    time.sleep(0.25)
    pace.turn(60)
    with pytest.raises(VoiceUnavailable):
        pace.turn(60)
    pace.answered()
    pace.turn(60)


def test_a_trial_that_never_ends_blocks_nobody(tmp_path: Path) -> None:
    """When the one that tried is killed, the next may try after the request's longest time."""
    pace = Pace(tmp_path / "pace", interval=0)
    pace.failed(Rest(0.0, 0.0))
    pace.turn(0.2)
    time.sleep(0.25)
    pace.turn(0.2)


def test_rests_double(tmp_path: Path) -> None:
    """Each further failure doubles the rest, up to the longest; an answer starts over."""
    pace = Pace(tmp_path / "pace")
    assert [pace.failed(UNREACHABLE) for _ in range(8)] == [15, 30, 60, 120, 240, 480, 600, 600]
    pace.answered()
    assert [pace.failed(REFUSED) for _ in range(6)] == [120, 240, 480, 960, 1920, 3600]


@pytest.mark.parametrize(("asked", "given"), [(30.0, 120.0), (300.0, 300.0), (1e9, 3600.0)])
def test_the_service_may_ask_for_longer(tmp_path: Path, asked: float, given: float) -> None:
    """Retry-After lengthens a rest, within an hour."""
    assert Pace(tmp_path / "pace").failed(REFUSED, asked) == given


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 300,
        b"[]",
        b'{"next_at": "soon", "rest_until": 0, "failures": 0}',
        b'{"next_at": NaN, "rest_until": 0, "failures": 1}',
        json.dumps({"next_at": 0, "rest_until": 9e12, "failures": 3}).encode(),
        b"\xff" * 10_000,
    ],
)
def test_a_useless_state_counts_for_nothing(tmp_path: Path, content: bytes) -> None:
    """A damaged file, or one from a clock far ahead, stops nobody."""
    (tmp_path / "pace").write_bytes(content)
    pace = Pace(tmp_path / "pace", interval=0)
    pace.turn(1)
    pace.turn(1)


def test_a_pace_that_cannot_be_kept_forbids_asking(tmp_path: Path) -> None:
    """Where the state cannot be written nobody asks, rather than everybody without pause."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(VoiceUnavailable, match="cannot be kept"):
        Pace(tmp_path / "file" / "pace").turn(1)
