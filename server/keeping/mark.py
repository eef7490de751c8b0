"""The mark that a restore leaves in the data directory until it is done: no hall opens beside half of one."""

from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct

from server.keeping.errors import Occupied

NAME = "restoring.json"


class Mark(Struct, frozen=True):
    """id: of this restore. epochs: the lives that it gives to the logs, by site."""

    id: str
    epochs: dict[str, str]


def must_be_whole(data: Path) -> None:
    """Raises Occupied when a restore into this data directory was cut off."""
    if (data / NAME).exists():
        raise Occupied(
            f"A restore into {data} was cut off, so half of a hall is missing: give `antrean restore FILE` again."
        )


def find(data: Path) -> Mark | None:
    with suppress(FileNotFoundError, msgspec.DecodeError):  # one that was cut off in writing: nothing had begun
        return msgspec.json.decode((data / NAME).read_bytes(), type=Mark)
    return None
