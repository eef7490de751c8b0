"""A power cut at noon: from the start of `antrean up` to the first view on a TV's line, and to screens that stayed on."""

import statistics
import tempfile
import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Page, sync_playwright
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from bench.figures import Figure
from bench.press_to_tv import COUNTER, PASSWORD, SITE, ZONE, admin_token
from tests.browser.chromium import launch
from tests.processes import Hall, free_port, kill_all, until

TICKETS, CALLED, COUNTERS = 300, 200, 8
CUTS = 3
LONGEST = 60.0  # seconds
VIEW_LIMIT, SCREEN_LIMIT = 10.0, 20.0  # seconds; screens come back at most 10 s apart (CONTRACT.md)
NOTE_VIEWS = """(() => {
  const Plain = window.WebSocket;
  window.WebSocket = class extends Plain {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", (event) => {
        if (String(event.data).startsWith('{"type":"view"')) { window.viewed = Date.now(); }
      });
    }
  };
})()"""


def measure() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="antrean-") as folder, sync_playwright() as playwright:
        env = {"ANTREAN_VOICES": "espeak", "ANTREAN_ALWAYS_OPEN": "1", "ANTREAN_ADMIN_PASSWORD": PASSWORD}
        hall = Hall(Path(folder) / "var", free_port(), env=env)
        browser = launch(playwright)
        try:
            hall.open(within=90)
            _noon(hall, admin_token(hall))
            screens = _screens(hall, browser)
            found = [_cut(hall, *screens) for _ in range(CUTS)]
        finally:
            browser.close()
            hall.kill()
    of = f"{TICKETS} tickets, median of {CUTS}"
    for name, limit, why, times in (
        ("the first view on a TV's line", VIEW_LIMIT, "nobody has yet looked for the cause", [one[0] for one in found]),
        ("a TV that stayed on", SCREEN_LIMIT, "no touch; a screen asks at most 10 s apart", [one[1] for one in found]),
        ("a counter that stayed on", SCREEN_LIMIT, "no touch", [one[2] for one in found]),
        ("a number from a kiosk that stayed on", SCREEN_LIMIT, "pressed until it comes", [one[3] for one in found]),
    ):
        yield Figure(f"power cut to {name} ({of})", statistics.median(times), limit, "s", why)


def _noon(hall: Hall, token: str) -> None:
    base = f"{hall.url}/api/sites/{SITE}"
    with httpx.Client(headers={"Authorization": f"Bearer {token}"}, base_url=base, timeout=60) as api:
        site = api.get(base).raise_for_status().json()
        services = cycle(service["id"] for agency in site["agencies"] for service in agency["services"][:1])
        for _ in range(TICKETS):
            api.post("/tickets", json={"service": next(services)}).raise_for_status()
        desks = [counter["id"] for agency in site["agencies"] for counter in agency["counters"]][:COUNTERS]
        for desk in desks:
            api.post(f"/counters/{desk}/open").raise_for_status()
        for _, desk in zip(range(CALLED), cycle(desks), strict=False):
            api.post(f"/counters/{desk}/call-next").raise_for_status()


def _screens(hall: Hall, browser: Browser) -> tuple[Page, Page, Page]:
    """A TV, a counter and a kiosk, signed in."""
    context = browser.new_context(locale="id-ID")
    context.add_init_script(NOTE_VIEWS)
    first = context.new_page()
    first.goto(f"{hall.url}/login")
    first.fill("input[name=password]", PASSWORD)
    first.click("button[type=submit]")
    first.wait_for_url(f"{hall.url}/")
    first.close()
    pages = []
    for path in (f"tv/{SITE}/{ZONE}", f"counter/{SITE}/{COUNTER}", f"kiosk/{SITE}?print=off"):
        page = context.new_page()
        page.goto(f"{hall.url}/{path}")
        page.evaluate("window.stayed = true")
        pages.append(page)
    tv, counter, kiosk = pages
    for page in (tv, counter):
        _viewed(page, 0)
    return tv, counter, kiosk


def _cut(hall: Hall, tv: Page, counter: Page, kiosk: Page) -> tuple[float, float, float, float]:
    """Seconds from the start until: the first view, the TV, the counter, a number at the kiosk."""
    until(lambda: not kill_all(hall.mark))
    time.sleep(3)  # everybody has noticed
    started, began = time.monotonic(), time.time() * 1000
    hall.start()
    view = _first_view(hall, started)
    shown = [(_viewed(page, began) - began) / 1000 for page in (tv, counter)]
    number = _take_number(kiosk, started)
    assert all(page.evaluate("window.stayed") for page in (tv, counter)), "a page was loaded anew"
    hall.shows("Ctrl-C closes the hall", within=LONGEST)
    return view, shown[0], shown[1], number


def _viewed(page: Page, since: float) -> float:
    """When the page got its newest view, in ms; waits for one after `since`."""
    limit = time.monotonic() + LONGEST
    while (viewed := float(page.evaluate("window.viewed || 0"))) <= since:
        assert time.monotonic() < limit, page.inner_text("body")
        page.wait_for_timeout(20)
    return viewed


def _first_view(hall: Hall, started: float) -> float:
    while time.monotonic() < started + LONGEST:
        try:
            with connect(f"ws://127.0.0.1:{hall.port}/ws/sites/{SITE}/tv/{ZONE}", open_timeout=2) as tv:
                while not str(tv.recv(timeout=5)).startswith('{"type":"view"'):
                    continue
                return time.monotonic() - started
        except (OSError, WebSocketException):
            time.sleep(0.02)
    raise AssertionError(f"no view within {LONGEST:g} s: {hall.text()}")


def _take_number(kiosk: Page, started: float) -> float:
    kiosk.bring_to_front()
    while time.monotonic() < started + LONGEST:
        for step in ("#ticket-number", "#take", "#services a", "#agencies a"):
            found = kiosk.locator(step).first
            if found.is_visible() and found.is_enabled():
                break
        if step == "#ticket-number":
            took = time.monotonic() - started
            kiosk.reload()
            return took
        if found.is_visible():
            found.click(timeout=2000)
        kiosk.wait_for_timeout(100)
    raise AssertionError(f"no number within {LONGEST:g} s: {kiosk.inner_text('body')}")
