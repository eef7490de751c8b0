"""What of a journal is given away as a file: all that was asked for, or nothing."""

import pytest

from server.web.journal import MOST_EXPORTED, Found, must_be_whole
from server.web.problems import Problem
from tests.unit.domain.builders import SITE
from tests.unit.web.test_telling import teller


def found(*, more: bool = False, complete: bool = True) -> Found:
    return Found(SITE, [], more, complete, teller("id"), {})


def test_a_whole_one_is_given() -> None:
    must_be_whole(found())


def test_one_without_its_newest_entries_is_not() -> None:
    with pytest.raises(Problem) as problem:
        must_be_whole(found(complete=False))
    assert problem.value.code == "log-unavailable"


def test_of_one_that_is_too_long_a_part_is_to_be_asked_for() -> None:
    with pytest.raises(Problem, match=f"more than {MOST_EXPORTED} entries") as problem:
        must_be_whole(found(more=True))
    assert problem.value.code == "invalid"
