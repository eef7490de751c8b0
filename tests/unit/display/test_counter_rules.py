"""The counter offers exactly the presses that the table of verbs in CONTRACT.md allows (counter-rules.js)."""

from itertools import product
from typing import Any

import pytest

from tests.unit.display.conftest import Run

LIMIT = 3
BOTH: set[str | None] = {"called", "serving"}

# verb: the statuses of the ticket in hand that it needs
NEEDS: dict[str, set[str | None]] = {
    "recall": {"called"},
    "start": {"called"},
    "finish": BOTH,
    "no-show": {"called"},
    "park": BOTH,
    "return": BOTH,
    "transfer": BOTH,
    "resume": {None},
}
BECOMES = {"open": "open", "pause": "paused", "close": "closed"}
VERBS = {*NEEDS, *BECOMES, "call-next"}


def view(status: str, hand: str | None, recalls: int = 0) -> dict[str, Any]:
    ticket = {"status": hand, "recalls": recalls} if hand else None
    return {"status": status, "ticket": ticket, "recall_limit": LIMIT}


def allowed(run: Run, shown: dict[str, Any] | None) -> set[str]:
    answer: dict[str, bool] = run("counter-rules.js", "return m.allowedVerbs(given)", shown)
    return {verb for verb, is_allowed in answer.items() if is_allowed}


@pytest.mark.parametrize(
    ("status", "hand"), list(product(["open", "paused", "closed"], [None, "called", "serving"])), ids=str
)
def test_the_presses_offered_are_those_of_the_table(run: Run, status: str, hand: str | None) -> None:
    expected = {verb for verb, needs in NEEDS.items() if hand in needs}
    expected |= {verb for verb, becomes in BECOMES.items() if becomes != status}  # what is so already needs no press
    expected -= {"close"} if hand else set()  # a ticket in hand must be ended first
    expected |= {"call-next"} if status == "open" else set()
    assert allowed(run, view(status, hand)) == expected


@pytest.mark.parametrize(("recalls", "offered"), [(0, True), (LIMIT - 1, True), (LIMIT, False), (LIMIT + 1, False)])
def test_a_recall_is_offered_up_to_the_site_s_limit(run: Run, recalls: int, offered: bool) -> None:
    assert ("recall" in allowed(run, view("open", "called", recalls))) == offered


def test_before_the_first_view_nothing_is_offered(run: Run) -> None:
    assert allowed(run, None) == set()


def test_only_open_pause_and_close_change_what_a_counter_is(run: Run) -> None:
    body = "return given.map((verb) => m.statusAfter(verb))"
    verbs = sorted(VERBS)
    assert dict(zip(verbs, run("counter-rules.js", body, verbs), strict=True)) == {
        verb: BECOMES.get(verb) for verb in verbs
    }
