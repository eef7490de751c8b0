"""The page of a hall's sound: idle, listening, something said, a loudspeaker that is there, the server away."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from playwright.sync_api import Page, expect

from tests.screenshots.scene import Scene, Size, Stage

DESK, TABLET, PHONE = Size(1440, 1400), Size(800, 1280), Size(390, 844)
TEXT = "Pemilik mobil putih berpelat KT 1234 CD dimohon memindahkan kendaraannya dari depan pintu masuk."


@contextmanager
def resting(stage: Stage, query: str = "") -> Iterator[Page]:
    context = stage.screens.signed_in()
    page = stage.screens.open(context, f"/admin/sound/mpp-kukar{query}", *DESK)
    expect(page.locator("#voices li")).not_to_have_count(0)
    yield page
    page.close()


@contextmanager
def listening(stage: Stage) -> Iterator[Page]:
    with resting(stage) as page:
        page.click("#hear button[type=submit]")
        expect(page.locator("#now")).to_be_visible()
        yield page


@contextmanager
def said(stage: Stage) -> Iterator[Page]:
    """With a TV that speaks in the main zone."""
    context = stage.screens.signed_in()
    tv = stage.screens.open(context, "/tv/mpp-kukar/utama", *DESK)
    with resting(stage) as page:
        page.fill("#say-text", TEXT)
        page.click("#say-now")
        expect(page.locator("#say-result")).not_to_be_empty()
        expect(page.locator("#zones .badge--gold")).to_be_visible()
        yield page
    tv.close()


@contextmanager
def cut_off(stage: Stage) -> Iterator[Page]:
    with resting(stage) as page:
        page.route("**/api/**", lambda route: route.abort())
        expect(page.locator("#stale")).to_be_visible()
        yield page


SCENES = [
    Scene("sound-idle", "kukar", (DESK, TABLET, PHONE), partial(resting)),
    Scene("sound-dark", "kukar", (DESK,), partial(resting, query="?theme=dark")),
    Scene("sound-listening", "kukar", (DESK,), partial(listening)),
    Scene("sound-said", "kukar", (DESK, PHONE), partial(said)),
    Scene("sound-cut-off", "kukar", (PHONE,), partial(cut_off)),
]
