"""The reports: a day, a month and a day without visitors, of a hall that has lived through October 2026."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from playwright.sync_api import Page, expect

from tests.screenshots.scene import Scene, Size, Stage

DESK, PHONE = Size(960, 760), Size(390, 844)


@contextmanager
def report(stage: Stage, query: str, look: str = "") -> Iterator[Page]:
    page = stage.screens.open(stage.screens.signed_in(), f"/reports/mpp-kukar?{query}{look}", *DESK)
    expect(page.locator("h1")).to_be_visible()
    yield page
    page.close()


SCENES = [
    Scene("reports-day", "october", (DESK, PHONE), partial(report, query="day=2026-10-12")),
    Scene("reports-month", "october", (DESK, PHONE), partial(report, query="month=2026-10")),
    Scene("reports-month-dark", "october", (DESK,), partial(report, query="month=2026-10", look="&theme=dark")),
    Scene("reports-none", "october", (DESK,), partial(report, query="day=2026-09-01")),
]
