"""The HTTP side of the public API: commands that are repeated with the same key until it is known what became of them.

Refused      the hall said no, with a stable code; the caller looks and goes on
Unwelcome    the token is not known, or may not do this: to go on makes no sense
"""

import asyncio
import contextlib
import queue
import random
import threading
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Any

import requests

THREADS = 8
CONNECT_WITHIN, ANSWER_WITHIN = 3.0, 15.0  # seconds
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 5.0
REPEAT = {429, 502, 503, 504}

JSON = dict[str, Any]


class Refused(Exception):
    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.code = code


class Unwelcome(Exception):
    pass


@dataclass(frozen=True)
class _Asked:
    loop: asyncio.AbstractEventLoop
    answer: "asyncio.Future[requests.Response]"
    method: str
    url: str
    body: JSON | None
    headers: dict[str, str]


class Client:
    """Asks from a fixed number of daemon threads, so that a server that hangs does not keep this program alive."""

    def __init__(self, base: str, token: str) -> None:
        self._base, self._token = base, token
        self._asked: queue.SimpleQueue[_Asked] = queue.SimpleQueue()
        for _ in range(THREADS):
            threading.Thread(target=self._work, daemon=True).start()

    async def get(self, path: str) -> JSON:
        return await self._ask("GET", path, None, {})

    async def post(self, path: str, body: JSON | None = None, *, as_holder: bool = False) -> JSON:
        """as_holder: without the token, as a visitor's phone does."""
        headers = {"Idempotency-Key": token_urlsafe(18)}
        if not as_holder:
            headers["Authorization"] = f"Bearer {self._token}"
        return await self._ask("POST", path, body or {}, headers)

    async def _ask(self, method: str, path: str, body: JSON | None, headers: dict[str, str]) -> JSON:
        pause = FIRST_PAUSE
        while True:
            with contextlib.suppress(requests.RequestException):
                reply = await self._once(method, path, body, headers)
                if reply.status_code not in REPEAT:
                    return _read(reply)
            await asyncio.sleep(random.uniform(0, pause))
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _once(self, method: str, path: str, body: JSON | None, headers: dict[str, str]) -> requests.Response:
        loop = asyncio.get_running_loop()
        asked = _Asked(loop, loop.create_future(), method, self._base + path, body, headers)
        self._asked.put(asked)
        return await asked.answer

    def _work(self) -> None:
        with requests.Session() as session:
            session.trust_env = False  # the hall is never behind the proxy of the environment
            while True:
                asked = self._asked.get()
                reply: requests.Response | requests.RequestException
                try:
                    reply = session.request(
                        asked.method,
                        asked.url,
                        json=asked.body,
                        headers=asked.headers,
                        timeout=(CONNECT_WITHIN, ANSWER_WITHIN),
                    )
                except requests.RequestException as error:
                    reply = error
                with contextlib.suppress(RuntimeError):  # the loop has ended
                    asked.loop.call_soon_threadsafe(_settle, asked.answer, reply)


def _settle(answer: "asyncio.Future[requests.Response]", reply: requests.Response | requests.RequestException) -> None:
    if answer.done():
        return
    if isinstance(reply, requests.RequestException):
        answer.set_exception(reply)
    else:
        answer.set_result(reply)


def _read(reply: requests.Response) -> JSON:
    """Raises Refused or Unwelcome; JSON that is none counts as a lost answer (requests.RequestException)."""
    if reply.ok:
        found: JSON = reply.json()
        return found
    code = str(reply.json().get("code")) if "json" in reply.headers.get("Content-Type", "") else ""
    if reply.status_code in (401, 403):
        raise Unwelcome(f"{reply.request.method} {reply.request.url} answers {reply.status_code} {code}")
    raise Refused(reply.status_code, code)
