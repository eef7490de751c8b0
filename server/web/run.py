"""Runs one server process until it is told to stop."""

import socket as sockets
import struct
import sys
from asyncio import BaseTransport

import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from config.settings import Settings
from server import logs
from server.log.base import LogUnsafe
from server.web.app import create_app

STALLED = 10_000  # milliseconds without a sign that sent data arrived, after which the kernel cuts a connection
LARGEST_MESSAGE = 16 * 1024  # bytes that a client may send at once
SEND_BUFFER = 128 * 1024  # bytes that the kernel keeps for a slow client
PING_EVERY, PONG_WITHIN = 20.0, 20.0  # seconds
CLOSE_WITHIN = 3  # seconds for requests under way when the server stops
REFUSED = 2  # exit code: to start it again would not help


class Protocol(WebSocketsSansIOProtocol):
    """A websocket that can be cut off: an ordinary close waits for a stalled side for ever.

    The application finds `abort` in its scope's state. What was sent and has not arrived is dropped by the kernel too.
    """

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)
        raw = transport.get_extra_info("socket")
        if raw is not None and raw.family in (sockets.AF_INET, sockets.AF_INET6):
            raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_SNDBUF, SEND_BUFFER)
            if hasattr(sockets, "TCP_USER_TIMEOUT"):
                raw.setsockopt(sockets.IPPROTO_TCP, sockets.TCP_USER_TIMEOUT, STALLED)

    async def run_asgi(self) -> None:
        self.scope["state"]["abort"] = self._abort
        await super().run_asgi()

    def _abort(self) -> None:
        if self.disconnected:  # it has just ended by itself, which the application does not know yet
            return
        raw = self.transport.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()


def serve(settings: Settings) -> None:
    """Blocks until SIGTERM or SIGINT. Exits with 2 when the log's server may forget what it acknowledges."""
    logs.configure()
    app = create_app(settings)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            ws=Protocol,
            ws_per_message_deflate=False,
            ws_max_size=LARGEST_MESSAGE,
            ws_ping_interval=PING_EVERY,
            ws_ping_timeout=PONG_WITHIN,
            access_log=False,
            log_level="warning",
            server_header=False,
            proxy_headers=False,  # what a client says of its own address would get it past the sign-in limit
            timeout_graceful_shutdown=CLOSE_WITHIN,
        )
    )

    def give_up() -> None:
        server.should_exit = True

    app.state.give_up = give_up
    server.run()
    if isinstance(app.state.fatal, LogUnsafe):
        print(app.state.fatal, file=sys.stderr)
        raise SystemExit(REFUSED)
    if app.state.fatal or not server.started:
        raise SystemExit(1)
