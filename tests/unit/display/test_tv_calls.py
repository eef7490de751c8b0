"""The TV's big place shows every call, each for four seconds, in the order of the calls (tv-calls.js)."""

from typing import Any

from tests.unit.display.conftest import Run

NOON = "2025-12-24T12:00:{:02d}+08:00"

DRIVE = """
const queue = new m.CallQueue();
const seen = [];
given.forEach(function (step) {
  if (step.calls) {
    queue.take(step.calls, step.epoch || "e", Date.parse(step.hall), step.now);
  } else {
    queue.advance(step.now);
  }
  seen.push(queue.current && queue.current.seq);
});
return {seen: seen, pending: queue.pending.map((entry) => entry.call.seq), fresh: queue.fresh, due: queue.due(given[given.length - 1].now)};
"""


def call(seq: int, second: int = 0, number: str | None = None) -> dict[str, Any]:
    return {"seq": seq, "number": number or f"A-{seq:03d}", "counter": "1", "at": NOON.format(second)}


def view(now: int, *calls: dict[str, Any], second: int = 0, epoch: str = "e") -> dict[str, Any]:
    return {"now": now, "calls": list(calls), "hall": NOON.format(second), "epoch": epoch}


def at(now: int) -> dict[str, Any]:
    return {"now": now}


def test_on_connecting_the_newest_is_shown_at_once_and_nothing_is_played_back(run: Run) -> None:
    result = run("tv-calls.js", DRIVE, [view(0, call(9, 1), call(8, 1), call(7, 1), second=50)])
    assert result["seen"] == [9]
    assert result["pending"] == []
    assert result["fresh"] is False


def test_three_calls_within_a_second_are_all_seen_four_seconds_each(run: Run) -> None:
    old = call(1)
    steps = [
        view(0, old, second=0),
        view(10_000, call(2, 40), old, second=40),
        view(10_300, call(3, 40), call(2, 40), old, second=40),
        view(10_900, call(4, 40), call(3, 40), call(2, 40), old, second=40),
        at(13_999),
        at(14_000),
        at(17_999),
        at(18_000),
        at(30_000),
    ]
    assert run("tv-calls.js", DRIVE, steps)["seen"] == [1, 2, 2, 2, 2, 3, 3, 4, 4]


def test_a_crowd_of_calls_is_shown_faster_but_none_is_left_out(run: Run) -> None:
    body = """
    const queue = new m.CallQueue();
    queue.take([], "e", 0, 0);
    queue.take(given, "e", 0, 0);
    queue.advance(0);
    const shown = [];
    for (let now = 0; now <= 60000; now += 500) {
      queue.advance(now);
      if (shown[shown.length - 1] !== queue.current.seq) { shown.push(queue.current.seq); }
    }
    return shown;
    """
    assert run("tv-calls.js", body, [call(seq) for seq in range(15, 0, -1)]) == list(range(1, 16))


def test_several_calls_that_come_in_one_view_are_shown_oldest_first(run: Run) -> None:
    steps = [view(0), view(100, call(3), call(2), call(1)), at(4_100), at(8_100)]
    assert run("tv-calls.js", DRIVE, steps)["seen"] == [None, 1, 2, 3]


def test_the_same_view_again_calls_nobody_anew(run: Run) -> None:
    calls = [call(2), call(1)]
    steps = [view(0, *calls), view(5_000, *calls), view(6_000, *calls), at(20_000)]
    result = run("tv-calls.js", DRIVE, steps)
    assert result["seen"] == [2, 2, 2, 2]
    assert result["due"] == -1


def test_a_recall_is_a_new_call(run: Run) -> None:
    steps = [view(0, call(1, number="A-001")), view(9_000, call(2, number="A-001"), call(1, number="A-001"))]
    assert run("tv-calls.js", DRIVE, steps)["seen"] == [1, 2]


def test_a_waiting_call_that_was_called_again_is_still_shown(run: Run) -> None:
    steps = [
        view(0),
        view(10, call(1)),
        view(20, call(2), call(1)),
        view(30, call(3, number="A-002"), call(1)),  # the recall took the place of call 2 in the view
        at(5_000),
        at(9_000),
    ]
    assert run("tv-calls.js", DRIVE, steps)["seen"] == [None, 1, 1, 1, 2, 3]


def test_after_a_minute_away_only_the_newest_is_called_out(run: Run) -> None:
    steps = [
        view(0, call(1)),
        view(60_000, call(4, 55), call(3, 10), call(2, 5), call(1), second=59),
        at(64_000),
    ]
    result = run("tv-calls.js", DRIVE, steps)
    assert result["seen"] == [1, 4, 4]
    assert result["pending"] == []


def test_a_new_epoch_starts_over_with_its_newest(run: Run) -> None:
    steps = [view(0, call(90)), view(1_000, call(5), call(4), epoch="after the restore")]
    result = run("tv-calls.js", DRIVE, steps)
    assert result["seen"] == [90, 5]
    assert result["pending"] == []


def test_a_new_day_empties_the_big_place(run: Run) -> None:
    steps = [view(0, call(1)), view(1_000, call(3), call(2), call(1)), view(1_500)]
    result = run("tv-calls.js", DRIVE, steps)
    assert result["seen"] == [1, 1, None]
    assert result["pending"] == []


def test_a_call_the_view_no_longer_knows_is_not_shown(run: Run) -> None:
    steps = [view(0), view(10, call(1)), view(20, call(2), call(1)), view(30, call(1)), at(9_000)]
    assert run("tv-calls.js", DRIVE, steps)["seen"] == [None, 1, 1, 1, 1]


def test_the_list_beside_shows_each_number_once_and_not_the_one_in_the_big_place(run: Run) -> None:
    calls = [call(4, number="B-001"), call(3), call(2, number="A-003"), call(1, number="B-001")]
    body = "return m.lastCalls(given.calls, given.calls[0], 8).map((call) => call.seq)"
    assert run("tv-calls.js", body, {"calls": calls}) == [3]
    assert run("tv-calls.js", "return m.lastCalls(given, null, 2).map((call) => call.seq)", calls) == [4, 3]
