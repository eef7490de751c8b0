"""The page of health and the screens it tells of; the journal and what is new in it."""

import os
import re
import signal

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Screens
from tests.browser.test_troubles import pid_of

NAME = "localStorage.getItem('antrean-device')"
JOURNAL = "/hall/mpp-kukar/log?kind=counters&counter=loket-29"


def test_each_screen_is_known_again_and_a_counter_that_is_left_is_not_missed(kukar: Screens) -> None:
    context = kukar.signed_in()
    tv = kukar.open(kukar.stranger(), "/tv/mpp-kukar/lantai-2", 1280, 720)
    kiosk = kukar.open(kukar.signed_in(), "/kiosk/mpp-kukar", 1080, 1920)
    counter = kukar.open(kukar.signed_in(), "/counter/mpp-kukar/loket-30", 1280, 800)
    health = kukar.open(context, "/admin/health", 1280, 800)
    screens = {"tv/lantai-2": tv, "kiosk/": kiosk, "counter/loket-30": counter}
    names = {place: page.evaluate(NAME) for place, page in screens.items()}
    cards = {
        place: health.locator(f"[id='d-mpp-kukar/{place}/{name}'], [id='d-mpp-kukar/{place}{name}']")
        for place, name in names.items()
    }
    for card in cards.values():
        expect(card).to_have_attribute("data-state", "good")
    tv.reload()
    assert tv.evaluate(NAME) == names["tv/lantai-2"]
    counter.goto(f"{kukar.hall.url}/login")
    expect(cards["counter/loket-30"]).to_have_count(0)
    expect(cards["tv/lantai-2"]).to_have_attribute("data-state", "good")
    assert health.evaluate("document.documentElement.scrollWidth") <= 1280
    health.set_viewport_size({"width": 390, "height": 844})
    assert health.evaluate("document.documentElement.scrollWidth") <= 390


def test_what_is_new_in_the_journal_waits_until_it_is_asked_for(kukar: Screens) -> None:
    with kukar.api() as api:
        api.post("/sites/mpp-kukar/counters/loket-29/close")  # it may be open, from another test
        page = kukar.open(kukar.signed_in(), JOURNAL, 390, 844)
        expect(page.locator("#journal-new")).to_be_hidden()
        before = page.locator(".journal__one").count()
        api.post("/sites/mpp-kukar/counters/loket-29/open").raise_for_status()
    expect(page.locator("#journal-new")).to_contain_text("1 kejadian baru")
    expect(page.locator(".journal__one")).to_have_count(before)
    page.click("#journal-new")
    expect(page.locator(".journal__what").first).to_have_text("Loket 29 dibuka")
    expect(page.locator("#journal-new")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_journal_begins_anew_with_the_day(kukar: Screens) -> None:
    page = kukar.open(kukar.signed_in(), JOURNAL, 1280, 800)
    page.evaluate("document.getElementById('journal').dataset.live = '2020-01-02'")  # as if it had been opened then
    expect(page.locator("#journal[data-live='2020-01-02']")).to_have_count(0)
    expect(page.locator("#journal[data-live]")).to_have_count(1)


def test_a_server_that_hangs_is_told_and_so_is_its_return(kukar: Screens) -> None:
    context = kukar.signed_in()
    pages = {
        name: kukar.open(context, path, 1280, 800) for name, path in (("health", "/admin/health"), ("journal", JOURNAL))
    }
    server = pid_of(kukar.hall, "antrean.py serve")
    os.kill(server, signal.SIGSTOP)
    try:
        for name, page in pages.items():
            expect(page.locator(f"#{name}-stale")).to_be_visible(timeout=30_000)
    finally:
        os.kill(server, signal.SIGCONT)
    for name, page in pages.items():
        expect(page.locator(f"#{name}-stale")).to_be_hidden(timeout=30_000)


@pytest.mark.parametrize("path", ["/admin/health", "/admin/jobs", JOURNAL])
def test_whoever_is_signed_out_is_led_to_sign_in(kukar: Screens, path: str) -> None:
    page = kukar.open(kukar.signed_in(), path, 1280, 800)
    page.context.clear_cookies()
    expect(page).to_have_url(re.compile(r"/login\?next="))
