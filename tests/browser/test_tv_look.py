"""The TV can be read from the back of the hall: sizes, contrast, nothing cut, nothing moves; every call is seen."""

import re
from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import AT_REST
from tests.browser.conftest import Screens, looked_at
from tests.processes import Hall, until
from tests.screenshots.halls import HALLS, hall

SIZES = [(1920, 1080), (3840, 2160), (1080, 1920)]
SHARE = 0.16  # of the screen's height, for the figures themselves: issue 4
ENOUGH = 7.0
SHOWN_FOR = 4.0  # seconds

# Height of the drawn figures, as the browser measures them, and whether they stand inside the screen.
FIGURES = """() => Array.from(document.querySelectorAll("#hero-letters, #hero-digits")).map((part) => {
  const canvas = document.createElement("canvas").getContext("2d");
  const style = getComputedStyle(part);
  canvas.font = style.fontWeight + " " + style.fontSize + " " + style.fontFamily;
  const drawn = canvas.measureText(part.textContent);
  const range = document.createRange();
  range.selectNodeContents(part);
  const box = range.getBoundingClientRect();
  return {
    share: (drawn.actualBoundingBoxAscent + drawn.actualBoundingBoxDescent) / innerHeight,
    inside: box.left >= -1 && box.right <= innerWidth + 1,
  };
})"""
# Every text that is shown, with its contrast to the first ground behind it that is not see-through; whether the call
# in the big place is fresh.
WEAK = """(enough) => {
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (c) => {
    const [r, g, b] = c.slice(0, 3).map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parts(getComputedStyle(at).backgroundColor);
      if (colour.length < 4 || colour[3] === 1) return colour;
    }
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const weak = [];
  let seen = 0;
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || element.tagName === "SCRIPT" || !element.getClientRects().length) continue;
    const [a, b] = [light(parts(getComputedStyle(element).color)), light(ground(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    seen += 1;
    if (ratio < enough) weak.push(walker.currentNode.data.trim() + ": " + ratio.toFixed(2));
  }
  return { seen, weak, fresh: document.getElementById("hero").dataset.fresh === "true" };
}"""
PLACES = """() => Array.from(document.querySelectorAll(
  "header *, main > section, h2, #hero-counter, .tv-hero__caption, #counters li, #last li, #foot, #sound"
)).filter((one) => one.getClientRects().length).map((one) => {
  const box = one.getBoundingClientRect();
  const moves = one.matches("#hero-counter, #clock-time");
  return [one.id || one.className || one.tagName, box.left, box.top, moves ? 0 : box.width, moves ? 0 : box.height].join(" ");
})"""
# Each number that stands in the big place, with a moment just before and one just after it came there (seconds).
WATCH = """() => {
  const number = document.getElementById("hero-number");
  let before = performance.now() / 1000;
  window.seen = [];
  setInterval(() => {
    const now = performance.now() / 1000;
    const last = window.seen[window.seen.length - 1];
    if (!last || last[0] !== number.textContent) window.seen.push([number.textContent, before, now]);
    before = now;
  }, 10);
}"""


@pytest.fixture(scope="module")
def long_hall() -> Iterator[Hall]:
    with hall("long") as found:
        yield found


@pytest.fixture
def long(long_hall: Hall, browser: Browser) -> Iterator[Screens]:
    """Eight counters, long names, its own colour and logo, numbers of seven characters."""
    with looked_at(long_hall, browser) as screens:
        if not happened_there(screens):
            HALLS["long"].prepare(screens)
        yield screens


def happened_there(screens: Screens) -> bool:
    with screens.api() as api:
        return bool(api.get("/sites/panjang/events", params={"after": 10, "limit": 1}).json()["events"])


def tv(screens: Screens, size: tuple[int, int]) -> Page:
    page = screens.open(screens.stranger(), "/tv/panjang/z", *size)
    expect(page.locator("#hero")).not_to_have_attribute("data-state", "start")
    return page


def press(screens: Screens, *presses: str) -> list[str]:
    """ "c1/call-next" and so on; the numbers that were called."""
    called = []
    with screens.api() as api:
        for one in presses:
            if one.endswith("call-next"):
                service = {"c5": "t1", "c6": "t2"}.get(one[:2], f"s{one[1]}")
                api.post("/sites/panjang/tickets", json={"service": service}).raise_for_status()
            answer = api.post(f"/sites/panjang/counters/{one}").raise_for_status().json()
            if answer["ticket"]:
                called.append(answer["ticket"]["number"])
    return called


@pytest.mark.parametrize("size", SIZES)
def test_figures_of_a_number_of_seven_characters_have_a_sixth_of_the_height(
    long: Screens, size: tuple[int, int]
) -> None:
    page = tv(long, size)
    (number,) = press(long, "c5/call-next")
    assert len(number) == 7
    expect(page.locator("#hero-number")).to_have_text(number, timeout=30_000)
    figures: list[dict[str, Any]] = page.evaluate(FIGURES)
    assert [one["inside"] for one in figures] == [True, True]
    assert min(one["share"] for one in figures) >= SHARE, figures
    expect(page.locator("#hero-counter")).to_have_text("Loket 6")
    expect(page.locator("#hero-agency")).to_have_text("Dinas Penanaman Modal dan Pelayanan Terpadu Satu Pintu")
    for name in ("#hero-counter", "#hero-agency", "#site-name"):
        cut = page.locator(name).evaluate(
            "(one) => one.scrollWidth > one.clientWidth + 1 || "
            "one.scrollHeight - one.clientHeight > parseFloat(getComputedStyle(one).fontSize) / 2"
        )
        assert not cut, name
    long.keep(page, f"tv-seven-{size[0]}x{size[1]}")


def test_every_text_stands_out_by_seven_to_one(long: Screens) -> None:
    page = tv(long, SIZES[0])
    found: dict[str, Any] = {}

    def looked(fresh: bool) -> bool:
        """A call is fresh for ten seconds: they may be over before everything is at rest."""
        if fresh:
            (number,) = press(long, "c2/call-next")
            expect(page.locator("#hero-number")).to_have_text(number, timeout=30_000)
        else:
            expect(page.locator("#hero")).not_to_have_attribute("data-fresh", "true", timeout=30_000)
        page.evaluate(AT_REST)  # the entrance is over, colours have arrived
        found.update(page.evaluate(WEAK, ENOUGH))
        return bool(found["fresh"] == fresh)

    for fresh in (True, False):
        for theme in ("dark", "light", "contrast"):
            page.evaluate("(theme) => document.documentElement.setAttribute('data-theme', theme)", theme)
            until(partial(looked, fresh), within=60)
            assert found["weak"] == [], f"{theme}, fresh: {fresh}"
            assert found["seen"] > 40


def seen_on(page: Page) -> list[tuple[str, float, float]]:
    """What WATCH has seen."""
    page.wait_for_timeout(100)
    found: list[tuple[str, float, float]] = page.evaluate("window.seen")
    return found


def test_three_calls_within_a_second_are_each_seen_for_four_seconds_in_the_order_spoken(long: Screens) -> None:
    page = tv(long, SIZES[0])
    page.wait_for_timeout(5000)
    page.evaluate(WATCH)
    until(lambda: seen_on(page))
    numbers = press(long, "c1/call-next", "c2/call-next", "c3/call-next")
    until(lambda: len(seen_on(page)) >= 4, within=60)
    seen = seen_on(page)[1:]
    assert [number for number, *_ in seen] == numbers
    assert min(after - before for (_, before, _), (_, _, after) in pairwise(seen)) >= SHOWN_FOR - 0.001
    with long.api() as api:
        events = api.get("/sites/panjang/events", params={"after": 0, "limit": 1000}).json()
        last = events["last_seq"]
        events = api.get("/sites/panjang/events", params={"after": last - 40, "limit": 1000}).json()["events"]
    called = [one["number"] for one in events if one["type"] == "ticket-called"]
    assert called[-3:] == numbers


def test_nothing_moves_when_calls_come_and_counters_change(long: Screens) -> None:
    page = tv(long, SIZES[0])
    page.evaluate("document.fonts.ready")
    page.evaluate(AT_REST)
    before = page.evaluate(PLACES)
    for counter in ("c1", "c5"):
        (number,) = press(long, f"{counter}/call-next")
        expect(page.locator("#hero-number")).to_have_text(number, timeout=30_000)
        assert_at_rest_as(before, page)
    for steps, word in ((("c7/open", "c3/finish"), "Buka"), (("c7/close", "c3/pause", "c3/open"), "Tutup")):
        press(long, *steps)
        expect(page.locator("#counters li").nth(7)).to_contain_text(word)
        assert_at_rest_as(before, page)
    assert len(before) > 30


def assert_at_rest_as(before: list[str], page: Page) -> None:
    for _ in range(2):  # once more when whatever follows has followed
        page.evaluate(AT_REST)
        assert page.evaluate(PLACES) == before
        page.wait_for_timeout(500)


def test_what_is_said_about_sound_never_cuts_the_hall_s_name(long: Screens) -> None:
    for size in SIZES:
        page = tv(long, size)
        page.evaluate(
            "() => { document.getElementById('sound').dataset.state = 'blocked';"
            "document.getElementById('sound-text').textContent = 'Suara belum aktif: sentuh layar atau tekan OK'; }"
        )
        shown = page.evaluate(
            "() => ['site-name', 'sound', 'sound-text'].map((id) => document.getElementById(id))"
            ".every((one) => one.scrollWidth <= one.clientWidth + 1 || one.tagName === 'SPAN')"
        )
        assert shown, size
        box = page.locator("#sound").bounding_box()
        assert box
        assert box["x"] + box["width"] <= size[0]
        assert re.search("Nusantara", page.locator("h1").inner_text())
