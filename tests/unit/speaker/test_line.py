"""The line comes back in time, and counts a silent server as lost."""

import asyncio
import json
from contextlib import suppress
from itertools import islice
from time import monotonic
from typing import Any

from websockets.asyncio.server import ServerConnection, serve

from speaker.line import SILENCE, Line, delays

BEAT = json.dumps({"type": "heartbeat", "epoch": "one", "seq": 0, "log": "ok"})


def test_the_first_attempt_comes_within_half_a_second_and_later_ones_at_most_ten_apart() -> None:
    series = [list(islice(delays(), 12)) for _ in range(500)]
    assert all(0 <= one[0] <= 0.5 and max(one) <= 10 for one in series)
    assert max(one[0] for one in series) > 0.4, "full jitter"
    assert max(one[-1] for one in series) > 9
    assert min(one[-1] for one in series) < 1


async def _follow(times: int, handler: Any) -> list[tuple[str, float, int]]:
    """What a line to this server tells the first so many times: ("heard" or "lost", when, close code)."""
    told: list[tuple[str, float, int]] = []

    async def hear(frame: dict[str, Any]) -> None:
        assert frame["type"] == "heartbeat"
        told.append(("heard", monotonic(), 0))

    async def lost(why: str, code: int) -> None:
        told.append(("lost", monotonic(), code))

    async with serve(handler, "127.0.0.1", 0) as server:
        address = next(iter(server.sockets)).getsockname()
        work = asyncio.create_task(Line(f"ws://127.0.0.1:{address[1]}/", "kata", hear, lost).run())
        async with asyncio.timeout(60):
            while len(told) < times:
                await asyncio.sleep(0.02)
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
    return told[:times]


def test_it_gives_its_token_and_comes_back_soon_after_each_end() -> None:
    tokens: list[str | None] = []

    async def restarting(connection: ServerConnection) -> None:
        assert connection.request
        tokens.append(connection.request.headers.get("Authorization"))
        await connection.send(BEAT)
        await connection.close(1012, "restart")

    told = asyncio.run(_follow(24, restarting))
    assert set(tokens) == {"Bearer kata"}
    assert [what for what, _, _ in told] == [("heard", "lost")[n % 2] for n in range(len(told))]
    assert {code for what, _, code in told if what == "lost"} == {1012}
    assert told[-1][1] - told[0][1] < 20, "each starts at half a second; else they would be 38 s"


def test_a_server_that_falls_silent_is_given_up_after_twelve_seconds() -> None:
    connections = 0
    back = asyncio.Event()

    async def silent(connection: ServerConnection) -> None:
        nonlocal connections
        connections += 1
        await connection.send(BEAT)
        if connections > 1:
            back.set()
            return
        connection.transport.pause_reading()  # nor does it answer a close
        with suppress(TimeoutError):
            async with asyncio.timeout(3 * SILENCE):
                await back.wait()
        connection.transport.abort()

    told = asyncio.run(_follow(3, silent))
    assert [what for what, _, _ in told] == ["heard", "lost", "heard"]
    assert SILENCE <= told[1][1] - told[0][1] < 2 * SILENCE
    assert connections >= 2


def test_a_port_where_nobody_listens_is_asked_again_and_again(port: int) -> None:
    reasons: list[str] = []

    async def lost(why: str, code: int) -> None:
        reasons.append(why)

    async def story() -> None:
        async def hear(frame: dict[str, Any]) -> None:
            raise AssertionError(frame)

        work = asyncio.create_task(Line(f"ws://127.0.0.1:{port}/", "kata", hear, lost).run())
        async with asyncio.timeout(60):
            while len(reasons) < 3:
                await asyncio.sleep(0.02)
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)

    asyncio.run(story())
    assert all(reasons)
