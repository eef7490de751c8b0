"""The phone: every state in every size."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any

from playwright.sync_api import BrowserContext, Page, WebSocketRoute, expect

from tests.browser.conftest import Screens
from tests.browser.test_troubles import pid_of
from tests.screenshots.scene import Scene, Size, Stage

TALL, SMALL, SIDEWAYS = Size(390, 844), Size(360, 640), Size(844, 390)
SIZES = (TALL, SMALL, SIDEWAYS)
SITE = "mpp-kukar"
PRESSES: dict[str, tuple[str, ...]] = {
    "called": ("call-next",),
    "called-again": ("call-next", "recall"),
    "serving": ("call-next", "start"),
    "served": ("call-next", "start", "finish"),
    "parked": ("call-next", "park"),
    "no-show": ("call-next", "no-show"),
}
OLD = 14_000  # milliseconds after which data are old


@contextmanager
def ticket(screens: Screens, service: str, counter: str, ahead: int = 0) -> Iterator[dict[str, Any]]:
    """A number at an open counter where nobody waits before it but `ahead` others."""
    with screens.api() as api:
        api.post(f"/sites/{SITE}/counters/{counter}/open").raise_for_status()
        while api.post(f"/sites/{SITE}/counters/{counter}/call-next").json()["ticket"]:
            pass
        for _ in range(ahead):
            api.post(f"/sites/{SITE}/tickets", json={"service": service}).raise_for_status()
        yield api.post(
            f"/sites/{SITE}/tickets", json={"service": service, "priority": "elderly" if not ahead else None}
        ).json()


def opened(context: BrowserContext, screens: Screens, id: str, query: str = "") -> Page:
    page = screens.open(context, f"/t/{id}{query}", *TALL)
    expect(page.locator("#number")).not_to_have_text("…")
    return page


@contextmanager
def waiting(stage: Stage, ahead: int, query: str = "") -> Iterator[Page]:
    with ticket(stage.screens, "paspor-baru", "loket-4", ahead) as one:
        page = opened(stage.screens.stranger(), stage.screens, one["id"], query)
        if ahead == 0:
            page.click("#alarm-button")
        yield page
        page.close()


@contextmanager
def after(stage: Stage, state: str, query: str = "") -> Iterator[Page]:
    """At a counter on the second floor, after these presses."""
    with ticket(stage.screens, "sim-c-panjang", "loket-10") as one, stage.screens.api() as api:
        page = opened(stage.screens.stranger(), stage.screens, one["id"], query)
        for press in PRESSES[state]:
            api.post(f"/sites/{SITE}/counters/loket-10/{press}").raise_for_status()
        expect(page.locator("body")).to_have_attribute("data-status", state.removesuffix("-again"))
        page.wait_for_timeout(3000 if "called" in state else 200)  # after the flashes
        yield page
        page.close()


@contextmanager
def cancelling(stage: Stage, sure: bool) -> Iterator[Page]:
    with waiting(stage, 2) as page:
        page.click("#cancel-ask")
        expect(page.locator("#cancel-yes")).to_be_enabled()
        if sure:
            page.click("#cancel-yes")
            expect(page.locator("body")).to_have_attribute("data-status", "cancelled")
        yield page


@contextmanager
def cut_off(stage: Stage, *, over: bool = False) -> Iterator[Page]:
    """The line breaks and does not come back; or the hall no longer knows the number."""
    cut: list[bool] = []

    def connect(socket: WebSocketRoute) -> None:
        if cut and over:
            socket.close(code=4004)
        elif not cut:
            socket.connect_to_server()
            lines.append(socket)

    lines: list[WebSocketRoute] = []
    with ticket(stage.screens, "paspor-baru", "loket-4", 3) as one:
        page = stage.screens.stranger().new_page()
        page.route_web_socket("**/ws/**", connect)
        page.goto(f"{stage.screens.hall.url}/t/{one['id']}")
        expect(page.locator("#number")).not_to_have_text("…")
        cut.append(True)
        for line in lines:
            line.close(code=4004 if over else 1001)
        page.wait_for_timeout(500 if over else OLD)
        yield page
        page.close()


@contextmanager
def log_away(stage: Stage) -> Iterator[Page]:
    with waiting(stage, 2) as page:
        valkey = pid_of(stage.screens.hall, "valkey-server")
        os.kill(valkey, signal.SIGSTOP)
        try:
            expect(page.locator("#banner")).to_be_visible(timeout=30_000)
            yield page
        finally:
            os.kill(valkey, signal.SIGCONT)


@contextmanager
def offline(stage: Stage, *, known: bool = True) -> Iterator[Page]:
    """Without a network, on a phone that keeps the offline page."""
    with ticket(stage.screens, "paspor-baru", "loket-4", 3) as one:
        context = stage.screens.stranger()
        page = opened(context, stage.screens, one["id"])
        page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
        context.set_offline(True)
        if not known:
            page.evaluate("localStorage.clear()")
        page.reload()
        expect(page.locator(".phone--offline")).to_be_visible()
        yield page
        context.set_offline(False)
        page.close()


def _scene(name: str, show: Callable[[Stage], AbstractContextManager[Page]], *sizes: Size) -> Scene:
    return Scene(f"phone-{name}", "kukar", sizes or SIZES, show)


SCENES = [
    _scene("waiting", partial(waiting, ahead=3)),
    _scene("waiting-dark", partial(waiting, ahead=3, query="?theme=dark"), TALL),
    _scene("waiting-contrast", partial(waiting, ahead=3, query="?theme=contrast"), TALL),
    _scene("next", partial(waiting, ahead=0)),
    *(_scene(state, partial(after, state=state)) for state in PRESSES),
    _scene("called-english", partial(after, state="called", query="?lang=en"), SMALL),
    _scene("cancel", partial(cancelling, sure=False)),
    _scene("cancelled", partial(cancelling, sure=True)),
    _scene("day-over", partial(cut_off, over=True)),
    _scene("old-data", partial(cut_off)),
    _scene("log-away", partial(log_away), TALL),
    _scene("offline", partial(offline)),
    _scene("offline-unknown", partial(offline, known=False), SMALL),
]
