"""The pages around the screens: the door, signing in, administration, background work, the styleguide, what went wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from playwright.sync_api import Page, expect

from server.host.valkey import Valkey
from server.jobs import connect, forget, open_queue
from tests.screenshots.scene import Scene, Size, Stage
from workers.jobs import make_clip
from workers.queues import Work, offer

DESK, TABLET, PHONE = Size(1280, 1000), Size(800, 1280), Size(390, 844)
SIZES = (DESK, PHONE)
WHOLE = Size(1280, 3600)
BROKEN = Work("voice-picture", make_clip, ("silakan menuju loket dua.", "xx"), "silakan menuju loket dua.")


@contextmanager
def signed_in(stage: Stage, path: str) -> Iterator[Page]:
    page = stage.screens.open(stage.screens.signed_in(), path, *DESK)
    expect(page.locator("h1")).to_be_visible()
    yield page
    page.close()


@contextmanager
def stranger(stage: Stage, path: str) -> Iterator[Page]:
    page = stage.screens.open(stage.screens.stranger(), path, *DESK)
    expect(page.locator("h1")).to_be_visible()
    yield page
    page.close()


@contextmanager
def refused(stage: Stage) -> Iterator[Page]:
    """A wrong password."""
    with stranger(stage, "/login") as page:
        page.fill("input[name=password]", "bukan-ini")
        page.click("main button[type=submit]")
        expect(page.locator("#login-error")).to_be_visible()
        yield page


@contextmanager
def failing(stage: Stage) -> Iterator[Page]:
    """A recording that cannot be made."""
    with connect(Valkey(stage.screens.hall.data).url) as redis:
        offer(open_queue("voice", redis), BROKEN)
        with signed_in(stage, "/admin/jobs") as page:
            expect(page.locator(".jobs__one")).to_be_visible(timeout=60_000)
            yield page
        forget(redis, BROKEN.id)


SCENES = [
    Scene("home-open", "thirty", (*SIZES, TABLET), partial(signed_in, path="/")),
    Scene("home-dark", "thirty", (DESK,), partial(signed_in, path="/?theme=dark")),
    Scene("home-contrast", "thirty", (DESK,), partial(signed_in, path="/?theme=contrast")),
    Scene("login-empty", "thirty", SIZES, partial(stranger, path="/login")),
    Scene("login-refused", "thirty", SIZES, partial(refused)),
    Scene("admin-today", "thirty", SIZES, partial(signed_in, path="/admin")),
    Scene("admin-none", "one", (DESK,), partial(signed_in, path="/admin")),
    Scene("jobs-well", "thirty", SIZES, partial(signed_in, path="/admin/jobs")),
    Scene("jobs-failing", "thirty", SIZES, partial(failing)),
    Scene("styleguide-all", "thirty", (WHOLE, PHONE), partial(signed_in, path="/styleguide")),
    Scene("styleguide-own-look", "long", (WHOLE,), partial(signed_in, path="/styleguide")),
    Scene("error-not-found", "thirty", SIZES, partial(signed_in, path="/kiosk/tidak-ada")),
]
