"""Halls and logs that wait longer for an answer than in life, for tests that are not about how fast this machine is."""

from collections.abc import Callable
from types import ModuleType

import pytest

from server import hall
from server.log import devices, incoming, lease, primary, redis_log, sentinels, speakers

LONG = 60.0
TOLD_WITHIN = 4.0  # what replicas do not confirm is to be told, and tests wait for that; a disk stands still for less


def wait_long(put: Callable[[ModuleType, str, float], None] = setattr) -> None:
    put(hall, "PATIENCE", LONG)
    for asks in (redis_log, incoming, lease, speakers, devices):
        put(asks, "REPLY_WITHIN", LONG)
    put(sentinels, "ANSWER_WITHIN", LONG)
    put(primary, "KEPT_WITHIN", TOLD_WITHIN)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    wait_long(monkeypatch.setattr)
