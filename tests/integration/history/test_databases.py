"""The history on real databases: the same on SQLite and PostgreSQL, raced by processes, killed, locked and full."""

import asyncio
import multiprocessing
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from multiprocessing.synchronize import Barrier as Gate
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, func, select
from sqlalchemy.exc import OperationalError

from server.history import engine as engines
from server.history import tables as t
from server.history.accounts import create_token, ensure_admin, find_token, session_secret, sign_in
from server.history.engine import connect
from server.history.figures import DIMENSIONS
from server.history.migrate import check, migrate
from server.history.period import Period
from server.history.record import catch_up, read_cursor
from server.history.reports import report
from server.log.memory import MemoryLog
from tests.processes import CHECKOUT, until
from tests.unit.history.driver import Driver, fill, make_site
from tests.unit.history.test_catching_up import DRAWN, busy_hall, everything
from tests.unit.history.test_reports import DAY, morning

spawn = multiprocessing.get_context("spawn")


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    migrate(url)
    engine = connect(url)
    yield engine
    engine.dispose()


def log_of(hall: Driver) -> MemoryLog:
    """Its epoch is the same in every process."""
    log = MemoryLog("hall")
    log._epoch = "life"
    asyncio.run(fill(log, hall.entries))
    return log


def together(work: Callable[..., None], *args: Any, processes: int = 3) -> None:
    """Runs `work(gate, *args)` in several processes, from the gate on at once; all must succeed."""
    gate = spawn.Barrier(processes, timeout=120)
    running = [spawn.Process(target=work, args=(gate, *args)) for _ in range(processes)]
    for process in running:
        process.start()
    for process in running:
        process.join(180)
    assert [process.exitcode for process in running] == [0] * processes


def _migrate(gate: Gate, url: str) -> None:
    gate.wait()
    migrate(url)


def _catch_up(gate: Gate, url: str) -> None:
    engine, log = connect(url), log_of(busy_hall())
    gate.wait()
    asyncio.run(catch_up(engine, log, batch=7))
    engine.dispose()


def _open(gate: Gate, url: str, folder: str) -> None:
    gate.wait()
    password = ensure_admin(url, None)
    engine = connect(url)
    secret = session_secret(engine)
    engine.dispose()
    Path(folder, str(os.getpid())).write_text(f"{secret} {password}")


def _open_new_files(gate: Gate, folder: str) -> None:
    for number in range(60):
        engine = connect(f"sqlite:///{folder}/{number}.sqlite3")
        gate.wait()
        with engine.connect() as db:
            db.execute(select(1))
        engine.dispose()


def _catch_up_one_by_one(url: str) -> None:
    hall = busy_hall()
    engine, log = connect(url), log_of(hall)
    asyncio.run(catch_up(engine, log, batch=1))
    engine.dispose()


def test_the_steps_lead_to_the_tables(url: str) -> None:
    migrate(url)
    migrate(url)
    check(url)


def test_several_processes_may_migrate_at_once(url: str) -> None:
    together(_migrate, url)
    check(url)


def test_a_catch_up_leaves_the_same_rows_in_both_databases(sqlite: str, postgresql: str) -> None:
    rows = []
    for url in (sqlite, postgresql):
        migrate(url)
        engine = connect(url)
        asyncio.run(catch_up(engine, log_of(busy_hall()), batch=10))
        rows.append(everything(engine))
        engine.dispose()
    assert rows[0] == rows[1]


def test_reports_are_the_same_in_both_databases(sqlite: str, postgresql: str) -> None:
    found = []
    hall = morning()
    for url in (sqlite, postgresql):
        migrate(url)
        engine = connect(url)
        asyncio.run(catch_up(engine, log_of(hall)))
        found.append([report(engine, make_site(), Period(DAY, DAY), by, now=hall.now) for by in DIMENSIONS])
        engine.dispose()
    assert found[0] == found[1]
    assert found[0][0].total.issued == 6


def test_processes_that_catch_up_at_once_record_everything_once(engine: Engine, url: str) -> None:
    together(_catch_up, url)
    hall = busy_hall()
    with engine.connect() as db:
        assert db.execute(select(func.count()).select_from(t.events)).scalar_one() == len(hall.entries)
    raced = everything(engine)
    wipe(engine)
    asyncio.run(catch_up(engine, log_of(hall)))
    assert everything(engine) == raced


def killed_in_the_middle(engine: Engine, url: str) -> None:
    """A process that recorded one event at a time."""
    process = spawn.Process(target=_catch_up_one_by_one, args=(url,))
    process.start()
    until(lambda: (cursor := read_cursor(engine, "hall")) is not None and cursor.seq >= 5)
    process.kill()
    process.join()


def wipe(engine: Engine) -> None:
    with engines.writing(engine) as db:
        for table in DRAWN:
            db.execute(table.delete())


def test_a_kill_leaves_nothing_half_done(engine: Engine, url: str) -> None:
    hall = busy_hall()
    for _ in range(10):  # on a machine that is busy elsewhere it may be done before it is killed
        killed_in_the_middle(engine, url)
        counted = select(func.count()).select_from(t.events).scalar_subquery()
        with engine.connect() as db:  # of one moment: PostgreSQL may still be at what it was told before the kill
            killed, recorded = db.execute(select(t.cursors.c.seq, counted)).one()
        assert killed == recorded
        if killed < len(hall.entries):
            break
        wipe(engine)
    assert killed < len(hall.entries)
    asyncio.run(catch_up(engine, log_of(hall)))
    cursor = read_cursor(engine, "hall")
    assert cursor is not None
    assert cursor.seq == len(hall.entries)


def test_opened_by_several_processes_there_is_one_admin_and_one_secret(url: str, tmp_path: Path) -> None:
    folder = tmp_path / "said"
    folder.mkdir()
    together(_open, url, str(folder))
    said = [tuple(file.read_text().split()) for file in folder.iterdir()]
    assert len({secret for secret, _ in said}) == 1
    passwords = [password for _, password in said if password != "None"]
    assert len(passwords) == 1
    engine = connect(url)
    assert sign_in(engine, "admin", passwords[0]) is not None
    engine.dispose()


def test_several_processes_may_open_a_new_file_at_once(tmp_path: Path) -> None:
    """SQLite refuses, without waiting, who makes a file write-ahead while another one does."""
    together(_open_new_files, str(tmp_path))


def test_tokens_are_found_in_both_databases(engine: Engine) -> None:
    caller = find_token(engine, create_token(engine, "kiosk", "hall"))
    assert caller is not None
    assert (caller.role, caller.site) == ("kiosk", "hall")
    assert sign_in(engine, "admin\x00", "x") is None


def test_a_locked_database_is_an_error_and_loses_nothing(sqlite: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "PATIENCE", 0.2)
    migrate(sqlite)
    engine = connect(sqlite)
    blocker = sqlite3.connect(sqlite.removeprefix("sqlite:///"), isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    with pytest.raises(OperationalError, match="locked"):
        asyncio.run(catch_up(engine, log_of(busy_hall())))
    blocker.execute("ROLLBACK")
    blocker.close()
    assert asyncio.run(catch_up(engine, log_of(busy_hall()))) == len(busy_hall().entries)
    engine.dispose()


def test_a_full_disk_is_an_error_and_loses_nothing(sqlite: str) -> None:
    migrate(sqlite)
    full = connect(sqlite)

    @event.listens_for(full, "connect")
    def little_room(connection: Any, _record: Any) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages + 1}")

    with pytest.raises(OperationalError, match="full"):
        asyncio.run(catch_up(full, log_of(busy_hall()), batch=5))
    full.dispose()
    engine = connect(sqlite)
    before = read_cursor(engine, "hall")
    assert before is not None
    recorded = asyncio.run(catch_up(engine, log_of(busy_hall())))
    assert recorded == len(busy_hall().entries) - before.seq
    engine.dispose()


def test_readers_do_not_hold_up_a_writer(sqlite: str) -> None:
    migrate(sqlite)
    engine = connect(sqlite)
    with engine.connect() as reader:
        assert reader.execute(select(func.count()).select_from(t.events)).scalar_one() == 0
        asyncio.run(catch_up(engine, log_of(busy_hall())))
        assert reader.execute(select(func.count()).select_from(t.events)).scalar_one() == 0
    engine.dispose()


def test_the_file_is_its_owner_s_alone_and_its_folder_is_made(tmp_path: Path) -> None:
    file = tmp_path / "new" / "history.sqlite3"
    engine = connect(f"sqlite:///{file}")
    assert not file.parent.exists()
    migrate(f"sqlite:///{file}")
    with engine.connect() as db:
        assert db.execute(select(func.count()).select_from(t.secrets)).scalar_one() == 0
        assert [oct(one.stat().st_mode & 0o777) for one in file.parent.iterdir()] == ["0o600"] * 3
    engine.dispose()


def test_nothing_is_lost_when_another_process_ends(engine: Engine) -> None:
    """A second connection must not cost the first one its locks: whoever ended took itself for the last, and cleared the
    write-ahead log away under those that were open."""
    with engine.connect() as first, engine.connect() as second:
        for db in (first, second):
            db.execute(select(t.tokens.c.id)).all()
    script = "import sys; from server.history.engine import connect; from server.history.accounts import create_token; "
    script += "engine = connect(sys.argv[1]); create_token(engine, 'kiosk'); engine.dispose()"
    url = engine.url.render_as_string(hide_password=False)
    for _ in range(3):
        subprocess.run([sys.executable, "-c", script, url], cwd=CHECKOUT, check=True, timeout=60)
        create_token(engine, "kiosk")
    other = connect(url)
    for one in (engine, engine, other):
        with one.connect() as db:
            assert len(db.execute(select(t.tokens.c.id)).all()) == 6
    other.dispose()
