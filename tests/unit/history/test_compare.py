"""Two drawings of a history are compared whole, a page at a time, whatever stands in them."""

from collections.abc import Iterable

import pytest
from sqlalchemy import Engine

from server.history import compare, tables
from server.history.archive import row
from server.history.engine import put, writing
from tests.unit.history.driver import Driver
from tests.unit.history.test_catching_up import fresh_history

WILD = 99_999_999_999
ENTRY = Driver().entries[0]


def archived(engine: Engine, epoch: str, seqs: Iterable[int]) -> None:
    with writing(engine) as db:
        put(db, tables.events, ({**row("hall", epoch, ENTRY), "seq": seq} for seq in seqs))


@pytest.mark.parametrize("step", [1, 3, 5000])
def test_every_entry_is_compared_once_however_far_apart_they_stand(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    monkeypatch.setattr(compare, "STEP", step)
    with fresh_history() as here, fresh_history() as again:
        archived(here, "one", [-7, *range(1, 11), WILD])
        archived(again, "one", [*range(2, 20, 2), WILD])
        archived(again, "two", [WILD])
        with here.connect() as mine, again.connect() as drawn:
            found = [(one.key["epoch"], one.key["seq"]) for one in compare.compare(mine, drawn, "hall")]
    assert found == [("one", seq) for seq in (-7, 1, 3, 5, 7, 9, 12, 14, 16, 18)] + [("two", WILD)]
