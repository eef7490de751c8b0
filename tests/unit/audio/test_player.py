"""The player plays all of it, in order, and returns when it was heard; on the device that makes no sound."""

from collections.abc import Callable
from threading import Thread
from time import monotonic

import numpy as np
import pytest

from audio import clock
from audio.errors import SoundUnavailable
from audio.pcm import RATE, Pcm
from audio.player import NULL, Player, Tape, devices
from tests.processes import until

LATE = 10.0  # seconds that a loaded machine may take longer


@pytest.fixture(autouse=True)
def stalls(monkeypatch: pytest.MonkeyPatch) -> None:
    """A loaded machine asks late for samples, and its device has not gone all the same."""
    monkeypatch.setattr("audio.player._STALLED", 30.0)


def once_it_plays(player: Player, act: Callable[[], None]) -> None:
    """Something is done, from another thread, when a part was given to the device and a part was not."""

    def wait_and_act() -> None:
        until(lambda: player._tape._left)
        given = player._tape.given
        until(lambda: player._tape.given > given)
        act()

    Thread(target=wait_and_act).start()


def ramp(samples: int, start: int = 1) -> Pcm:
    return np.arange(start, start + samples, dtype=np.int16)


def tone(length: float) -> Pcm:
    return np.full(round(length * RATE), 7, dtype=np.int16)


def test_a_tape_gives_every_sample_in_order_and_then_silence() -> None:
    tape = Tape()
    assert tape.take(3) == b"\0" * 6
    assert tape.put([ramp(5), ramp(4, 100)]) == 3 + 9
    given = np.frombuffer(tape.take(4) + tape.take(4) + tape.take(4), dtype="<i2")
    assert given.tolist() == [1, 2, 3, 4, 5, 100, 101, 102, 103, 0, 0, 0]
    assert tape.given == 15


def test_a_tape_that_is_cut_falls_silent_at_once() -> None:
    tape = Tape()
    tape.put([ramp(100)])
    tape.take(10)
    tape.cut()
    assert tape.take(2) == b"\0" * 4
    assert tape.put([ramp(1)]) == 13


def test_playing_ends_when_the_last_sample_was_heard_the_devices_buffer_included() -> None:
    with Player(NULL) as player:
        for _ in range(2):
            given, began = player._tape.given, monotonic()
            assert player.play([tone(0.3), tone(0.2)])
            assert player._tape.given - given >= (0.5 + 0.2) * RATE  # of the device's time: late, it takes more at once
            assert monotonic() - began <= 0.5 + 0.3 + LATE


def test_it_can_be_stopped_in_mid_word_and_goes_on_with_the_next() -> None:
    with Player(NULL) as player:
        once_it_plays(player, player.stop)
        began = monotonic()
        assert not player.play([tone(20)])
        assert monotonic() - began < LATE
        assert player.play([tone(0.1)])


def test_what_must_be_silent_by_some_moment_is_cut_off_then_and_was_not_heard_to_its_end() -> None:
    with Player(NULL) as player:
        began = monotonic()
        with pytest.raises(SoundUnavailable):
            player.play([tone(20)], clock.now() + 0.3)
        assert 0.3 <= monotonic() - began < 0.3 + LATE
        assert player.play([tone(0.1)], clock.now() + 20)


def test_closing_it_ends_what_plays() -> None:
    player = Player(NULL)
    once_it_plays(player, player.close)
    began = monotonic()
    assert not player.play([tone(20)])
    assert monotonic() - began < LATE
    assert not player.play([tone(0.1)])


def test_a_device_that_stops_asking_for_samples_is_gone_and_nothing_was_heard_to_the_end() -> None:
    with Player(NULL) as player:
        player.check()
        once_it_plays(player, player._device.stop)  # what a driver does when its device is pulled out
        with pytest.raises(SoundUnavailable, match="plugged in"):
            player.play([tone(20)])
        with pytest.raises(SoundUnavailable):
            player.check()


def test_it_can_be_closed_while_its_device_is_just_going() -> None:
    for _ in range(30):
        player = Player(NULL)
        Thread(target=player._device.stop).start()
        with pytest.raises(SoundUnavailable):
            player.play([tone(20)])
        closing = Thread(target=player.close, daemon=True)
        closing.start()
        closing.join(LATE)
        assert not closing.is_alive()


def test_a_device_of_another_name_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(SoundUnavailable) as refused:
        Player("Pengeras Suara Yang Tidak Ada")
    assert "no loudspeaker" in refused.value.reason or "there are: " in refused.value.reason
    assert all(name in refused.value.reason for name in devices())


def test_the_null_device_is_never_taken_for_a_loudspeaker() -> None:
    assert not [name for name in devices() if "null" in name.lower() or "Discard" in name]
