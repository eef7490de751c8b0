"""What 5,000 updates leave behind in a TV's page: JavaScript heap, DOM nodes and listeners, in real Chromium."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
from playwright.sync_api import CDPSession, Page, sync_playwright

from bench.figures import Figure
from bench.press_to_tv import PASSWORD, SERVICE, SITE, ZONE, admin_token
from tests.browser.chromium import launch
from tests.processes import Hall, free_port

WARM, UPDATES = 500, 5_000  # views after which the first figure is taken; and after those, the second
COUNTERS = tuple(f"loket-{n}" for n in range(1, 9))
CALL_EVERY = 4.2  # seconds, which is as often as the big place changes; all other updates open and pause counters
ROWS = 10  # calls that the lists of a TV hold
HEAP_GROWTH, HEAP_NOISE = 1.10, 0.3  # a tenth, and in MB what the engine itself keeps more or less of
NODE_GROWTH = 1.02


def measure() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="antrean-") as folder:
        env = {"ANTREAN_VOICES": "espeak", "ANTREAN_ALWAYS_OPEN": "1", "ANTREAN_ADMIN_PASSWORD": PASSWORD}
        hall = Hall(Path(folder) / "var", free_port(), env=env)
        try:
            hall.open(within=90)
            yield from _figures(*_in_chromium(hall, admin_token(hall)))
        finally:
            hall.kill()


def _figures(before: dict[str, float], after: dict[str, float]) -> Iterator[Figure]:
    why = f"flat over {UPDATES} updates: {{}} before"
    for name, key, unit, limit in (
        ("JavaScript heap of the TV", "heap", "MB", before["heap"] * HEAP_GROWTH + HEAP_NOISE),
        ("DOM nodes of the TV", "nodes", "", before["nodes"] * NODE_GROWTH),
        ("listeners of the TV", "listeners", "", before["listeners"]),
    ):
        told = why.format(f"{before[key]:.2f}" if unit else f"{before[key]:.0f}")
        yield Figure(f"{name} after {UPDATES} updates", after[key], limit, unit, told)


def _in_chromium(hall: Hall, token: str) -> tuple[dict[str, float], dict[str, float]]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        page = browser.new_page(viewport={"width": 1920, "height": 1080})
        seen = Views(page)
        page.goto(f"{hall.url}/tv/{SITE}/{ZONE}")
        page.wait_for_selector("#hero[data-state=idle]")
        busy = Busy(hall, token)
        busy.fill()
        busy.until(page, seen, WARM)
        before = _figure(page)
        busy.until(page, seen, seen.count + UPDATES)
        after = _figure(page)
        browser.close()
    return before, after


class Views:
    """Counts the views that reached the page."""

    def __init__(self, page: Page) -> None:
        self.count = 0
        page.on("websocket", lambda socket: socket.on("framereceived", self._received))

    def _received(self, text: str | bytes) -> None:
        self.count += '"type":"view"' in str(text)[:40]


class Busy:
    """A hall in which something changes all the time: counters open and pause, now and then somebody is called."""

    def __init__(self, hall: Hall, token: str) -> None:
        self._base = f"{hall.url}/api/sites/{SITE}"
        self._headers = {"Authorization": f"Bearer {token}"}
        self._step = 0
        self._called = 0.0

    def fill(self) -> None:
        """As many calls as the lists have rows: from here on nothing has to be added."""
        with httpx.Client(headers=self._headers, timeout=20) as client:
            for _ in range(ROWS):
                self._call(client)

    def until(self, page: Page, seen: Views, count: int) -> None:
        with httpx.Client(headers=self._headers, timeout=20) as client:
            while seen.count < count:
                self._change(client)
                page.wait_for_timeout(1)  # lets the page's events through

    def _change(self, client: httpx.Client) -> None:
        self._step += 1
        counter = f"{self._base}/counters/{COUNTERS[self._step % len(COUNTERS)]}"
        if time.monotonic() < self._called + CALL_EVERY:
            verb = "open" if self._step // len(COUNTERS) % 2 else "pause"
            client.post(f"{counter}/{verb}").raise_for_status()
            return
        self._call(client)

    def _call(self, client: httpx.Client) -> None:
        self._called = time.monotonic()
        client.post(f"{self._base}/tickets", json={"service": SERVICE}).raise_for_status()
        client.post(f"{self._base}/counters/{COUNTERS[0]}/open").raise_for_status()
        client.post(f"{self._base}/counters/{COUNTERS[0]}/call-next").raise_for_status()


def _figure(page: Page) -> dict[str, float]:
    """After the garbage is collected; the calls that waited have been shown."""
    page.wait_for_timeout(12_000)
    session: CDPSession = page.context.new_cdp_session(page)
    for _ in range(3):
        session.send("HeapProfiler.collectGarbage")
    heap = session.send("Runtime.getHeapUsage")["usedSize"] / 1e6
    dom = session.send("Memory.getDOMCounters")
    session.detach()
    return {"heap": heap, "nodes": float(dom["nodes"]), "listeners": float(dom["jsEventListeners"])}
