from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from server.history.engine import connect
from server.history.migrate import migrate


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/history.sqlite3"


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """A real SQLite file with all tables."""
    migrate(url)
    engine = connect(url)
    yield engine
    engine.dispose()
