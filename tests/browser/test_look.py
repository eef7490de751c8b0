"""One look for every page: themes that are chosen and kept, the hall's own colour and logo, no fault that axe knows."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import COLOUR, faults
from tests.browser.conftest import Screens, looked_at
from tests.processes import Hall
from tests.screenshots.halls import hall

PAGES = {  # and what is there when there is something to judge
    "/": "h1",
    "/login": "h1",
    "/styleguide": "h1",
    "/tv/panjang/z": "#hero:not([data-state=start])",
    "/kiosk/panjang": "#agencies a",
    "/counter/panjang/c0": "#desk[data-view=here]",
    "/hall/panjang": "#hall[data-view=here]",
    "/admin": "h1",
    "/admin/jobs": "h1",
    "/admin/sound/panjang": "#voices li",
    "/admin/health": "h1",
    "/hall/panjang/log": "h1",
    "/reports/panjang": "h1",
    "/t/unknown": "h1",
}
THEMES = ("light", "dark", "contrast")


@pytest.fixture(scope="module")
def own_hall() -> Iterator[Hall]:
    with hall("long") as found:
        yield found


@pytest.fixture
def own(own_hall: Hall, browser: Browser) -> Iterator[Screens]:
    """A hall with a colour and a logo of its own."""
    with looked_at(own_hall, browser) as screens:
        yield screens


def has_theme(page: Page, theme: str) -> None:
    expect(page.locator("html")).to_have_attribute("data-theme", theme)


@pytest.mark.parametrize(("theme", "language"), [("light", "id"), ("dark", "en")])
def test_axe_finds_nothing(own: Screens, theme: str, language: str) -> None:
    """All rules in each language; with more contrast, where nothing but the colours differs, those of colour."""
    context = own.signed_in()
    for path, shows in PAGES.items():
        page = own.open(context, f"{path}?theme={theme}&lang={language}", 1280, 800)
        expect(page.locator(shows).first).to_be_visible()
        assert faults(page) == [], path
        if theme == "light":
            page.evaluate("document.documentElement.setAttribute('data-theme', 'contrast')")
            assert faults(page, COLOUR) == [], f"{path} contrast"
        page.close()


def test_a_theme_is_kept_and_a_tv_is_dark_until_somebody_chooses(own: Screens) -> None:
    context = own.stranger()
    page = own.open(context, "/tv/panjang/z", 1280, 800)
    has_theme(page, "dark")
    page.goto(f"{own.hall.url}/")
    has_theme(page, "light")
    page.locator(".choice__one", has_text="Kontras tinggi").click()
    has_theme(page, "contrast")
    page.goto(f"{own.hall.url}/login")
    has_theme(page, "contrast")
    page.goto(f"{own.hall.url}/tv/panjang/z?theme=light")
    has_theme(page, "light")


def test_without_a_choice_a_page_follows_the_device(own: Screens) -> None:
    page = own.open(own.stranger(), "/login", 1280, 800)
    page.emulate_media(color_scheme="dark")
    has_theme(page, "dark")
    page.emulate_media(color_scheme="light", contrast="more")
    has_theme(page, "contrast")
    page.emulate_media(color_scheme="light", contrast="no-preference")
    has_theme(page, "light")


def test_the_hall_s_colour_and_logo_are_on_its_pages_and_the_logo_can_do_nothing(own: Screens) -> None:
    page = own.open(own.stranger(), "/tv/panjang/z", 1280, 800)
    assert page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--hall').trim()") == "#8a1538"
    logo = page.locator(".tv-top__logo")
    assert logo.evaluate("(one) => one.complete && one.naturalWidth > 0")
    answer = page.request.get(own.hall.url + str(logo.get_attribute("src")))
    assert answer.headers["content-type"] == "image/svg+xml"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "script" not in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert page.request.get(f"{own.hall.url}/look/tidak/logo").status == 404


def test_a_button_that_cannot_be_pressed_does_not_answer_to_the_pointer(own: Screens) -> None:
    page = own.open(own.stranger(), "/styleguide", 1280, 900)
    for theme in THEMES:
        buttons = page.locator(f".guide[data-theme={theme}] .button[disabled]")
        for i in range(buttons.count()):
            button = buttons.nth(i)
            look = "(one) => [getComputedStyle(one).backgroundColor, getComputedStyle(one).color]"
            before = button.evaluate(look)
            button.hover(force=True)
            page.wait_for_timeout(200)
            assert button.evaluate(look) == before


def test_with_the_system_s_own_colours_a_called_number_still_stands_out(own: Screens) -> None:
    page = own.open(own.stranger(), "/styleguide", 1280, 900)
    page.emulate_media(forced_colors="active")
    button = page.locator(".guide[data-theme=light] .button--primary:not([disabled])").first
    expect(button).to_have_css("border-top-width", "3px")
