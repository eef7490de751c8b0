"""The kiosk as visitors meet it: how many touches, how large, how low, how it prints; for eyes, ears and keys."""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.axe import COLOUR, faults
from tests.browser.conftest import Screens, drawn, looked_at, press
from tests.processes import Hall
from tests.screenshots.halls import HALLS, LONG_SERVICE, hall

UPRIGHT, TABLET = (1080, 1920), (1280, 800)
FINGER = {UPRIGHT: 55, TABLET: 48}  # pixels: 20 mm on 32 inches upright, 0.369 mm a pixel; 7 mm and more on 10 inches
REACH = 0.6  # of the height, from below, for whoever sits
TOUCHABLE = """(least) => [...document.querySelectorAll("a, button, input:not([type=radio]), label.kiosk-group")]
  .filter((one) => one.offsetParent && !one.closest(".skip") && !one.matches(".skip, :disabled"))
  .map((one) => [one.id || one.className + " " + one.textContent.trim().slice(0, 30), one.getBoundingClientRect()])
  .map(([name, box]) => ({ name, top: box.top, width: box.width, height: box.height }))"""


@pytest.fixture(scope="module")
def mixed_hall(browser: Browser) -> Iterator[Hall]:
    with hall("mixed") as found:
        with looked_at(found, browser) as screens:
            HALLS["mixed"].prepare(screens)
        yield found


@pytest.fixture
def mall(mixed_hall: Hall, browser: Browser) -> Iterator[Screens]:
    """Most agencies are there, some come on another day; at some people wait."""
    with looked_at(mixed_hall, browser) as screens:
        yield screens


def kiosk_of(
    mall: Screens, size: tuple[int, int], query: str = "?print=off", context: BrowserContext | None = None
) -> Page:
    page = mall.open(context or mall.signed_in(), f"/kiosk/mpp-kukar{query}", *size)
    expect(page.locator("#agencies a")).to_have_count(28)
    return page


def go(page: Page, step: str) -> None:
    """To a step, without touches."""
    address, shows = {
        "home": ("", "#seek"),
        "search": ("cari", "#query"),
        "services": ("a/disdukcapil", "#services a"),
        "confirm": ("s/paspor-baru", "#take"),
        "closed": ("s/npwp-pribadi", ".kiosk-confirm--closed"),
    }[step]
    page.evaluate("(address) => (location.hash = address)", address)
    expect(page.locator(shows).first).to_be_visible()
    if step == "search":
        page.fill("#query", "perpanjang")
    drawn(page)


def take(page: Page) -> str:
    """A number for the step "confirm"."""
    press(page, "#take", "#ticket-number")
    return page.locator("#ticket-number").inner_text()


def test_each_of_the_services_most_asked_for_is_at_most_three_touches_from_its_number(mall: Screens) -> None:
    page = kiosk_of(mall, UPRIGHT)
    page.evaluate(
        "() => ((window.touches = 0), document.addEventListener('pointerdown', () => window.touches++, true))"
    )
    popular = page.locator("#popular a:not(.kiosk-tile--closed)")
    count = {}
    for i in range(popular.count()):
        page.wait_for_timeout(400)  # the kiosk lets no second half of a double tap through
        page.evaluate("window.touches = 0")
        name = popular.nth(i).locator("strong").inner_text()
        popular.nth(i).click()
        expect(page.locator("#take")).to_be_visible()
        page.wait_for_timeout(400)
        page.click("#take")
        expect(page.locator("#ticket-service")).to_have_text(name)
        expect(page.locator("#ticket-number")).to_be_visible()
        count[name] = page.evaluate("window.touches")
        page.locator("#done").press("Enter")
        expect(page.locator("#seek")).to_be_visible()
    assert page.locator("#popular a").count() == 10
    assert len(count) == 9  # the tax office does not come today
    assert set(count.values()) == {2}


@pytest.mark.parametrize("size", [UPRIGHT, TABLET], ids=["1080x1920", "1280x800"])
def test_whatever_is_touched_is_large_enough_and_none_of_it_is_cut_off(mall: Screens, size: tuple[int, int]) -> None:
    page = kiosk_of(mall, size)
    small: list[str] = []
    for step in ("home", "search", "services", "confirm", "closed", "confirm", "ticket", "idle"):
        if step == "ticket":
            take(page)
        elif step == "idle":
            page.evaluate("document.getElementById('idle').showModal()")
        else:
            go(page, step)
        boxes = page.evaluate(TOUCHABLE)
        assert len(boxes) > 2
        small += [f"{step}: {one}" for one in boxes if min(one["width"], one["height"]) < FINGER[size]]
        assert page.evaluate("document.documentElement.scrollWidth") == size[0]
    assert small == []


def test_lowered_the_screen_keeps_everything_within_reach_of_a_wheelchair(mall: Screens) -> None:
    page = kiosk_of(mall, UPRIGHT)
    press(page, "#low", "#low[aria-pressed=true]")
    for step in ("home", "search", "services", "confirm"):
        go(page, step)
        assert min(one["top"] for one in page.evaluate(TOUCHABLE)) >= (1 - REACH) * UPRIGHT[1], step
    take(page)
    assert min(one["top"] for one in page.evaluate(TOUCHABLE)) >= (1 - REACH) * UPRIGHT[1]
    expect(page.locator("#ticket-qr")).to_be_in_viewport(ratio=1)
    page.locator("#done").press("Enter")
    expect(page.locator("#low")).to_have_attribute("aria-pressed", "false")


@pytest.mark.parametrize("size", [(540, 960), (640, 400), (390, 844)], ids=["1080 by 2", "1280 by 2", "phone"])
def test_enlarged_twice_and_on_a_phone_nothing_covers_anything(mall: Screens, size: tuple[int, int]) -> None:
    page = kiosk_of(mall, size)
    for step in ("home", "search", "services", "confirm", "ticket"):
        if step == "ticket":
            take(page)
        else:
            go(page, step)
        assert page.evaluate("document.documentElement.scrollWidth") == size[0], step
        boxes = page.evaluate(
            "() => [...document.querySelectorAll('.kiosk-top, .kiosk-step:not([hidden]) > *, .kiosk-nav')]"
            ".map((one) => one.getBoundingClientRect()).filter((box) => box.height > 1)"
            ".map((box) => [box.top, box.bottom])"
        )
        covered = [pair for pair in pairwise(boxes) if pair[0][1] > pair[1][0] + 1]
        assert covered == [], step


def test_more_contrast_is_one_touch_away_and_gone_for_the_next_visitor(mall: Screens) -> None:
    page = kiosk_of(mall, TABLET, "?print=off&theme=light")
    press(page, "#contrast", "#contrast[aria-pressed=true]")
    expect(page.locator("html")).to_have_attribute("data-theme", "contrast")
    go(page, "services")
    press(page, "#restart", "#seek")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")


@pytest.mark.parametrize("language", ["id", "en"])
def test_axe_finds_nothing_at_any_step_in_any_theme(mall: Screens, language: str) -> None:
    """All rules in each language; in the other themes, where nothing but the colours differs, those of colour."""
    page = kiosk_of(mall, TABLET, f"?print=off&lang={language}&theme=light")
    for step in ("home", "search", "services", "closed", "confirm", "ticket", "no-paper"):
        if step == "ticket":
            take(page)
        elif step == "no-paper":
            page.evaluate("() => (window.print = undefined)")
            page.locator("#print").press("Enter")
            expect(page.locator("#print-state.banner--bad")).to_be_visible()
        else:
            go(page, step)
        assert faults(page) == [], step
        for theme in ("dark", "contrast") if language == "id" else ():
            page.evaluate("(theme) => document.documentElement.setAttribute('data-theme', theme)", theme)
            assert faults(page, COLOUR) == [], f"{step} {theme}"
        page.evaluate("document.documentElement.setAttribute('data-theme', 'light')")


def test_with_the_keyboard_alone_a_visitor_gets_a_number_with_priority(mall: Screens) -> None:
    page = kiosk_of(mall, UPRIGHT)

    def tab_to(selector: str) -> None:
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
                return
        raise AssertionError(f"no way to {selector} by the Tab key")

    tab_to("#seek")
    page.keyboard.press("Enter")
    expect(page.locator("#query")).to_be_focused()
    page.keyboard.type("pasport ilang")
    expect(page.locator("#results a").first).to_have_attribute("href", "#s/paspor-hilang")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Penggantian paspor hilang")).to_be_focused()
    tab_to("input[name=priority]")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Lansia Berusia 60 tahun ke atas")).to_be_checked()
    tab_to("#take")
    page.keyboard.press("Enter")
    title = page.get_by_role("heading", level=1, name=re.compile(r"Nomor antrean Anda B-\d{3}"))
    expect(title).to_be_focused()  # so that a screen reader says the number
    expect(page.locator("#ticket-priority")).to_have_text("Lansia")


def test_without_paper_the_screen_says_so_and_the_number_stays_valid(mall: Screens) -> None:
    context = mall.signed_in()
    context.add_init_script("window.print = undefined")  # as in an Android WebView
    page = kiosk_of(mall, UPRIGHT, "", context)
    go(page, "confirm")
    number = take(page)
    expect(page.locator("#print-state")).to_contain_text("Pencetakan gagal. Nomor Anda tetap berlaku")
    expect(page.locator("#print-state")).to_have_class(re.compile("banner--bad"))
    box = page.locator("#ticket-number").bounding_box()
    code = page.locator("#ticket-qr").bounding_box()
    assert box is not None
    assert code is not None
    assert box["height"] * 0.369 > 60  # millimetres on 32 inches
    assert code["width"] * 0.369 > 100
    assert int(re.findall(r"\d+", page.locator("#done").inner_text())[0]) > 60  # time to write it down
    ticket = (page.locator("#ticket-qr").get_attribute("src") or "").split("/")[2]
    with mall.api() as api:
        found = api.get(f"/sites/mpp-kukar/tickets/{ticket}").json()
    assert (found["number"], found["status"]) == (number, "waiting")


def test_a_printed_slip_is_one_piece_at_58_and_at_80_millimetres(mall: Screens, folder: Path) -> None:
    page = kiosk_of(mall, UPRIGHT, "")
    page.evaluate("location.hash = 's/panjang'")
    number = take(page)
    expect(page.locator("#print-state")).to_contain_text("Struk tidak keluar?")
    assert page.locator(".slip__service").text_content() == LONG_SERVICE
    assert page.locator(".slip__number").text_content() == number
    for width, height in (("58mm", "130mm"), ("80mm", "150mm")):
        file = folder / f"{width}.pdf"
        page.pdf(path=file, width=width, height=height, print_background=True)
        assert len(re.findall(rb"/Type\s*/Page\b", file.read_bytes())) == 1, width
    page.emulate_media(media="print")
    for pixels in (219, 302):  # 58 and 80 mm at 96 pixels an inch
        page.set_viewport_size({"width": pixels, "height": 600})
        inside = page.locator(".slip").evaluate(
            "(slip) => [...slip.children].every((one) => one.scrollWidth <= slip.clientWidth && one.clientWidth > 0)"
        )
        assert inside, pixels
        mall.keep(page, f"kiosk-slip-{pixels}")
