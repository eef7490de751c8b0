"""The counter: every state on the tablet and on the phone."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial

from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.conftest import Screens
from tests.browser.test_troubles import pid_of
from tests.screenshots.scene import Scene, Size, Stage

TABLET, PHONE = Size(1280, 800), Size(390, 844)
SIZES = (TABLET, PHONE)
SITE = "mpp-kukar"
DESK = "loket-4"


def verb(screens: Screens, name: str, desk: str = DESK, site: str = SITE, **body: str) -> None:
    with screens.api() as api:
        api.post(f"/sites/{site}/counters/{desk}/{name}", json=body).raise_for_status()


def issue(screens: Screens, priority: str | None = None) -> None:
    """A ticket for the first service of the desk's agency."""
    with screens.api() as api:
        agencies = api.get(f"/sites/{SITE}").json()["agencies"]
        mine = next(one for one in agencies if DESK in [counter["id"] for counter in one["counters"]])
        body = {"service": mine["services"][0]["id"]} | ({"priority": priority} if priority else {})
        api.post(f"/sites/{SITE}/tickets", json=body).raise_for_status()


@contextmanager
def screen(
    stage: Stage, desk: str = DESK, site: str = SITE, look: str = "", context: BrowserContext | None = None
) -> Iterator[Page]:
    screens = stage.screens
    page = screens.open(context or screens.signed_in(), f"/counter/{site}/{desk}{look}", *TABLET)
    expect(page.locator("#desk")).to_have_attribute("data-view", "here")
    yield page
    page.close()


@contextmanager
def resting(stage: Stage, desk: str = DESK, site: str = SITE, look: str = "") -> Iterator[Page]:
    """As the hall was prepared."""
    with screen(stage, desk, site, look) as page:
        yield page


@contextmanager
def in_state(stage: Stage, status: str, back: str) -> Iterator[Page]:
    """Nothing in hand, the counter in another status."""
    verb(stage.screens, "finish")
    verb(stage.screens, status)
    with screen(stage) as page:
        yield page
    verb(stage.screens, back)
    verb(stage.screens, "call-next")


@contextmanager
def waiting(stage: Stage) -> Iterator[Page]:
    """Nothing in hand, somebody waits."""
    verb(stage.screens, "return")
    with screen(stage) as page:
        yield page
    verb(stage.screens, "call-next")


@contextmanager
def crowded(stage: Stage, look: str = "") -> Iterator[Page]:
    """A priority visitor is served; many wait; some were put aside."""
    screens = stage.screens
    for _ in range(14):
        issue(screens)
    issue(screens, "pregnant")
    verb(screens, "call-next")
    verb(screens, "no-show")
    verb(screens, "call-next")
    verb(screens, "park")
    issue(screens, "elderly")
    verb(screens, "call-next")
    with screen(stage, look=look) as page:
        page.keyboard.press("m")
        expect(page.locator("[data-verb=finish]")).to_have_attribute("aria-disabled", "false")
        yield page


@contextmanager
def transferring(stage: Stage, typed: str) -> Iterator[Page]:
    with screen(stage) as page:
        page.keyboard.press("a")
        page.fill("#transfer-query", typed)
        expect(page.locator("#transfer-choices .counter-choice").first).to_be_visible()
        yield page


@contextmanager
def helped(stage: Stage) -> Iterator[Page]:
    with screen(stage) as page:
        page.keyboard.press("?")
        yield page


@contextmanager
def pressed(stage: Stage, answer: Callable[[Route], None] | None, word: str) -> Iterator[Page]:
    """A press on "Panggil", and what the screen says of it. answer: instead of the server's."""
    issue(stage.screens)
    with screen(stage) as page:
        if answer:
            page.route("**/counters/**", answer)
        page.click("#call")
        expect(page.locator("#word-box")).to_have_attribute("data-phase", word, timeout=90_000)
        page.wait_for_timeout(300)
        yield page


def nothing(route: Route) -> None:
    """The server is silent."""


def refused(route: Route) -> None:
    route.fulfill(status=409, json={"code": "not-allowed-now", "current_status": "paused"})


def unsure(route: Route) -> None:
    route.fulfill(status=500, json={"code": "internal"})


def away(route: Route) -> None:
    route.abort()


@contextmanager
def cut_off(stage: Stage) -> Iterator[Page]:
    context = stage.screens.signed_in()
    context.clock.install()
    with screen(stage, context=context) as page:
        context.set_offline(True)
        page.clock.fast_forward(13_000)
        expect(page.locator("#cut")).to_be_visible()
        yield page


@contextmanager
def log_away(stage: Stage) -> Iterator[Page]:
    with screen(stage) as page:
        valkey = pid_of(stage.screens.hall, "valkey-server")
        os.kill(valkey, signal.SIGSTOP)
        try:
            expect(page.locator("#cut")).to_be_visible(timeout=30_000)
            yield page
        finally:
            os.kill(valkey, signal.SIGCONT)


def _scene(
    name: str, show: Callable[[Stage], AbstractContextManager[Page]], *sizes: Size, hall: str = "thirty"
) -> Scene:
    return Scene(f"counter-{name}", hall, sizes or SIZES, show)


SCENES = [
    _scene("called", partial(resting)),
    _scene("closed", partial(resting, desk="loket-10")),
    _scene("paused", partial(in_state, status="pause", back="open")),
    _scene("waiting", partial(waiting)),
    _scene("help", partial(helped)),
    _scene("transfer", partial(transferring, typed="bikin ktp")),
    _scene("sending", partial(pressed, answer=nothing, word="sending")),
    _scene("repeating", partial(pressed, answer=away, word="repeating")),
    _scene("unsure", partial(pressed, answer=unsure, word="unsure")),
    _scene("refused", partial(pressed, answer=refused, word="refused")),
    _scene("done", partial(pressed, answer=None, word="done")),
    _scene("crowded", partial(crowded)),
    _scene("dark", partial(resting, look="?theme=dark")),
    _scene("contrast", partial(resting, look="?theme=contrast")),
    _scene("english", partial(resting, look="?lang=en")),
    _scene("cut", partial(cut_off)),
    _scene("log-away", partial(log_away)),
    _scene("long-names", partial(resting, desk="c0", site="panjang"), hall="long"),
]
