"""A spoken notice is shown while it waits and is spoken, and half a minute longer, by the hall's clock."""

from typing import Any

import pytest

from tests.unit.display.conftest import Run

NOON = "2025-12-24T12:{:02d}:{:02d}+08:00"
SHOWN = """
const found = m.noticeToShow(given.notices, given.now && Date.parse(given.now));
return found && found.seq;
"""


def at(seconds: int) -> str:
    return NOON.format(seconds // 60, seconds % 60)


def notice(seq: int, ended: int | None = None) -> dict[str, Any]:
    return {"seq": seq, "text": "Halo", "at": at(0), "ended_at": None if ended is None else at(ended)}


@pytest.mark.parametrize(
    ("notices", "now", "shown"),
    [
        ([], 0, None),
        ([notice(5)], 0, 5),
        ([notice(5)], 400, 5),
        ([notice(5, ended=100)], 100, 5),
        ([notice(5, ended=100)], 129, 5),
        ([notice(5, ended=100)], 130, None),
        ([notice(9), notice(7), notice(5, ended=100)], 101, 7),
        ([notice(9, ended=90), notice(7, ended=100)], 105, 7),
        ([notice(9, ended=100), notice(7, ended=90)], 105, 9),
        ([notice(5, ended=100)], 50, 5),
    ],
)
def test_the_one_in_turn_is_shown_and_the_last_one_for_half_a_minute(
    run: Run, notices: list[dict[str, Any]], now: int, shown: int | None
) -> None:
    assert run("tv-notices.js", SHOWN, {"notices": notices, "now": at(now)}) == shown


def test_before_the_halls_clock_is_known_only_what_still_waits_is_shown(run: Run) -> None:
    assert run("tv-notices.js", SHOWN, {"notices": [notice(5, ended=0)], "now": None}) is None
    assert run("tv-notices.js", SHOWN, {"notices": [notice(5)], "now": None}) == 5
