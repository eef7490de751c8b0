"""The supervisor's page: the whole hall, and a counter's desk above it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial

from playwright.sync_api import Page, expect

from tests.screenshots.counter import PHONE, SIZES, TABLET
from tests.screenshots.scene import Scene, Size, Stage


@contextmanager
def overview(stage: Stage, site: str = "mpp-kukar", look: str = "") -> Iterator[Page]:
    page = stage.screens.open(stage.screens.signed_in(), f"/hall/{site}{look}", *TABLET)
    expect(page.locator("#hall")).to_have_attribute("data-view", "here")
    yield page
    page.close()


@contextmanager
def desk(stage: Stage) -> Iterator[Page]:
    with overview(stage) as page:
        page.click("a[href='#loket-4']")
        expect(page.locator("#desk")).to_have_attribute("data-view", "here")
        yield page


@contextmanager
def forbidden(stage: Stage) -> Iterator[Page]:
    page = stage.screens.open(stage.screens.signed_in(), "/styleguide", *TABLET)
    token = stage.screens.run("token", "create", "--role", "operator").split()[-1]
    page.set_extra_http_headers({"Authorization": f"Bearer {token}"})
    page.goto(f"{stage.screens.hall.url}/hall/mpp-kukar")
    yield page
    page.close()


def _scene(
    name: str, show: Callable[[Stage], AbstractContextManager[Page]], *sizes: Size, hall: str = "thirty"
) -> Scene:
    return Scene(f"hall-{name}", hall, sizes or SIZES, show)


SCENES = [
    _scene("busy", partial(overview), *SIZES, Size(1280, 1400), Size(390, 3200)),
    _scene("dark", partial(overview, look="?theme=dark")),
    _scene("contrast", partial(overview, look="?theme=contrast&lang=en")),
    _scene("desk", partial(desk)),
    _scene("forbidden", partial(forbidden), TABLET, PHONE),
    _scene("long-names", partial(overview, site="panjang"), hall="long"),
    _scene("one-counter", partial(overview, site="satu"), hall="one"),
]
