"""The TV: readable in every size, honest about its sound, and one voice per zone."""

from collections.abc import Iterator
from functools import partial

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, expect

from tests.browser.chromium import launch
from tests.browser.conftest import Desk, Screens, drawn, looked_at
from tests.browser.story import of_ticket
from tests.processes import Hall, until

SPOKEN = 60.0  # seconds within which what waits has been said, on a machine that stands still for a moment too
WATCH_SOUND = """() => {
  const sound = document.getElementById("sound");
  window.heard = [sound.dataset.state];
  new MutationObserver(() => window.heard.push(sound.dataset.state))
    .observe(sound, { attributes: true, attributeFilter: ["data-state"] });
}"""
CUT_OFF = """() => Array.from(document.querySelectorAll(
  "#hero-number, #hero-counter, #counters p, #last:not([hidden]) span, #clock-time, #sound, #waiting span"
)).filter((element) => {
  const box = element.getBoundingClientRect();
  const shown = box.width > 0 && box.height > 0;
  return shown && (box.left < -1 || box.top < -1 || box.right > innerWidth + 1 || box.bottom > innerHeight + 1);
}).map((element) => element.textContent)"""


@pytest.fixture
def mute(kukar_hall: Hall, playwright: Playwright) -> Iterator[Screens]:
    """The hall in a browser that allows sound only after a touch."""
    browser = launch(playwright, sound=False)
    with looked_at(kukar_hall, browser) as screens:
        yield screens
    browser.close()


def tv_of(screens: Screens, context: BrowserContext, desk: Desk) -> Page:
    page = screens.open(context, f"/tv/{desk.site}/{desk.zone}", 1920, 1080)
    expect(page.locator("#hero")).not_to_have_attribute("data-state", "start")
    page.evaluate(WATCH_SOUND)
    return page


def becomes(tv: Page, state: str) -> None:
    """Its sound; what others were called for before may be said first, and what a machine kept it from saying again."""
    expect(tv.locator("#sound")).to_have_attribute("data-state", state, timeout=SPOKEN * 1000)


def call(screens: Screens, desk: Desk) -> str:
    with screens.api() as api:
        number: str = api.post(desk.tickets, json={"service": desk.service}).raise_for_status().json()["number"]
        called = api.post(desk.verb("call-next")).raise_for_status().json()["ticket"]["number"]
        assert called == number
        return number


def times_spoken(screens: Screens, desk: Desk, number: str) -> int:
    return of_ticket(screens, desk, number).count("announcement-spoken")


def finish(screens: Screens, desk: Desk) -> None:
    with screens.api() as api:
        api.post(desk.verb("finish")).raise_for_status()


def test_a_screen_nobody_signed_in_shows_the_calls_and_the_way_to_its_voice(kukar: Screens) -> None:
    desk = kukar.desk("bea-cukai")
    tv = tv_of(kukar, kukar.stranger(), desk)
    expect(tv.locator("#sound")).to_have_attribute("data-state", "signed-out")
    expect(tv.locator("#sound-text")).to_have_text("Layar ini tanpa suara")
    expect(tv.locator("#sound-sign-in")).to_have_attribute("href", f"/login?next=/tv/{desk.site}/{desk.zone}")
    number = call(kukar, desk)
    expect(tv.locator("#hero-number")).to_have_text(number)
    expect(tv.locator("#hero-counter")).to_have_text("Loket 30")
    finish(kukar, desk)


def outcome(screens: Screens, desk: Desk, notice: int) -> str | None:
    """What became of a notice in its zone."""
    with screens.api() as api:
        told = api.get(f"/sites/{desk.site}/notices").json()["notices"]
    found: str | None = next(one for one in told if one["seq"] == notice)["zones"][0]["outcome"]
    return found


def test_a_notice_is_shown_while_it_is_spoken_and_a_while_longer(kukar: Screens) -> None:
    """For those, too, who cannot hear it."""
    desk = kukar.desk("bpn")
    tv = tv_of(kukar, kukar.signed_in(), desk)
    becomes(tv, "ready")
    text = "Pemilik mobil merah KT 1234 AB, mohon ke pintu utama."
    with kukar.api() as api:
        told = api.post(f"/sites/{desk.site}/notices", json={"text": text, "zone": desk.zone}).raise_for_status().json()
    expect(tv.locator("#spoken-text")).to_have_text(text)
    expect(tv.locator("#spoken")).to_be_visible()
    becomes(tv, "speaking")
    kukar.keep(tv, "tv-spoken-notice")
    until(lambda: outcome(kukar, desk, told["seq"]) == "spoken", within=SPOKEN)
    expect(tv.locator("#spoken")).to_be_visible()
    becomes(tv, "ready")


def test_of_two_screens_in_a_zone_only_one_speaks(kukar: Screens) -> None:
    desk = kukar.desk("pengadilan-agama")
    context = kukar.signed_in()
    tvs = [tv_of(kukar, context, desk) for _ in range(2)]
    for tv in tvs:
        becomes(tv, "ready")
    for _ in range(5):  # a loaded machine keeps one from speaking in time, and so lets the other, once, not each time
        for tv in tvs:
            tv.evaluate("window.heard.length = 0")
        number = call(kukar, desk)
        until(partial(times_spoken, kukar, desk, number), within=SPOKEN)
        for tv in tvs:
            expect(tv.locator("#hero-number")).to_have_text(number)
        assert times_spoken(kukar, desk, number) == 1
        finish(kukar, desk)
        spoke = ["speaking" in tv.evaluate("window.heard") for tv in tvs]
        if sorted(spoke) == [False, True]:
            return
    raise AssertionError(spoke)


def test_names_and_numbers_are_whole_on_every_size_of_screen(kukar: Screens) -> None:
    desk = kukar.desk("dpmptsp")
    page = kukar.open(kukar.stranger(), f"/tv/{desk.site}/{desk.zone}", 1920, 1080)
    complaints: list[str] = []
    page.on(
        "console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None
    )
    expect(page.locator("#hero")).not_to_have_attribute("data-state", "start")  # no line is broken off half way
    page.reload()
    number = call(kukar, desk)
    expect(page.locator("#hero-number")).to_have_text(number)
    expect(page.locator("#hero-counter")).to_have_text("Loket 12")
    expect(page.locator("#hero-agency")).to_have_text(desk.short)
    expect(page.locator("h1")).to_have_text("Mal Pelayanan Publik Kutai Kartanegara")
    expect(page.locator(".tv-top__zone")).to_have_text("Aula Utama")
    expect(page.locator("#clock-zone")).to_have_text("WITA")
    expect(page.locator("#counters li")).to_have_count(16)
    expect(page.locator("#counters li", has_text="Loket 12")).to_contain_text(number)
    for width, height in ((1920, 1080), (1366, 768), (3840, 2160), (1280, 720)):
        page.set_viewport_size({"width": width, "height": height})
        drawn(page)
        until(lambda: page.evaluate(CUT_OFF) == [], tell=lambda: str(page.evaluate(CUT_OFF)))
        assert page.evaluate(
            "[document.documentElement.scrollWidth - innerWidth, document.documentElement.scrollHeight - innerHeight]"
        ) == [0, 0]
        smallest = page.evaluate(
            "Math.min(...Array.from(document.querySelectorAll('#counters p'), "
            "(one) => one.offsetHeight ? parseFloat(getComputedStyle(one).fontSize) : Infinity)) / innerHeight"
        )
        assert smallest > 0.015, (width, height)
        kukar.keep(page, f"tv-{width}x{height}")
    finish(kukar, desk)
    assert complaints == []


def test_a_screen_without_sound_says_what_to_touch_and_speaks_after_a_touch(mute: Screens) -> None:
    desk = mute.desk("pengadilan-negeri")
    tv = tv_of(mute, mute.signed_in(), desk)
    expect(tv.locator("#sound")).to_have_attribute("data-state", "blocked")
    expect(tv.locator("#sound-text")).to_have_text("Suara belum aktif: sentuh layar atau tekan OK")
    number = call(mute, desk)
    expect(tv.locator("#hero-number")).to_have_text(number)
    mute.keep(tv, "tv-sound-blocked")
    assert times_spoken(mute, desk, number) == 0
    tv.mouse.click(960, 540)
    expect(tv.locator("#sound[data-state=speaking] #sound-text")).to_have_text("Sedang memanggil", timeout=60_000)
    finish(mute, desk)
