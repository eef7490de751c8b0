"""The websockets of a server process."""

import asyncio
from collections.abc import Callable

import pytest
import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket
from websockets.asyncio.client import connect

from server.web.run import Protocol
from tests.processes import free_port
from tests.support.proxy import until


@pytest.mark.parametrize("make_loop", [uvloop.new_event_loop, asyncio.new_event_loop])
def test_one_that_ends_by_itself_at_that_moment_may_still_be_cut_off(
    make_loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    """Who cuts it off, because it is silent or takes nothing, may not have heard of its end yet."""
    outcome: list[None] = []

    async def ends(socket: WebSocket) -> None:
        await socket.accept()
        await socket.receive()
        await asyncio.sleep(0.1)  # the connection is closed meanwhile
        outcome.append(socket.scope["state"]["abort"]())

    async def story() -> None:
        port = free_port()
        app = Starlette(routes=[WebSocketRoute("/", ends)])
        server = uvicorn.Server(uvicorn.Config(app, port=port, ws=Protocol, log_level="critical"))
        serving = asyncio.create_task(server.serve())
        await until(lambda: server.started)
        async with connect(f"ws://127.0.0.1:{port}/", proxy=None):
            pass
        await until(lambda: outcome or not server.server_state.tasks)
        server.should_exit = True
        await serving
        assert outcome == [None]

    with asyncio.Runner(loop_factory=make_loop) as runner:
        runner.run(story())
