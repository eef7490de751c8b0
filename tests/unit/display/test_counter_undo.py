"""What a press can be undone with, and until when that is true (counter-undo.js)."""

from typing import Any

import pytest

from tests.unit.display.conftest import Run

X = {"id": "x", "number": "A-001"}


def offer(run: Run, verb: str, ticket: dict[str, Any] | None = X) -> Any:
    return run("counter-undo.js", "return m.undoOf(given[0], given[1])", [verb, ticket])


def holds(run: Run, verb: str, *, hand: str | None = None, ticket: str = "x", aside: tuple[str, ...] = ()) -> bool:
    view = {
        "status": "open",
        "recall_limit": 3,
        "ticket": {"id": ticket, "status": hand, "recalls": 0} if hand else None,
        "parked": [{"id": id} for id in aside],
    }
    body = "return m.stillUndoes(m.undoOf(given[0], {id: 'x', number: 'A-001'}), given[1])"
    return bool(run("counter-undo.js", body, [verb, view]))


@pytest.mark.parametrize(
    ("verb", "back"), [("call-next", "return"), ("no-show", "resume"), ("park", "resume"), ("resume", "park")]
)
def test_there_is_a_way_back_from_these_presses(run: Run, verb: str, back: str) -> None:
    found = offer(run, verb)
    assert (found["verb"], found["number"]) == (back, "A-001")
    assert found.get("body") == ({"ticket": "x"} if back == "resume" else None)


@pytest.mark.parametrize("verb", ["start", "finish", "transfer", "return", "recall", "open", "pause", "close"])
def test_there_is_none_from_the_others(run: Run, verb: str) -> None:
    assert offer(run, verb) is None


def test_who_called_nobody_has_nothing_to_undo(run: Run) -> None:
    assert offer(run, "call-next", None) is None


def test_a_call_is_undone_while_that_visitor_is_called_here(run: Run) -> None:
    assert holds(run, "call-next", hand="called")
    assert not holds(run, "call-next", hand="serving")
    assert not holds(run, "call-next", hand="called", ticket="y")
    assert not holds(run, "call-next")


def test_what_was_put_aside_comes_back_while_it_lies_there_and_nobody_is_here(run: Run) -> None:
    assert holds(run, "no-show", aside=("y", "x"))
    assert not holds(run, "no-show", aside=("y",))
    assert not holds(run, "park", aside=("x",), hand="called", ticket="y")
