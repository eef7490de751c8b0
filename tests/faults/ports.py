"""Ports that are one hall's own for as long as it lives, whatever else runs on this machine and while it is down."""

import os
import random
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from server.host import lock

FIRST, LAST, EACH = 10_000, 20_000, 8  # below those of the other tests, which are below those the system hands out


@contextmanager
def own_ports() -> Iterator[list[int]]:
    """EACH ports of 127.0.0.1; a file that is locked keeps other halls of tests.faults away from them."""
    folder = Path(tempfile.gettempdir(), f"antrean-ports-{os.getuid()}")
    folder.mkdir(exist_ok=True)
    blocks = range(FIRST, LAST, EACH)
    for first in random.sample(blocks, len(blocks)):
        held = lock.take(folder / str(first))
        if held is None:
            continue
        try:
            ports = list(range(first, first + EACH))
            if all(map(_is_free, ports)):
                yield ports
                return
        finally:
            os.close(held)
    raise AssertionError("no ports are free")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex(("127.0.0.1", port)) != 0
