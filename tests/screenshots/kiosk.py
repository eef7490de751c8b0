"""The kiosk: every step on the upright screen and on the tablet, and its slip of paper."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial

from playwright.sync_api import Page, expect

from tests.browser.conftest import Screens, press
from tests.screenshots.scene import Scene, Size, Stage

UPRIGHT, TABLET, PHONE = Size(1080, 1920), Size(1280, 800), Size(390, 844)
SIZES = (UPRIGHT, TABLET)
PAPER_58, PAPER_80 = Size(219, 400), Size(302, 500)  # 58 and 80 mm at 96 pixels an inch
SITE = {"mixed": "mpp-kukar", "one": "satu"}
TOUCHABLE_AGAIN = 1000  # milliseconds after a new step


@contextmanager
def screen(screens: Screens, hall: str, look: str = "", *, paper: bool = False) -> Iterator[Page]:
    query = "?lang=id&theme=light" + ("" if paper else "&print=off") + look
    page = screens.open(screens.signed_in(), f"/kiosk/{SITE[hall]}{query}", *UPRIGHT)
    expect(page.locator("#agencies a").first).to_be_visible()
    yield page
    page.close()


@contextmanager
def at(stage: Stage, address: str = "", look: str = "", hall: str = "mixed", query: str = "") -> Iterator[Page]:
    """At a step, by its address; with something typed."""
    with screen(stage.screens, hall, look) as page:
        page.evaluate("(address) => (location.hash = address)", address)
        if query:
            page.locator("#query").fill(query)
        page.wait_for_timeout(TOUCHABLE_AGAIN)
        yield page


@contextmanager
def lowered(stage: Stage, address: str = "", query: str = "") -> Iterator[Page]:
    with at(stage, address, query=query) as page:
        page.click("#low")
        yield page


@contextmanager
def asked(stage: Stage) -> Iterator[Page]:
    """Nobody has touched it for a while."""
    with screen(stage.screens, "mixed") as page:
        page.clock.install()
        page.reload()
        press(page, "#popular a", "#take")
        page.clock.fast_forward(45_000)
        expect(page.locator("#idle")).to_be_visible()
        yield page


@contextmanager
def unanswered(stage: Stage) -> Iterator[Page]:
    """The server is away while a number is asked for."""
    with at(stage, "s/paspor-baru") as page:
        page.context.set_offline(True)
        page.click("#take")
        expect(page.locator("#refusal")).to_be_visible()
        yield page


@contextmanager
def ticket(stage: Stage, service: str, look: str = "", *, group: str = "", printer: bool = True) -> Iterator[Page]:
    with screen(stage.screens, "mixed", look, paper=True) as page:
        if not printer:
            page.evaluate("() => (window.print = undefined)")
        page.evaluate("(service) => (location.hash = 's/' + service)", service)
        if group:
            press(page, f".kiosk-group:has([value={group}])", f".kiosk-group:has([value={group}]:checked)")
        press(page, "#take", "#ticket-number")
        page.wait_for_timeout(TOUCHABLE_AGAIN)
        yield page


@contextmanager
def slip(stage: Stage, service: str) -> Iterator[Page]:
    with ticket(stage, service, group="elderly") as page:
        page.emulate_media(media="print")
        yield page


@contextmanager
def unconnected(stage: Stage) -> Iterator[Page]:
    """The page has come, the hall's services do not."""
    page = stage.screens.signed_in().new_page()
    page.route("**/api/**", lambda route: route.abort())
    page.goto(f"{stage.screens.hall.url}/kiosk/mpp-kukar?lang=id&theme=light")
    page.wait_for_timeout(TOUCHABLE_AGAIN)
    yield page
    page.close()


def _scene(
    name: str, show: Callable[[Stage], AbstractContextManager[Page]], *sizes: Size, hall: str = "mixed"
) -> Scene:
    return Scene(f"kiosk-{name}", hall, sizes or SIZES, show)


SCENES = [
    _scene("home", partial(at), *SIZES, PHONE),
    _scene("home-english-dark", partial(at, look="&lang=en&theme=dark")),
    _scene("home-contrast", partial(at, look="&theme=contrast")),
    _scene("home-few", partial(at, hall="one"), hall="one"),
    _scene("home-low", partial(lowered), UPRIGHT),
    _scene("search-empty", partial(at, address="cari")),
    _scene("search", partial(at, address="cari", query="bkin ktp ilang")),
    _scene("search-none", partial(at, address="cari", query="zzyzx")),
    _scene("search-low", partial(lowered, address="cari", query="pajak motor"), UPRIGHT),
    _scene("services", partial(at, address="a/disdukcapil")),
    _scene("services-closed", partial(at, address="a/kejaksaan")),
    _scene("confirm", partial(at, address="s/paspor-baru"), *SIZES, PHONE),
    _scene("confirm-dark", partial(at, address="s/paspor-baru", look="&theme=dark")),
    _scene("confirm-contrast", partial(at, address="s/paspor-baru", look="&theme=contrast")),
    _scene("confirm-long-names", partial(at, address="s/panjang")),
    _scene("confirm-low", partial(lowered, address="s/paspor-baru"), UPRIGHT),
    _scene("confirm-closed", partial(at, address="s/npwp-pribadi")),
    _scene("unanswered", partial(unanswered)),
    _scene("idle", partial(asked)),
    _scene("ticket", partial(ticket, service="paspor-baru", group="elderly"), *SIZES, PHONE),
    _scene("ticket-dark", partial(ticket, service="paspor-baru", look="&theme=dark")),
    _scene("ticket-no-paper", partial(ticket, service="panjang", printer=False)),
    _scene("slip", partial(slip, service="paspor-baru"), PAPER_58, PAPER_80),
    _scene("slip-long-names", partial(slip, service="panjang"), PAPER_58, PAPER_80),
    _scene("no-server", partial(unconnected)),
]
