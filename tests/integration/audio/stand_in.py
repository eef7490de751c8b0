"""A stand-in of Google's endpoint over TLS, on this machine."""

from __future__ import annotations

import base64
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import lameenc
import numpy as np

from audio.gtts_voice import GttsVoice
from audio.pace import Pace
from audio.pcm import RATE, Pcm
from audio.voices import Voice

HERE = Path(__file__).parent
MP3 = (HERE.parents[1] / "unit" / "audio" / "phrase.mp3").read_bytes()
CA = HERE / "tls" / "ca.pem"


def sound_answer(mp3: bytes = MP3) -> bytes:
    """An answer as the service gives it: a guard line, lengths, rows of JSON in JSON."""
    row = json.dumps([["wrb.fr", "jQ1olc", json.dumps([base64.b64encode(mp3).decode()])]], separators=(",", ":"))
    return f')]}}\'\n\n{len(row)}\n{row}\n25\n[["e",4,null,null,161]]\n'.encode()


def mp3_of(pcm: Pcm) -> bytes:
    """As the service sends it: MPEG-2 Layer III, mono, 24 kHz, 64 kbit/s."""
    encoder = lameenc.Encoder()
    encoder.set_bit_rate(64)
    encoder.set_in_sample_rate(RATE)
    encoder.set_channels(1)
    encoder.set_quality(2)
    encoder.silence()
    return bytes(encoder.encode(pcm.astype("<i2").tobytes()) + encoder.flush())


class StandIn(ThreadingHTTPServer):
    """`answer(handler)` writes each reply; `asked` holds (path, text, language) of every request."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, certificate: str = "server.pem") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[tuple[str, str, str]] = []
        self.over = threading.Event()
        self.answer: Callable[[BaseHTTPRequestHandler], None] = lambda handler: reply(handler, 200, sound_answer())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(HERE / "tls" / certificate)
        # The handshake belongs to the request's own thread, and a client that refuses us is no news.
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def handle_error(self, request: object, client_address: object) -> None:
        pass

    def speak_with(self, voice: Voice) -> None:
        """From now on answers what it is asked to say, in the words of another voice, silence before and after."""
        silence = np.zeros(RATE // 5, dtype=np.int16)

        def answer(handler: BaseHTTPRequestHandler) -> None:
            _, text, language = self.asked[-1]
            spoken = voice.synthesise(text, "en" if language == "en" else "id")
            reply(handler, 200, sound_answer(mp3_of(np.concatenate([silence, spoken, silence]))))

        self.answer = answer

    def voice(self, folder: Path, ca: Path | None = CA, **options: float) -> GttsVoice:
        pace = Pace(folder / "gtts.pace", interval=0.0)
        times = {"connect": 30.0, "read": 30.0, "whole": 60.0, **options}
        return GttsVoice(pace, base_url=f"https://127.0.0.1:{self.server_port}", ca=ca, **times)


class _Handler(BaseHTTPRequestHandler):
    server: StandIn
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        [[[rpc, asked, _, _]]] = json.loads(parse_qs(body)["f.req"][0])
        text, language, _speed, _ = json.loads(asked)
        assert rpc == "jQ1olc"
        self.server.asked.append((self.path, text, language))
        self.server.answer(self)

    def log_message(self, *_: object) -> None:
        pass


def reply(handler: BaseHTTPRequestHandler, status: int, content: bytes, **headers: str) -> None:
    """A whole HTTP reply; header names with _ for -."""
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(content)))
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(content)


@contextmanager
def running(certificate: str) -> Iterator[StandIn]:
    """A stand-in that serves until the block ends."""
    with StandIn(certificate) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            server.shutdown()
            thread.join()
