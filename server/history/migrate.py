"""Bring a database to the shape that this version expects; alembic keeps the order of the steps.

A new step: change tables.py, then `python -m server.history.migrate "what it does"` writes its draft.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, func, select

from server.history.engine import connect, writing

STEPS = Path(__file__).parent / "migrations"
LOCK = 0x616E7472  # of PostgreSQL, while one process migrates


def migrate(url: str, to: str = "head") -> None:
    """All missing steps up to `to`, in one transaction; nothing when there are none. Any number of processes may do it
    at once."""
    engine = connect(url)
    try:
        with writing(engine) as db:
            if db.dialect.name == "postgresql":
                db.execute(select(func.pg_advisory_xact_lock(LOCK)))
            command.upgrade(_config(db), to)
    finally:
        engine.dispose()


def revision(db: Connection) -> str:
    """The last step that was done here; "" for none."""
    return MigrationContext.configure(db).get_current_revision() or ""


def check(url: str) -> None:
    """Raises alembic's CommandError when the steps do not lead to what tables.py says."""
    engine = connect(url)
    try:
        with writing(engine) as db:
            command.check(_config(db))
    finally:
        engine.dispose()


def _config(db: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(STEPS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = db
    return config


def _draft(message: str) -> None:
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/draft.sqlite3"
        migrate(url)
        engine = connect(url)
        with writing(engine) as db:
            command.revision(_config(db), message, autogenerate=True)
        engine.dispose()


if __name__ == "__main__":
    _draft(" ".join(sys.argv[1:]))
