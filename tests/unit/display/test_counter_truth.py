"""Between an answer and its view the counter shows the answer, and never flickers back (counter-truth.js)."""

from typing import Any

from tests.unit.display.conftest import Run

DRIVE = """
let clock = 0;
const truth = new m.Truth(() => clock);
const seen = [];
given.forEach(function (step) {
  clock = step.now || clock;
  if (step.view) { truth.take(step.view, {epoch: step.epoch || "e", seq: step.seq}); }
  if (step.verb) { truth.answer(step.verb, {ticket: step.ticket, seq: step.seq}); }
  const shown = truth.shown;
  seen.push(shown && [shown.status, shown.ticket && shown.ticket.number]);
});
return seen;
"""


def view(seq: int, number: str | None = None, status: str = "open", epoch: str = "e", now: int = 0) -> dict[str, Any]:
    hand = {"number": number, "status": "called"} if number else None
    return {"view": {"status": status, "ticket": hand}, "seq": seq, "epoch": epoch, "now": now}


def answer(verb: str, seq: int, number: str | None = None, status: str = "called") -> dict[str, Any]:
    return {"verb": verb, "seq": seq, "ticket": {"number": number, "status": status} if number else None}


def drive(run: Run, *steps: dict[str, Any]) -> Any:
    return run("counter-truth.js", DRIVE, list(steps))


def test_there_is_nothing_to_show_before_the_first_view(run: Run) -> None:
    assert drive(run, answer("call-next", 5, "A-001")) == [None]


def test_a_view_replaces_the_former_one_also_with_an_equal_or_lower_seq(run: Run) -> None:
    steps = [view(5, "A-001"), view(5, "A-002"), view(1, "A-003", epoch="after the restore")]
    assert drive(run, *steps) == [["open", "A-001"], ["open", "A-002"], ["open", "A-003"]]


def test_the_called_ticket_is_shown_before_its_view_comes(run: Run) -> None:
    assert drive(run, view(5), answer("call-next", 6, "A-001")) == [["open", None], ["open", "A-001"]]


def test_a_view_that_does_not_know_of_the_answer_yet_does_not_take_it_back(run: Run) -> None:
    steps = [view(5), answer("call-next", 8, "A-001"), view(7), view(8, "A-001"), view(9)]
    assert [number for _, number in drive(run, *steps)] == [None, "A-001", "A-001", "A-001", None]


def test_an_answer_older_than_the_view_changes_nothing(run: Run) -> None:
    assert drive(run, view(8), answer("call-next", 8, "A-001"), answer("call-next", 7, "A-001")) == [["open", None]] * 3


def test_what_left_the_hand_is_gone_at_once(run: Run) -> None:
    for verb, status in [("finish", "served"), ("park", "parked"), ("no-show", "no-show"), ("transfer", "waiting")]:
        steps = [view(5, "A-001"), answer(verb, 6, "A-001", status)]
        assert drive(run, *steps)[-1] == ["open", None], verb


def test_a_call_that_found_nobody_empties_the_hand(run: Run) -> None:
    assert drive(run, view(5, "A-001"), answer("call-next", 6))[-1] == ["open", None]


def test_open_pause_and_close_change_the_counter_and_leave_the_hand_alone(run: Run) -> None:
    assert drive(run, view(5, "A-001"), answer("pause", 6, "A-001"))[-1] == ["paused", "A-001"]
    assert drive(run, view(5), answer("close", 6))[-1] == ["closed", None]


def test_when_no_view_comes_the_answer_is_let_go_after_four_seconds(run: Run) -> None:
    steps = [view(5, now=1000), answer("call-next", 6, "A-001"), {"now": 5000}, {"now": 5001}]
    assert [number for _, number in drive(run, *steps)] == [None, "A-001", "A-001", None]


def test_a_new_epoch_ends_the_answer_of_the_old_one(run: Run) -> None:
    steps = [view(5), answer("call-next", 90, "A-001"), view(3, "A-002", epoch="after the restore")]
    assert drive(run, *steps)[-1] == ["open", "A-002"]
