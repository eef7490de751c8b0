"""Many TVs in a process of their own: connects so many to one address, and prints, whenever the lowest seq shown rises,
it and how much all of them have been sent.

crowd.py URL NUMBER
"""

import asyncio
import json
import socket
import sys
from contextlib import suppress
from urllib.parse import urlsplit

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

RECEIVE_BUFFER = 16 << 10  # bytes that the kernel takes for a TV that reads nothing


async def main(url: str, number: int) -> None:
    shown, sent = [0] * number, 0

    async def tv(place: int) -> None:
        nonlocal sent
        with suppress(ConnectionClosed):
            async with connect(
                url, sock=_line(url), compression=None, proxy=None, max_queue=2, ping_interval=None
            ) as tv:
                async for frame in tv:
                    sent += len(frame)
                    lowest = min(shown)
                    shown[place] = json.loads(frame)["seq"]
                    if min(shown) > lowest:
                        print(min(shown), sent, flush=True)

    await asyncio.gather(*map(tv, range(number)))


def _line(url: str) -> socket.socket:
    line, where = socket.socket(), urlsplit(url)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
    line.connect((where.hostname, where.port))
    line.setblocking(False)
    return line


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
