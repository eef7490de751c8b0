"""Whether an address can be listened on, and whether the server behind it answers."""

import asyncio
import contextlib
import errno
import socket

from config.address import in_url
from server.host.errors import HostError

ANSWER_WITHIN = 2.0


def must_be_free(host: str, port: int) -> None:
    """Raises HostError when nobody could listen there."""
    where = f"{in_url(host)}:{port}"
    free, missing = 0, None
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, kind, protocol, _, address in found:
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                try:
                    probe.bind(address)
                    free += 1
                except OSError as error:
                    if error.errno != errno.EADDRNOTAVAIL:
                        raise
                    missing = error
        if missing and not free:
            raise missing
    except OSError as error:
        raise HostError(_sentence(error, where, port)) from None


def _sentence(error: OSError, where: str, port: int) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return f"Another program already uses {where}; stop it, or choose another port with ANTREAN_PORT."
        case errno.EACCES:
            return f"Port {port} is kept for the system's administrator; choose one above 1023 with ANTREAN_PORT."
        case errno.EADDRNOTAVAIL:
            return f"{where} is no address of this machine; choose one of its own with ANTREAN_HOST."
    return f"Nobody can listen on {where} ({error.strerror}); choose another address with ANTREAN_HOST."


async def healthy(host: str, port: int) -> bool:
    """Whether GET /healthz there answers 200."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    request = f"GET /healthz HTTP/1.1\r\nHost: {in_url(host)}:{port}\r\nConnection: close\r\n\r\n"
    try:
        async with asyncio.timeout(ANSWER_WITHIN):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(request.encode())
                status = (await reader.readline()).split()
            finally:
                writer.close()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()
    except (OSError, TimeoutError, ValueError):
        return False
    return len(status) > 1 and status[1] == b"200"
