"""What a log raises."""

import pytest

from server.log import base
from server.log.base import Conflict, LogError, LogUnavailable, LogUnsafe, Position, Trimmed

FOUND = Conflict(Position("a", 3), Position("b", 2))


@pytest.mark.parametrize("error", [LogUnavailable("away"), LogUnsafe("mend it"), Trimmed(5), FOUND])
def test_every_error_says_something_and_is_a_log_error(error: LogError) -> None:
    assert isinstance(error, LogError)
    assert str(error)


def test_the_docstring_draws_the_whole_tree() -> None:
    assert base.__doc__
    for kind in LogError.__subclasses__():
        if kind.__module__ == base.__name__:
            assert f"─ {kind.__name__} " in base.__doc__


def test_a_conflict_says_what_was_believed_and_what_was_found() -> None:
    assert str(FOUND) == "the log ends at 2 of epoch b, not at 3 of epoch a"
    assert FOUND.found == Position("b", 2)
