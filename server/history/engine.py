"""Connections to the history: a SQLite file or PostgreSQL, chosen by the URL and used alike."""

import os
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, suppress
from functools import partial
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from sqlalchemy import Connection, Engine, Insert, Table, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite

PATIENCE = 10  # seconds that a writer waits for another one, or for PostgreSQL to answer a connection
INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def connect(url: str) -> Engine:
    """An engine for `url`; `dispose()` it when done. Connects at first use; then a missing folder and file are made."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_pre_ping=True, connect_args={"connect_timeout": PATIENCE})
    engine = create_engine(parsed, connect_args={"timeout": PATIENCE})
    event.listen(engine, "do_connect", partial(_make_file, parsed.database or ""))
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def writing(engine: Engine) -> AbstractContextManager[Connection]:
    """A transaction that will write. SQLite locks the file at once: a lock asked for half way may be refused."""
    return engine.execution_options(writes=True).begin()


def reading(engine: Engine) -> AbstractContextManager[Connection]:
    """A transaction in which everything is read as of one moment, whatever others write meanwhile."""
    if engine.dialect.name == "postgresql":
        return engine.execution_options(isolation_level="REPEATABLE READ").begin()
    return engine.begin()


def add(db: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert the row unless its key is there; whether it was inserted."""
    key = next(iter(table.primary_key))
    return db.execute(_insert(db, table).on_conflict_do_nothing().returning(key), row).first() is not None


def put(db: Connection, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert the rows, whole; one whose key is there replaces it."""
    found = list(rows)
    if not found:
        return
    insert = _insert(db, table)
    key = [column.name for column in table.primary_key]
    others = {column.name: insert.excluded[column.name] for column in table.columns if column.name not in key}
    db.execute(insert.on_conflict_do_update(index_elements=key, set_=others), found)


def _insert(db: Connection, table: Table) -> Any:
    insert: Insert = INSERTS[db.dialect.name](table)
    return insert


def _make_file(file: str, *_connecting: Any) -> None:
    """For its owner only: it holds password hashes and the secret of the sessions.

    One that is there is not touched: closing it would take away this process's locks on it (POSIX has them per process),
    and another one that ends would clear away the write-ahead log under our open connections.
    """
    Path(file).parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions begin where SQLAlchemy says, see _begin_sqlite
    _write_ahead(connection)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _write_ahead(connection: sqlite3.Connection) -> None:
    """SQLite waits for the locks of others, but not for this one: two that open a new file at once would refuse each
    other."""
    end = monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or monotonic() > end:
                raise
        sleep(0.01)


def _begin_sqlite(db: Connection) -> None:
    db.exec_driver_sql("BEGIN IMMEDIATE" if db.get_execution_options().get("writes") else "BEGIN")
