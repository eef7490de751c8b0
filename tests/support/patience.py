"""Halls and logs that wait longer for an answer than in life, for tests that are not about how fast this machine is."""

from collections.abc import Callable
from types import ModuleType

import pytest

from server import hall
from server.log import incoming, lease, primary, redis_log, sentinels

LONG = 60.0
TOLD_WITHIN = 3.0  # what replicas do not confirm is to be told, and tests wait for that


def wait_long(put: Callable[[ModuleType, str, float], None] = setattr) -> None:
    put(hall, "PATIENCE", LONG)
    put(redis_log, "REPLY_WITHIN", LONG)
    put(incoming, "REPLY_WITHIN", LONG)
    put(lease, "REPLY_WITHIN", LONG)
    put(sentinels, "ANSWER_WITHIN", LONG)
    put(primary, "KEPT_WITHIN", TOLD_WITHIN)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    wait_long(monkeypatch.setattr)
