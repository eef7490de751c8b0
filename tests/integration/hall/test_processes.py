"""Halls in processes of their own, as servers beside each other are, raced on one log."""

import asyncio
import base64
import os
import pickle
import subprocess
import sys
from contextlib import ExitStack
from typing import IO

import pytest

from server.domain.events import Entry
from server.domain.evolve import fold
from server.domain.state import State
from server.log.redis_log import RedisLog
from tests.integration.hall.one_process import CLIENTS, ROUNDS, SHARED
from tests.processes import CHECKOUT
from tests.support.halls import Asked, check_answers, check_log, entries_of, numbers
from tests.unit.domain.builders import SITE


class Process:
    def __init__(self, url: str, name: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.hall.one_process", url, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=CHECKOUT,
            env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        )

    def __enter__(self) -> "Process":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def says(self) -> str:
        return self._pipe(self.process.stdout).readline().strip()

    def tell(self, word: str) -> None:
        pipe = self._pipe(self.process.stdin)
        pipe.write(word + "\n")
        pipe.flush()

    def _pipe(self, pipe: IO[str] | None) -> IO[str]:
        assert pipe
        return pipe


@pytest.mark.parametrize("count", [2, 4])
def test_processes_that_race_hand_out_every_number_once_and_never_refuse_falsely(redis_url: str, count: int) -> None:
    """No number twice and no gap; a key given to all gets one ticket and the same answer; nobody is told that nobody
    waits while somebody does; what was answered stands before what was asked later; no hall faltered; and in the end
    all know what the log says."""
    with ExitStack() as stack:
        processes = [stack.enter_context(Process(redis_url, f"p{n}")) for n in range(count)]
        for process in processes:
            assert process.says() == "ready"
        for process in processes:
            process.tell("go")
        for process in processes:
            assert process.says() == "done"
        entries = asyncio.run(whole(redis_url))
        for process in processes:
            process.tell(str(entries[-1].seq))
        found: list[tuple[list[Asked], State, int]] = [
            pickle.loads(base64.b64decode(process.says())) for process in processes
        ]
    check_log(entries)
    asked = [one for own, _, _ in found for one in own]
    check_answers(entries, asked)
    assert len(numbers(entries)) == count * CLIENTS * ROUNDS + SHARED
    for n in range(SHARED):
        same = {(one.seq, one.number) for one in asked if one.key == f"shared-{n}"}
        assert len(same) == 1, same
    for _, state, faltered in found:
        assert state == fold(entries)
        assert faltered == 0


async def whole(url: str) -> list[Entry]:
    log = RedisLog(SITE.id, url)
    try:
        return await entries_of(log)
    finally:
        await log.aclose()
