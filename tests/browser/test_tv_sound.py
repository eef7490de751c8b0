"""A TV as loudspeaker: what it claims was heard, and what it says when it cannot be."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, Playwright, Route, WebSocketRoute, expect

from tests.browser.chromium import launch
from tests.browser.conftest import Desk, Screens, drawn, looked_at
from tests.browser.story import happened
from tests.browser.test_tv import SPOKEN, becomes, call, finish, times_spoken
from tests.processes import Hall, until

DEVICES = """
window.devices = []; window.rate = 0;
const Real = window.AudioContext;
window.AudioContext = function () {
  const context = window.rate ? new Real({ sampleRate: window.rate }) : new Real();
  window.devices.push(context);
  return context;
};
"""
PULLED_OUT = """() => {  // as Chromium does it: suspended, and resume() never succeeds again
  const context = window.devices[window.devices.length - 1];
  context.resume = () => Promise.reject(new Error("no device"));
  return context.suspend();
}"""
CUT_SHORT = """() => Array.from(document.querySelectorAll("h1, #sound, #sound-text, .tv-clock p")).filter((one) => {
  const box = one.getBoundingClientRect();
  return one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== "inline"
    || box.right > innerWidth + 1 || box.left < -1 || box.bottom > innerHeight + 1;
}).map((one) => one.textContent)"""
WATCH = """() => {
  const sound = document.getElementById("sound");
  window.states = [];
  new MutationObserver(() => window.states.push(sound.dataset.state)).observe(sound, { attributes: true });
}"""
FAILED = "Suara gagal: periksa pengeras suara atau sentuh layar"

Open = Callable[[Screens, Desk], Page]


@pytest.fixture
def mute(kukar_hall: Hall, playwright: Playwright) -> Iterator[Screens]:
    """The hall in a browser that allows sound only after a touch."""
    browser = launch(playwright, sound=False)
    with looked_at(kukar_hall, browser) as screens:
        yield screens
    browser.close()


def tv_of(screens: Screens, desk: Desk, state: str = "ready") -> Page:
    """A signed-in TV whose sound device the test can pull out."""
    context = screens.signed_in()
    context.add_init_script(DEVICES)
    page = screens.open(context, f"/tv/{desk.site}/{desk.zone}", 1920, 1080)
    becomes(page, state)
    return page


def speaks(tv: Page) -> bool:
    return tv.locator("#sound").get_attribute("data-state") == "speaking"


def say(screens: Screens, desk: Desk) -> int:
    """A short notice."""
    with screens.api() as api:
        told = api.post(f"/sites/{desk.site}/notices", json={"text": "Mohon perhatian.", "zone": desk.zone})
        return int(told.raise_for_status().json()["seq"])


def said(screens: Screens, desk: Desk, notice: int) -> int:
    events = happened(screens, desk, notice)
    return [one["announcement"] for one in events if one["type"] == "announcement-spoken"].count(notice)


def is_said_once(screens: Screens, desk: Desk, notice: int) -> None:
    until(lambda: said(screens, desk, notice), within=SPOKEN)
    assert said(screens, desk, notice) == 1


def is_spoken_once(screens: Screens, desk: Desk, number: str) -> None:
    until(lambda: times_spoken(screens, desk, number), within=SPOKEN)
    assert times_spoken(screens, desk, number) == 1


def test_a_device_pulled_out_in_mid_word_is_told_and_the_call_is_said_again_when_it_is_back(kukar: Screens) -> None:
    desk = kukar.desk("pln")
    tv = tv_of(kukar, desk)
    number = call(kukar, desk)
    becomes(tv, "speaking")
    tv.evaluate(PULLED_OUT)
    expect(tv.locator("#sound[data-state=failed] #sound-text")).to_have_text(FAILED)
    kukar.keep(tv, "tv-sound-failed")
    assert tv.evaluate(CUT_SHORT) == []
    assert times_spoken(kukar, desk, number) == 0
    is_spoken_once(kukar, desk, number)
    assert tv.evaluate("window.devices.length") > 1
    finish(kukar, desk)


def test_after_a_loss_another_device_counts_only_when_somebody_has_touched_the_screen(kukar: Screens) -> None:
    desk = kukar.desk("pdam")
    tv = tv_of(kukar, desk)
    tv.evaluate("window.rate = 22050")  # as Chromium's make-believe device differs from the one that was there
    tv.evaluate(PULLED_OUT)
    becomes(tv, "failed")
    until(lambda: tv.evaluate("window.devices.length") > 2)
    becomes(tv, "failed")
    notice = say(kukar, desk)
    tv.wait_for_timeout(2000)
    assert said(kukar, desk, notice) == 0
    tv.mouse.click(960, 540)
    is_said_once(kukar, desk, notice)


def test_a_context_that_the_system_suspends_is_muted_and_resumed(kukar: Screens) -> None:
    desk = kukar.desk("bankaltimtara")
    tv = tv_of(kukar, desk)
    tv.evaluate(WATCH)
    tv.evaluate("window.devices[0].suspend()")
    until(lambda: "failed" in tv.evaluate("window.states"))  # it lasts until it looks again, within a second
    becomes(tv, "ready")
    assert tv.evaluate("window.devices.length") == 1


@pytest.mark.parametrize("answer", ["away", "garbage"])
def test_a_recording_that_cannot_be_fetched_or_decoded_is_not_claimed(kukar: Screens, answer: str) -> None:
    desk = kukar.desk("taspen")
    tv = tv_of(kukar, desk)
    asked: list[str] = []

    def spoil(route: Route) -> None:
        asked.append(route.request.url)
        if answer == "away":
            route.fulfill(status=404)
        else:
            route.fulfill(body=b"RIFF....WAVE", content_type="audio/wav")

    tv.route("**/audio/*.wav", spoil)
    notice = say(kukar, desk)
    becomes(tv, "failed")
    until(lambda: passes(tv) and len(set(asked)) < len(asked), tell=lambda: f"tried once: {asked}")
    assert said(kukar, desk, notice) == 0
    tv.unroute("**/audio/*.wav")
    is_said_once(kukar, desk, notice)


def test_a_call_goes_on_after_the_screen_was_loaded_again_in_mid_word(kukar: Screens) -> None:
    desk = kukar.desk("kejaksaan")
    tv = tv_of(kukar, desk)
    number = call(kukar, desk)
    becomes(tv, "speaking")
    tv.reload()
    assert times_spoken(kukar, desk, number) == 0
    becomes(tv, "speaking")
    is_spoken_once(kukar, desk, number)
    finish(kukar, desk)


def test_another_screen_says_what_a_closed_one_had_begun(kukar: Screens) -> None:
    desk = kukar.desk("bnn")
    tvs = [tv_of(kukar, desk) for _ in range(2)]
    number = call(kukar, desk)
    until(lambda: any(map(speaks, tvs)), within=SPOKEN)
    first, second = tvs if speaks(tvs[0]) else reversed(tvs)  # by right the one that came first
    assert not speaks(second)
    first.close()
    becomes(second, "speaking")
    is_spoken_once(kukar, desk, number)
    finish(kukar, desk)


def test_a_word_that_the_network_held_back_is_not_said_and_its_line_not_trusted(kukar: Screens) -> None:
    desk = kukar.desk("pengadilan-negeri")
    context = kukar.signed_in()
    tv = context.new_page()
    lines: list[WebSocketRoute] = []
    held: list[str | bytes] = []

    def between(line: WebSocketRoute) -> None:
        lines.append(line)
        first = len(lines) == 1
        line.connect_to_server().on_message(
            lambda frame: held.append(frame) if first and '"speak"' in str(frame) else line.send(frame)
        )

    tv.route_web_socket(re.compile("/speaker/"), between)
    tv.goto(f"{kukar.hall.url}/tv/{desk.site}/{desk.zone}")
    becomes(tv, "ready")
    tv.evaluate(WATCH)
    number = call(kukar, desk)
    until(lambda: passes(tv) and held)
    tv.wait_for_timeout(1500)
    lines[0].send(held[0])
    until(lambda: passes(tv) and len(lines) > 1)
    assert "speaking" not in tv.evaluate("window.states")
    until(lambda: passes(tv) and times_spoken(kukar, desk, number), within=SPOKEN)
    assert times_spoken(kukar, desk, number) == 1
    finish(kukar, desk)


def passes(page: Page) -> bool:
    """Time; for only then do frames come through a route."""
    page.wait_for_timeout(50)
    return True


@pytest.mark.parametrize("touch", ["click", "key"])
def test_a_browser_that_blocks_sound_says_what_to_touch_and_nothing_on_the_screen_is_cut(
    mute: Screens, touch: str
) -> None:
    desk = mute.desk("samsat")
    tv = tv_of(mute, desk, "blocked")
    expect(tv.locator("#sound-text")).to_have_text("Suara belum aktif: sentuh layar atau tekan OK")
    for width, height in ((1920, 1080), (1366, 768), (1280, 720), (1080, 1920)):
        tv.set_viewport_size({"width": width, "height": height})
        drawn(tv)
        until(lambda: tv.evaluate(CUT_SHORT) == [], tell=lambda: str(tv.evaluate(CUT_SHORT)))
        mute.keep(tv, f"tv-sound-blocked-{width}x{height}")
    if touch == "click":
        tv.mouse.click(300, 300)
    else:
        tv.keyboard.press("Enter")
    becomes(tv, "ready")
