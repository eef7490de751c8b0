"""The report in real Chromium: it fits a desk, a phone and A4, keeps its policy, and axe finds no fault."""

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import Desk, Screens
from tests.processes import until

PATH = "/reports/mpp-kukar"


@pytest.fixture
def desk(kukar: Screens) -> Desk:
    """An agency of which the report already tells: one served, one absent, one waiting."""
    desk = kukar.desk("bpjs-kesehatan")
    with kukar.api() as api:
        for end in ("finish", "no-show"):
            api.post(desk.tickets, json={"service": desk.service}).raise_for_status()
            api.post(desk.verb("call-next")).raise_for_status()
            api.post(desk.verb(end)).raise_for_status()
        api.post(desk.tickets, json={"service": desk.service}).raise_for_status()

        def told() -> bool:
            rows = api.get(f"/sites/{desk.site}/reports").json()["rows"]
            return any(row["id"] == desk.agency and row["no_shows"] and row["open"] for row in rows)

        until(told, within=60, tell=lambda: "the history does not tell")
    return desk


def look(kukar: Screens, path: str, width: int, height: int) -> Page:
    page = kukar.signed_in().new_page()
    page.set_viewport_size({"width": width, "height": height})
    page.on(
        "console",
        lambda said: (
            kukar.troubles.append(f"{said.text} {said.location}") if said.type in ("error", "warning") else None
        ),
    )
    page.on("pageerror", lambda error: kukar.troubles.append(str(error)))
    answer = page.goto(kukar.hall.url + path)
    assert answer
    assert answer.ok, answer.status
    return page


@pytest.mark.parametrize(
    "path", [PATH, f"{PATH}?month=2026-11&by=service&theme=dark&lang=en", f"{PATH}?day=2001-01-01"]
)
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_it_fits_and_axe_finds_nothing(kukar: Screens, desk: Desk, path: str, width: int, height: int) -> None:
    page = look(kukar, path, width, height)
    for summary in page.locator("summary").all():
        summary.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    shown = page.locator(f".chart--{'wide' if width > 640 else 'narrow'}")
    assert shown.count() == page.locator(".chart:visible").count()
    too_small = page.evaluate(
        "[...document.querySelectorAll('.chart text')].filter(one => one.getClientRects().length"
        " && one.getBoundingClientRect().height < 10).length"
    )
    assert too_small == 0
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    kukar.keep(page, f"report-{width}-{re.sub('[^a-z0-9]+', '-', path)}")


@pytest.mark.parametrize("landscape", [False, True])
def test_it_prints_on_a4(kukar: Screens, desk: Desk, tmp_path: Path, landscape: bool) -> None:
    page = look(kukar, PATH, 1280, 800)
    page.pdf(path=tmp_path / "report.pdf", format="A4", landscape=landscape)
    pages = re.findall(rb"/Type\s*/Page\b(?!s)", (tmp_path / "report.pdf").read_bytes())
    assert 2 <= len(pages) <= 4
    page.emulate_media(media="print")
    for pressed in (".page-top", ".report-choice", ".tabs", "summary", ".report-table__files"):
        assert page.locator(f"{pressed}:visible").count() == 0, pressed
    assert page.locator(".chart--wide:visible").count() == page.locator(".figure").count() == 5
