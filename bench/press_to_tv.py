"""From the press of Panggil to the TV's change: over the wire, and in real Chromium from press to painted number."""

import asyncio
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
from playwright.sync_api import Page, sync_playwright
from websockets.asyncio.client import connect

from bench.figures import Figure, percentile
from tests.browser.chromium import launch
from tests.processes import ANTREAN_UP, CHECKOUT, Hall, free_port

SITE, SERVICE, COUNTER, ZONE = "mpp-kukar", "ktp-rekam", "loket-1", "utama"
CALLS, PRESSES = 200, 20
WIRE_LIMIT, SCREEN_LIMIT = 100.0, 300.0  # ms: what feels immediate; what a visitor does not notice
PASSWORD = "ukuran-waktu"

WATCH_TV = """() => {
  const number = document.getElementById("hero-number");
  new MutationObserver(() => requestAnimationFrame(() => setTimeout(() => { window.changed = Date.now(); }, 0)))
    .observe(number, { childList: true, characterData: true, subtree: true });
}"""
WATCH_PRESS = """() => document.getElementById("call").addEventListener(
  "click", () => { window.pressed = Date.now(); }, true)"""


def measure() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="antrean-") as folder:
        env = {"ANTREAN_VOICES": "espeak", "ANTREAN_ALWAYS_OPEN": "1", "ANTREAN_ADMIN_PASSWORD": PASSWORD}
        hall = Hall(Path(folder) / "var", free_port(), env=env)
        try:
            hall.open(within=90)
            token = admin_token(hall)
            took = asyncio.run(_over_the_wire(hall, token))
            yield _figure("Panggil to the TV's new view, websocket, p50", percentile(took, 0.5), WIRE_LIMIT)
            yield _figure("Panggil to the TV's new view, websocket, p95", percentile(took, 0.95), WIRE_LIMIT)
            took = _in_chromium(hall, token)
            yield _figure("Panggil pressed to number on the TV, Chromium, p50", percentile(took, 0.5), SCREEN_LIMIT)
            yield _figure("Panggil pressed to number on the TV, Chromium, p90", percentile(took, 0.9), SCREEN_LIMIT)
        finally:
            hall.kill()


def _figure(name: str, value: float, limit: float) -> Figure:
    return Figure(name, value, limit, "ms", "the visitor sees the call with the press")


def admin_token(hall: Hall) -> str:
    made = subprocess.run(
        [*ANTREAN_UP[:2], "token", "create", "--role", "admin"],
        env={**os.environ, **hall.env},
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    )
    return made.stdout.split()[-1]


async def _over_the_wire(hall: Hall, token: str) -> list[float]:
    """Milliseconds from sending the command to holding the TV's view that shows it."""
    api = f"{hall.url}/api/sites/{SITE}"
    took = []
    headers = {"Authorization": f"Bearer {token}"}
    address = f"ws://127.0.0.1:{hall.port}/ws/sites/{SITE}/tv/{ZONE}"
    async with httpx.AsyncClient(headers=headers) as client, connect(address) as tv:
        for _ in range(CALLS):
            (await client.post(f"{api}/tickets", json={"service": SERVICE})).raise_for_status()
        (await client.post(f"{api}/counters/{COUNTER}/open")).raise_for_status()
        for n in range(1, CALLS + 1):
            begun = time.perf_counter()
            call = asyncio.create_task(client.post(f"{api}/counters/{COUNTER}/call-next"))
            while _newest(await tv.recv()) != f"A-{n:03d}":
                continue
            took.append((time.perf_counter() - begun) * 1000)
            (await call).raise_for_status()
            await asyncio.sleep(0.01)
    return took


def _newest(frame: str | bytes) -> str:
    calls = msgspec.json.decode(frame).get("view", {}).get("calls")
    return calls[0]["number"] if calls else ""


def _in_chromium(hall: Hall, token: str) -> list[float]:
    """Milliseconds on one machine's clock from the click to the frame after the TV's number changed."""
    api = f"{hall.url}/api/sites/{SITE}"
    with httpx.Client(headers={"Authorization": f"Bearer {token}"}) as client, sync_playwright() as playwright:
        for _ in range(PRESSES):
            client.post(f"{api}/tickets", json={"service": SERVICE}).raise_for_status()
        tablet, screen = launch(playwright), launch(playwright)  # a tab behind another one is drawn once a second
        counter = tablet.new_page(viewport={"width": 1280, "height": 800})
        tv = screen.new_page(viewport={"width": 1920, "height": 1080})
        tv.goto(f"{hall.url}/tv/{SITE}/{ZONE}")
        counter.goto(f"{hall.url}/counter/{SITE}/{COUNTER}")
        counter.fill("input[name=password]", PASSWORD)
        counter.click("button[type=submit]")
        tv.wait_for_selector("#hero[data-state=call]")
        tv.evaluate(WATCH_TV)
        counter.evaluate(WATCH_PRESS)
        took = [_one_press(counter, tv) for _ in range(PRESSES)]
        tablet.close()
        screen.close()
    return took


def _one_press(counter: Page, tv: Page) -> float:
    tv.evaluate("window.changed = 0")
    counter.click("#call:not([aria-disabled=true])")
    while not tv.evaluate("window.changed"):
        tv.wait_for_timeout(5)
    took = tv.evaluate("window.changed") - counter.evaluate("window.pressed")
    tv.wait_for_timeout(4200)  # the big place is kept for four seconds: the next call would wait for it
    return float(took)
