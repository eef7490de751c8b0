"""How late a frame came is judged by the quickest of its connection."""

from speaker.lateness import Lateness


def test_the_quickest_frame_counts_as_having_taken_no_time() -> None:
    lateness = Lateness()
    assert lateness.of(100.0, 7.0) == 0
    assert lateness.of(103.0, 10.25) == 0.25
    assert lateness.of(104.0, 10.5) == 0, "quicker than any before"
    assert lateness.of(105.0, 16.5) == 5


def test_a_first_frame_that_was_slow_is_mended_by_the_next() -> None:
    lateness = Lateness()
    lateness.of(100.0, 9.0)
    lateness.of(103.0, 10.0)
    assert lateness.of(106.0, 15.0) == 2


def test_a_server_that_does_not_tell_is_believed() -> None:
    lateness = Lateness()
    lateness.of(100.0, 7.0)
    assert lateness.of(None, 99.0) == 0
