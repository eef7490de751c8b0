"""The page of health: a hall that is well, and one in which a TV has fallen silent; the journal of a day and a number."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial

from playwright.sync_api import Page, TimeoutError, expect

from tests.screenshots.scene import Scene, Size, Stage

DESK, PHONE = Size(1280, 1000), Size(390, 844)
SCREENS = ("/tv/mpp-kukar/utama", "/kiosk/mpp-kukar", "/counter/mpp-kukar/loket-1", "/counter/mpp-kukar/loket-2")


@contextmanager
def health(stage: Stage, look: str = "") -> Iterator[Page]:
    """With some screens at work; those of scenes before it are taken off the list."""
    opened = [stage.screens.open(stage.screens.signed_in(), path, *DESK) for path in SCREENS]
    page = stage.screens.open(stage.screens.signed_in(), f"/admin/health{look}", *DESK)
    for path in SCREENS:
        _, kind, _, *place = path.split("/")
        card = page.locator(f"[id^='d-mpp-kukar/{'/'.join([kind, *place])}'][data-state=good]").first
        expect(card).to_be_visible()
    take_off_the_list(page, "[id^='d-']")
    yield page
    for one in (*opened, page):
        one.close()


def take_off_the_list(page: Page, silent: str) -> None:
    while (old := page.locator(f"{silent} form button")).count():
        with suppress(TimeoutError):  # it may be renewed under the finger
            old.first.click(timeout=2000)


@contextmanager
def silent(stage: Stage) -> Iterator[Page]:
    """A TV whose plug was pulled."""
    tv = stage.silent.open(stage.silent.signed_in(), "/tv/mpp-kukar/utama", *DESK)
    with health(stage) as page:
        tv.context.close()
        expect(page.locator("[id^='d-mpp-kukar/tv/'][data-state=bad]")).to_be_visible(timeout=40_000)
        take_off_the_list(page, "[id^='d-']:not([id*='/tv/'])")
        yield page


@contextmanager
def journal(stage: Stage, query: str = "") -> Iterator[Page]:
    page = stage.screens.open(stage.screens.signed_in(), f"/hall/mpp-kukar/log{query}", *DESK)
    expect(page.locator(".journal__one").first).to_be_visible()
    yield page
    page.close()


SCENES = [
    Scene("health-well", "thirty", (DESK, PHONE), partial(health)),
    Scene("health-dark", "thirty", (DESK,), partial(health, look="?theme=dark")),
    Scene("health-silent", "thirty", (DESK,), partial(silent)),
    Scene("journal-day", "thirty", (DESK, PHONE), partial(journal)),
    Scene("journal-number", "thirty", (DESK,), partial(journal, query="?number=A-001")),
    Scene("journal-contrast", "thirty", (DESK,), partial(journal, query="?theme=contrast")),
]
