"""Slow and stalled readers: they get the newest view, or the end, and hold up nobody."""

import base64
import json
import socket
import struct
import time
from contextlib import ExitStack
from pathlib import Path

from server.web.sockets import STALLED
from tests.integration.web.house import Api, eventually
from tests.integration.web.test_sockets import frame, view_at

BURST = 200
ESTABLISHED = "01"


def stalled(api: Api, path: str) -> socket.socket:
    """A websocket that has shaken hands with a tiny receive buffer and then reads nothing."""
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    line.settimeout(10)
    line.connect(("127.0.0.1", api.server.port))
    key = base64.b64encode(b"0123456789abcdef").decode()
    line.sendall(
        f"GET /ws/sites/{api.site}/{path} HTTP/1.1\r\nHost: 127.0.0.1:{api.server.port}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    return line


def frames(data: bytes) -> list[dict[str, object]]:
    """The text frames in what a server sent after its handshake."""
    at, found = data.index(b"\r\n\r\n") + 4, []
    while at + 2 <= len(data):
        kind, size = data[at] & 0x0F, data[at + 1]
        at += 2
        if size == 126:
            size, at = struct.unpack(">H", data[at : at + 2])[0], at + 2
        elif size == 127:
            size, at = struct.unpack(">Q", data[at : at + 8])[0], at + 8
        if at + size > len(data):
            break
        if kind == 1:
            found.append(json.loads(data[at : at + size]))
        at += size
    return found


def test_after_a_burst_a_slow_reader_gets_the_newest_view_and_few_of_the_old_ones(api: Api) -> None:
    with stalled(api, "tv/utama") as line, api.socket("tv/utama") as quick:
        for _ in range(BURST):
            seq = api.issue()["seq"]
        assert view_at(quick, seq)["waiting"][0]["count"] == BURST
        data = bytearray()

        def newest() -> int:
            data.extend(line.recv(65536))
            seqs = [int(str(one["seq"])) for one in frames(bytes(data)) if one["type"] == "view"]
            assert seqs == sorted(seqs)
            return len(seqs) if seqs and seqs[-1] == seq else 0

        assert eventually(newest) < BURST


def test_a_reader_that_stalls_is_cut_off_and_disturbs_nobody(api: Api) -> None:
    with ExitStack() as stack:
        lines = [stack.enter_context(stalled(api, "tv/utama")) for _ in range(5)]
        quick = stack.enter_context(api.socket("tv/utama"))
        for _ in range(3 * BURST):  # more than all buffers between here and there hold
            began = time.monotonic()
            seq = api.issue()["seq"]
            view_at(quick, seq)
            assert time.monotonic() - began < STALLED - 1, "nobody waits until they are cut off"
        eventually(lambda: all(cut_off(line, api.server.port) for line in lines), within=STALLED + 20)
        seq = api.issue()["seq"]
        assert view_at(quick, seq)
        assert frame(quick, "heartbeat")["log"] == "ok"


def cut_off(line: socket.socket, port: int) -> bool:
    """Whether the server has let go of its end; the reader cannot know, as long as it does not read."""
    client = f"{line.getsockname()[1]:04X}"
    for row in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, remote, state, *_ = row.split()
        if local.endswith(f":{port:04X}") and remote.endswith(f":{client}"):
            return state != ESTABLISHED
    return True
