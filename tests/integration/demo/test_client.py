"""The demo's HTTP client against a real HTTP server that answers as it is told."""

import asyncio
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from demo.client import Client, Refused, Unwelcome

HANG_UP = 0


@dataclass
class Told:
    """statuses: the next answers. heard: the headers of the requests so far."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    heard: list[dict[str, str]] = field(default_factory=list)


@pytest.fixture
def server() -> Iterator[Told]:
    told = Told()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            told.heard.append(dict(self.headers))
            status = told.statuses.pop(0)
            if status != HANG_UP:
                body = json.dumps({"code": f"code-{status}"}).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/problem+json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        told.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield told
        server.shutdown()
        thread.join()


def post(told: Told, *, as_holder: bool = False) -> dict[str, Any]:
    return asyncio.run(Client(told.url, "secret").post("/x", {"a": 1}, as_holder=as_holder))


def test_an_unknown_outcome_is_asked_again_with_the_same_key(server: Told) -> None:
    server.statuses = [503, HANG_UP, 429, 200]
    assert post(server) == {"code": "code-200"}
    assert len(server.heard) == 4
    assert len({heard["Idempotency-Key"] for heard in server.heard}) == 1
    assert server.heard[0]["Authorization"] == "Bearer secret"


def test_each_command_has_a_key_of_its_own_and_a_phone_has_no_token(server: Told) -> None:
    server.statuses = [200, 200]
    post(server, as_holder=True)
    post(server, as_holder=True)
    assert server.heard[0]["Idempotency-Key"] != server.heard[1]["Idempotency-Key"]
    assert "Authorization" not in server.heard[0]


@pytest.mark.parametrize("status", [404, 409, 422, 500])
def test_a_refusal_is_not_asked_again(server: Told, status: int) -> None:
    server.statuses = [status]
    with pytest.raises(Refused) as refused:
        post(server)
    assert refused.value.code == f"code-{status}"


@pytest.mark.parametrize("status", [401, 403])
def test_a_token_that_is_not_accepted_ends_it(server: Told, status: int) -> None:
    server.statuses = [status]
    with pytest.raises(Unwelcome):
        post(server)
