"""Those who ask a hall for things: visitors at kiosks and operators at counters, by the contract's rules.

Whoever gets no answer asks again with the same key, of any server. Everything they do comes from the generator given.
"""

import asyncio
import random
from contextlib import suppress
from time import monotonic
from typing import Any

import httpx

from tests.faults.hall import SITE, Hall
from tests.faults.records import JSON, UNKNOWN, Attempt, Records, Request

NOTICES = ("Loket tutup pukul tiga.", "Pemilik mobil merah, mohon ke pintu utama.", "Mushola ada di lantai dua.")
SERVICES = ("ktp", "kk", "pkb", "bphtb", "paspor")
ANSWER_WITHIN = 6.0  # seconds
GIVES_UP_AFTER = 60.0  # seconds, in which every fault is over
OTHERS = ("start", "start", "finish", "no-show", "park", "recall", "return", "transfer", "pause", "open", "close")


class Client:
    """Asks for all of them, and notes down what was asked and answered. avoided: a server that nobody asks who does not
    mean it."""

    def __init__(self, hall: Hall, records: Records, rng: random.Random) -> None:
        self._hall, self._records, self._rng = hall, records, rng
        self.avoided: int | None = None
        self._http = httpx.AsyncClient(trust_env=False, timeout=ANSWER_WITHIN, limits=httpx.Limits(max_connections=100))

    async def aclose(self) -> None:
        await self._http.aclose()

    async def post(
        self, role: str, verb: str, path: str, body: JSON | None = None, server: int | None = None
    ) -> Request:
        """Until it is known what became of it, or GIVES_UP_AFTER; of this server or any."""
        key = f"{self._rng.getrandbits(60):x}"
        request = Request(self._hall.callers[role].id, key, verb, f"/api/sites/{SITE}{path}", body or {}, monotonic())
        self._records.requests.append(request)
        pause = 0.2
        while monotonic() < request.sent + GIVES_UP_AFTER:
            attempt = await self.attempt(request, role, server)
            if attempt.status not in UNKNOWN:
                break
            await asyncio.sleep(self._rng.uniform(0, pause))
            pause = min(pause * 2, 2.0)
        return request

    async def attempt(self, request: Request, role: str, server: int | None = None) -> Attempt:
        """Send it once, to this server or any."""
        headers = {"Authorization": f"Bearer {self._hall.tokens[role]}", "Idempotency-Key": request.key}
        sent, status, found = monotonic(), 0, {}
        with suppress(httpx.HTTPError, ValueError):
            answer = await self._http.post(self._url(server) + request.path, json=request.body, headers=headers)
            found, status = answer.json(), answer.status_code
        attempt = Attempt(sent, monotonic(), status, found)
        request.attempts.append(attempt)
        return attempt

    async def get(self, path: str, role: str = "", server: int | None = None, **params: Any) -> JSON:
        """Raises httpx.HTTPError."""
        headers = {"Authorization": f"Bearer {self._hall.tokens[role]}"} if role else {}
        answer = await self._http.get(
            f"{self._url(server)}/api/sites/{SITE}{path}", headers=headers, params=params or None
        )
        answer.raise_for_status()
        found: JSON = answer.json()
        return found

    def _url(self, server: int | None) -> str:
        if server is None:
            some = [n for n in range(len(self._hall.wires)) if n != self.avoided]
            server = self._rng.choice(some or [0])
        return f"http://127.0.0.1:{self._hall.wires[server].port}"


async def kiosk(client: Client, rng: random.Random, pause: float) -> None:
    """Issues tickets; sometimes asks once more with the same key, sometimes cancels one."""
    while True:
        body = {"service": rng.choice(SERVICES)} | ({"channel": "kiosk"} if rng.random() < 0.5 else {})
        request = await client.post("kiosk", "issue", "/tickets", body)
        if rng.random() < 0.2:
            await client.attempt(request, "kiosk")
        if request.done and rng.random() < 0.1:
            await client.post("supervisor", "cancel", f"/tickets/{request.done[0].body['id']}/cancel")
        await asyncio.sleep(rng.uniform(0, 2 * pause))


async def operator(client: Client, rng: random.Random, counter: str, pause: float) -> None:
    """Calls visitors, and does with them what operators do; sometimes what is not allowed just then."""
    aside: list[str] = []
    await client.post("operator", "open", f"/counters/{counter}/open")
    while True:
        draw, body = rng.random(), {}
        verb = "call-next" if draw < 0.6 else rng.choice(OTHERS)
        if aside and draw > 0.92:
            verb, body = "resume", {"ticket": aside.pop()}
        if verb == "transfer":
            body = (
                {"service": rng.choice(SERVICES)} if rng.random() < 0.7 else {"counter": f"loket-{rng.randint(1, 30)}"}
            )
        request = await client.post("operator", verb, f"/counters/{counter}/{verb}", body)
        if rng.random() < 0.15:
            await client.attempt(request, "operator")
        if verb in ("park", "no-show") and request.done:
            aside.append(request.done[0].body["ticket"]["id"])
        if verb in ("pause", "close") and request.done:
            await client.post("operator", "open", f"/counters/{counter}/open")
        await asyncio.sleep(rng.uniform(0, 2 * pause))


async def announcer(client: Client, records: Records, rng: random.Random, zones: tuple[str, ...], pause: float) -> None:
    """A supervisor who has notices read out, in one zone or in all."""
    while True:
        await asyncio.sleep(rng.uniform(0, 2 * pause))
        zone = rng.choice((*zones, None))
        body = {"text": rng.choice(NOTICES)} | ({"zone": zone} if zone else {})
        request = await client.post("supervisor", "announce", "/notices", body)
        if rng.random() < 0.3:
            await client.attempt(request, "supervisor")
        if request.done:
            records.texts[request.done[0].body["id"]] = request.done[0].body["text"]
