"""What the program tells its operator, kept for the test."""

from collections.abc import Iterator, MutableMapping
from typing import Any

import pytest
from structlog.testing import capture_logs

Told = list[MutableMapping[str, Any]]


@pytest.fixture(autouse=True)
def told() -> Iterator[Told]:
    with capture_logs() as entries:
        yield entries
