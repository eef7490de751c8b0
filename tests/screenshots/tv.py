"""The TV: every state in every size."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial

from playwright.sync_api import Page, WebSocketRoute, expect

from tests.browser.conftest import Screens
from tests.browser.test_troubles import pid_of
from tests.screenshots.scene import Scene, Size, Stage

LANDSCAPE, SHARP, UPRIGHT = Size(1920, 1080), Size(3840, 2160), Size(1080, 1920)
SIZES = (LANDSCAPE, SHARP, UPRIGHT)
ARRIVED, COOLED = 1_900, 11_000  # milliseconds: after the entrance; in calm colours
SOCKETS = "**/ws/**"
NOTICE = (
    "Perhatian. Pemilik mobil putih berpelat KT 1234 CD dimohon memindahkan kendaraannya dari depan pintu masuk. "
    "Terima kasih."
)
THREE = ("loket-6/call-next", "loket-8/call-next", "loket-12/call-next")
ZONE = {"mpp-kukar": "utama", "panjang": "z", "satu": "z"}


@contextmanager
def screen(screens: Screens, site: str, zone: str = "", theme: str = "", *, live: bool = True) -> Iterator[Page]:
    path = f"/tv/{site}/{zone or ZONE[site]}" + (f"?theme={theme}" if theme else "")
    page = screens.open(screens.signed_in(), path, *LANDSCAPE)
    if live:
        expect(page.locator("#hero")).not_to_have_attribute("data-state", "start")
    yield page
    page.close()


@contextmanager
def idle(stage: Stage, theme: str = "") -> Iterator[Page]:
    with screen(stage.screens, "mpp-kukar", theme=theme) as page:
        yield page


@contextmanager
def resting(stage: Stage, site: str, theme: str = "") -> Iterator[Page]:
    """Nothing new: the last call in its calm colours."""
    with screen(stage.screens, site, theme=theme) as page:
        page.wait_for_timeout(COOLED)
        yield page


@contextmanager
def calling(stage: Stage, site: str, presses: tuple[str, ...], theme: str = "") -> Iterator[Page]:
    """Just called, by presses like "c5/call-next", one after another."""
    with screen(stage.screens, site, theme=theme) as page, stage.screens.api() as api:
        for press in presses:
            api.post(f"/sites/{site}/counters/{press}").raise_for_status()
        page.wait_for_timeout(ARRIVED)
        yield page


@contextmanager
def unconnected(stage: Stage, wait: int) -> Iterator[Page]:
    """The page has come, the server's line never does."""
    page = stage.screens.signed_in().new_page()
    page.route_web_socket(SOCKETS, lambda socket: None)
    page.set_viewport_size({"width": LANDSCAPE.width, "height": LANDSCAPE.height})
    page.goto(f"{stage.screens.hall.url}/tv/mpp-kukar/utama")
    page.wait_for_timeout(wait)
    yield page
    page.close()


@contextmanager
def cut_off(stage: Stage) -> Iterator[Page]:
    """The line breaks in the middle of the day and does not come back."""
    lines: list[WebSocketRoute] = []

    def connect(socket: WebSocketRoute) -> None:
        if cut:
            return
        socket.connect_to_server()
        lines.append(socket)

    cut = False
    page = stage.screens.signed_in().new_page()
    page.route_web_socket(SOCKETS, connect)
    page.goto(f"{stage.screens.hall.url}/tv/mpp-kukar/utama")
    expect(page.locator("#hero")).to_have_attribute("data-state", "call")
    cut = True
    for line in lines:
        line.close()
    expect(page.locator("#banner")).to_be_visible(timeout=30_000)
    yield page
    page.close()


@contextmanager
def log_away(stage: Stage) -> Iterator[Page]:
    with screen(stage.screens, "mpp-kukar") as page:
        valkey = pid_of(stage.screens.hall, "valkey-server")
        os.kill(valkey, signal.SIGSTOP)
        try:
            expect(page.locator("#banner")).to_be_visible(timeout=30_000)
            yield page
        finally:
            os.kill(valkey, signal.SIGCONT)


@contextmanager
def announcing(stage: Stage) -> Iterator[Page]:
    """Somebody says something by hand."""
    with screen(stage.screens, "mpp-kukar") as page, stage.screens.api() as api:
        api.post("/sites/mpp-kukar/notices", json={"text": NOTICE}).raise_for_status()
        expect(page.locator("#spoken")).to_be_visible()
        yield page


@contextmanager
def soundless(stage: Stage) -> Iterator[Page]:
    with screen(stage.silent, "panjang") as page:
        expect(page.locator("#sound")).to_have_attribute("data-state", "blocked")
        yield page


def _scene(name: str, hall: str, show: Callable[[Stage], AbstractContextManager[Page]], *sizes: Size) -> Scene:
    return Scene(f"tv-{name}", hall, sizes or SIZES, show)


SCENES = [
    _scene("idle", "kukar", partial(idle)),
    _scene("idle-light", "kukar", partial(idle, theme="light"), LANDSCAPE),
    _scene("start", "kukar", partial(unconnected, wait=500), LANDSCAPE, UPRIGHT),
    _scene("no-server", "kukar", partial(unconnected, wait=14_000), LANDSCAPE, UPRIGHT),
    _scene("busy", "thirty", partial(resting, site="mpp-kukar")),
    _scene("busy-light", "thirty", partial(resting, site="mpp-kukar", theme="light")),
    _scene("busy-contrast", "thirty", partial(resting, site="mpp-kukar", theme="contrast")),
    _scene("called", "thirty", partial(calling, site="mpp-kukar", presses=("loket-4/recall",))),
    _scene("three-called", "thirty", partial(calling, site="mpp-kukar", presses=THREE)),
    _scene("spoken-notice", "thirty", partial(announcing)),
    _scene("old-data", "thirty", partial(cut_off)),
    _scene("log-away", "thirty", partial(log_away)),
    _scene("long-names", "long", partial(resting, site="panjang")),
    _scene("long-names-light", "long", partial(resting, site="panjang", theme="light"), LANDSCAPE),
    _scene("seven-characters", "long", partial(calling, site="panjang", presses=("c5/call-next",))),
    _scene("sound-blocked", "long", partial(soundless)),
    _scene("one-counter", "one", partial(resting, site="satu")),
]
