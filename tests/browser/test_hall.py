"""The supervisor's page: the whole hall live, what needs attention, and any counter's desk above it."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import faults
from tests.browser.conftest import Screens, looked_at
from tests.processes import Hall
from tests.screenshots.halls import hall


@pytest.fixture(scope="module")
def long_hall() -> Iterator[Hall]:
    with hall("long") as found:
        yield found


@pytest.fixture
def own(long_hall: Hall, browser: Browser) -> Iterator[Screens]:
    """Eight counters with long names, a colour and a logo of its own."""
    with looked_at(long_hall, browser) as screens:
        yield screens


def overview(screens: Screens, look: str = "") -> Page:
    page = screens.open(screens.signed_in(), f"/hall/panjang{look}", 1280, 800)
    expect(page.locator("#hall")).to_have_attribute("data-view", "here")
    return page


def test_a_supervisor_sees_the_hall_live_and_works_any_counter(own: Screens) -> None:
    page = own.open(own.signed_in(), "/admin", 1280, 800)  # where one "back" too many would lead
    page.goto(f"{own.hall.url}/hall/panjang")
    tile = page.locator(".hall-tile", has=page.locator("a[href='#c1']"))
    expect(tile).to_contain_text("Tutup")
    with own.api() as api:
        api.post("/sites/panjang/counters/c1/open").raise_for_status()
        ticket = api.post("/sites/panjang/tickets", json={"service": "s1"}).raise_for_status().json()
        expect(tile).to_contain_text("Buka")
        expect(page.locator("#waiting-list li").first).to_contain_text("Pelayanan Terpadu")
        expect(page.locator("#figure-waiting")).to_have_text("1")
        api.post("/sites/panjang/counters/c1/call-next").raise_for_status()
    expect(tile).to_contain_text(ticket["number"])
    expect(tile).to_contain_text("Dipanggil")
    expect(page.locator("#alarms")).to_contain_text("Tidak ada pengeras suara yang tersambung.")

    tile.locator("a").click()
    expect(page.locator("#sheet #hand-number")).to_have_text(ticket["number"])
    expect(page.locator("[data-verb=start]")).to_have_attribute("aria-disabled", "false")
    page.keyboard.press("m")
    expect(page.locator("#hand")).to_have_attribute("data-status", "serving")
    expect(page.locator("[data-verb=finish]")).to_have_attribute("aria-disabled", "false")
    page.click("[data-verb=finish]")
    expect(page.locator("#hand")).to_have_attribute("data-status", "none")
    page.go_back()
    expect(page.locator("#sheet")).to_be_hidden()
    expect(tile).to_contain_text("Buka")
    with own.api() as api:
        left = api.post("/sites/panjang/tickets", json={"service": "s1"}).raise_for_status().json()
    expect(page.locator("#figure-waiting")).to_have_text("1")
    page.keyboard.press(" ")  # no desk is open: nothing is called

    page.click("a[href='#c2']")
    expect(page.locator("#desk-label")).to_have_text("Loket 3")
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()
    expect(page.locator("#sheet")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#sheet")).to_be_hidden()
    expect(page).to_have_url(re.compile(r"/hall/panjang$"))
    page.click("a[href='#c2']")
    expect(page.locator("#sheet")).to_be_visible()
    page.locator("#desk-leave").evaluate("(one) => (one.click(), one.click())")  # twice, sooner than it leaves
    expect(page.locator("#sheet")).to_be_hidden()
    with own.api() as api:
        assert api.get(f"/sites/panjang/tickets/{left['id']}").json()["status"] == "waiting"
    expect(tile).to_be_visible()


def test_who_may_not_supervise_is_told_so_kindly(own: Screens) -> None:
    context = own.stranger()
    page = own.open(context, "/hall/panjang", 390, 844)
    expect(page.locator("input[name=password]")).to_be_visible()  # who is not signed in may do that first
    operator = own.run("token", "create", "--role", "operator").split()[-1]
    page.set_extra_http_headers({"Authorization": f"Bearer {operator}"})
    answer = page.goto(f"{own.hall.url}/hall/panjang")
    assert answer is not None
    assert answer.status == 403
    expect(page.locator("h1")).to_have_text("Akun ini tidak berhak melakukannya.")
    expect(page.locator("a", has_text="Beranda").first).to_be_visible()


def test_axe_finds_nothing_on_the_hall_and_on_a_counter(own: Screens) -> None:
    for look in ("?theme=light&lang=id", "?theme=dark&lang=en", "?theme=contrast&lang=id"):
        page = overview(own, look)
        assert faults(page) == [], look
        page.click("a[href='#c2']")
        expect(page.locator("#desk")).to_have_attribute("data-view", "here")
        assert faults(page) == [], f"desk in hall {look}"
        page.goto(f"{own.hall.url}/counter/panjang/c3{look}")
        expect(page.locator("#desk")).to_have_attribute("data-view", "here")
        assert faults(page) == [], f"counter {look}"
        page.keyboard.press("?")
        expect(page.locator("#help")).to_be_visible()
        assert faults(page) == [], f"help {look}"
        page.close()


@pytest.mark.parametrize("path", ["/hall/panjang", "/hall/panjang#c3", "/counter/panjang/c3"])
@pytest.mark.parametrize("width", [320, 640, 1280])
def test_nothing_is_cut_off_at_the_side_at_any_zoom(own: Screens, path: str, width: int) -> None:
    page = own.open(own.signed_in(), path, width, 640)
    shown = "#hall" if path == "/hall/panjang" else "#desk"
    expect(page.locator(shown)).to_have_attribute("data-view", "here")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.getElementById('desk').scrollWidth") <= width
