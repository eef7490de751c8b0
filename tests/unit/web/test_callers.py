"""Who asks, also while the database of accounts is away."""

import asyncio
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import Engine, text
from starlette.requests import HTTPConnection

from server.history.accounts import create_token
from server.history.engine import connect
from server.history.migrate import migrate
from server.web import callers
from server.web.callers import Callers
from server.web.problems import Problem
from tests.unit.web.test_doorkeeper import Clock


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """A database that is waited for, however busy this machine is."""
    monkeypatch.setattr(callers, "ANSWERS_WITHIN", 60.0)
    url = f"sqlite:///{tmp_path / 'history.sqlite3'}"
    migrate(url)
    return connect(url)


def asking(token: str) -> HTTPConnection:
    return HTTPConnection({"type": "http", "headers": [(b"authorization", f"Bearer {token}".encode())]})


def lose_the_tables(engine: Engine) -> None:
    with engine.begin() as db:
        db.execute(text("ALTER TABLE tokens RENAME TO elsewhere"))


def test_a_caller_who_was_known_today_is_believed_while_the_database_is_away(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hall does not stand still because PostgreSQL restarts; whoever was never seen has to wait."""
    monkeypatch.setattr(callers, "FRESH", 0.0)
    known, unseen = create_token(engine, "kiosk"), create_token(engine, "kiosk")
    found = Callers(engine)
    caller = asyncio.run(found.required(asking(known)))
    lose_the_tables(engine)
    assert asyncio.run(found.required(asking(known))) == caller
    with pytest.raises(Problem) as problem:
        asyncio.run(found.required(asking(unseen)))
    assert problem.value.code == "log-unavailable"
    engine.dispose()


def test_a_database_that_hangs_is_not_waited_for(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """As with a stopped PostgreSQL: whoever is known goes on, and is not held up again each time."""
    clock = Clock()
    monkeypatch.setattr(callers, "time", SimpleNamespace(monotonic=clock))
    known, unseen = create_token(engine, "kiosk"), create_token(engine, "kiosk")
    found, wakes, asked = Callers(engine), threading.Event(), []

    def hangs(*given: object) -> None:
        asked.append(given)
        wakes.wait(30)

    async def work() -> None:
        caller = await found.required(asking(known))
        monkeypatch.setattr(callers, "find_token", hangs)
        monkeypatch.setattr(callers, "ANSWERS_WITHIN", 0.2)
        clock.now += callers.FRESH
        try:
            async with asyncio.timeout(20):
                assert [await found.required(asking(known)) for _ in range(20)] == [caller] * 20
                assert len(asked) == 1
                with pytest.raises(Problem) as problem:
                    await found.required(asking(unseen))
            assert problem.value.code == "log-unavailable"
        finally:
            wakes.set()

    asyncio.run(work())
    engine.dispose()
