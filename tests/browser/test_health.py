"""The page of health and the screens it tells of; the journal and what is new in it."""

from playwright.sync_api import expect

from tests.browser.conftest import Screens

NAME = "localStorage.getItem('antrean-device')"


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
    page = kukar.open(kukar.signed_in(), "/hall/mpp-kukar/log?kind=counters&counter=loket-29", 390, 844)
    expect(page.locator("#journal-new")).to_be_hidden()
    with kukar.api() as api:
        api.post("/sites/mpp-kukar/counters/loket-29/open").raise_for_status()
    expect(page.locator("#journal-new")).to_contain_text("1 kejadian baru")
    expect(page.locator(".journal__one")).to_have_count(0)
    page.click("#journal-new")
    expect(page.locator(".journal__what").first).to_have_text("Loket 29 dibuka")
    expect(page.locator("#journal-new")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
