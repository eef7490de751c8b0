"""A hall's sound, for supervisors: heard beforehand, said by hand, corrected; how speakers and voices stand, live."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import APIResponse, Browser, Page, Route, expect

from tests.browser.axe import faults
from tests.browser.conftest import Screens, looked_at
from tests.browser.test_phone import overflows
from tests.processes import Hall, until
from tests.screenshots.halls import hall

SOUNDS = """() => { window.sounds = 0;
const start = AudioBufferSourceNode.prototype.start;
AudioBufferSourceNode.prototype.start = function () { window.sounds += 1; start.call(this); }; }"""


@pytest.fixture(scope="module")
def small_hall() -> Iterator[Hall]:
    with hall("one") as found:
        yield found


@pytest.fixture
def small(small_hall: Hall, browser: Browser) -> Iterator[Screens]:
    """A hall of one counter and one zone."""
    with looked_at(small_hall, browser) as screens:
        yield screens


def sound(screens: Screens, query: str = "") -> Page:
    page = screens.open(screens.signed_in(), f"/admin/sound/satu{query}", 1280, 900)
    expect(page.locator("#voices li")).to_have_count(1)
    return page


def test_a_call_is_heard_beforehand_in_the_hall_s_own_words_and_nothing_is_said_there(small: Screens) -> None:
    page = sound(small)
    page.evaluate(SOUNDS)
    fetched: list[str] = []

    def comes_late(route: Route) -> None:
        fetched.append(route.request.url)
        time.sleep(0.8)  # in a hall, a TV would leave it to another speaker
        route.continue_()

    page.route("**/audio/*.wav", comes_late)
    page.fill("#hear-number", "7")
    page.select_option("#hear-english", "en")
    with page.expect_response("**/hearing") as answer:
        page.click("#hear button[type=submit]")
    expect(page.locator("#now-text")).to_have_text(
        "Nomor antrean A-007, silakan menuju Loket 1, Kecamatan. Number A-007, please proceed to counter one, Kecamatan."
    )
    expect(page.locator("#now-voice")).to_have_text("eSpeak")
    expect(page.locator("#now")).to_be_visible()
    until(lambda: page.evaluate("window.sounds"))
    assert {url.removeprefix(small.hall.url) for url in fetched} == set(answer.value.json()["clips"])
    page.click("#now-stop")
    expect(page.locator("#now")).to_be_hidden()
    expect(page.locator("#hear button[type=submit]")).to_be_enabled()
    expect(page.locator("#hear-result")).to_be_empty()
    with small.api() as api:
        assert api.get("/sites/satu/notices").json()["notices"] == []


def test_what_was_stopped_while_it_was_still_being_fetched_is_not_heard(small: Screens) -> None:
    page = sound(small)
    page.evaluate(SOUNDS)
    held: list[Route] = []
    page.route("**/audio/*.wav", lambda route: held.append(route))
    page.click("#hear button[type=submit]")
    page.click("#now-stop")
    until(lambda: page.evaluate("1") and len(held) == 2)
    for route in held:
        route.continue_()
    expect(page.locator("#hear button[type=submit]")).to_be_enabled()
    assert page.evaluate("window.sounds") == 0


def test_a_pronunciation_is_heard_before_it_is_saved_and_can_be_taken_back(small: Screens) -> None:
    page = sound(small)
    held: list[Route] = []
    page.route("**/audio/*.wav", lambda route: held.append(route))
    page.fill("#word-written", "IKD")
    page.fill("#word-spoken", "i ka de")
    page.click("#word-hear")
    expect(page.locator("#now-text")).to_have_text("IKD")
    with small.api() as api:
        assert api.get("/sites/satu/pronunciations").json()["pronunciations"] == []
        page.click("#word button[type=submit]")
        line = page.locator("#words-list li")
        expect(line).to_contain_text("IKD → i ka de")
        assert api.get("/sites/satu/pronunciations").json()["pronunciations"][0]["own"] == "i ka de"
        expect(page.locator("#word-result")).to_contain_text("disimpan")
        page.click("#now-stop")
        for route in held:
            route.continue_()
        expect(page.locator("#word-hear")).to_be_enabled()
        expect(page.locator("#word-result")).to_contain_text("disimpan")
        line.locator("button", has_text="Ubah").click()
        expect(page.locator("#word-spoken")).to_have_value("i ka de")
        line.locator("button", has_text="Hapus").click()
        expect(line).to_have_count(0)
        assert api.get("/sites/satu/pronunciations").json()["pronunciations"] == []


def test_what_is_said_by_hand_is_seen_waiting_spoken_and_heard_and_so_is_the_speaker(small: Screens) -> None:
    page = sound(small)
    expect(page.locator("#zones")).to_contain_text("Tidak ada yang tersambung")
    tv = small.open(small.signed_in(), "/tv/satu/z", 1280, 720)
    page.bring_to_front()
    expect(page.locator("#zones .badge--good")).to_have_text("Siap berbicara")
    long = "Loket tutup pukul tiga. " * 3  # there is something to stop only while it lasts
    page.fill("#say-text", long)
    page.click("#say-hear")
    expect(page.locator("#now-text")).to_have_text(long.strip())
    page.click("#now-stop")
    page.fill("#say-text", "Loket tutup pukul tiga.")
    page.click("#say-now")
    expect(page.locator("#say-result")).to_contain_text("Diteruskan")
    expect(page.locator("#say-text")).to_have_value("")
    expect(page.locator("#notices li").first).to_contain_text("Loket tutup pukul tiga.")
    heard = page.locator("#notices li").first.locator(".badge--good")
    expect(heard).to_contain_text("terdengar pukul", timeout=60_000)
    expect(tv.locator("#spoken")).to_contain_text("Loket tutup pukul tiga.")  # its caption
    tv.close()
    expect(page.locator("#zones")).to_contain_text("Tidak ada yang tersambung")


def test_nothing_flickers_and_an_absent_server_is_said(small: Screens) -> None:
    page = sound(small)
    page.evaluate(
        "() => { window.changes = 0; new MutationObserver((all) => { window.changes += all.length; })"
        ".observe(document.body, {subtree: true, childList: true, characterData: true, attributes: true}); }"
    )

    def looked_without_a_change() -> bool:
        page.evaluate("window.changes = 0")
        with page.expect_response("**/api/sites/satu/sound"):
            pass
        page.wait_for_timeout(300)
        return bool(page.evaluate("window.changes") == 0)

    until(looked_without_a_change)  # not the first time, if something of the page was still to come
    page.route("**/api/**", lambda route: route.abort())
    expect(page.locator("#stale")).to_be_visible()
    page.unroute("**/api/**")
    expect(page.locator("#stale")).to_be_hidden()


@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
def test_axe_finds_nothing(small: Screens, theme: str) -> None:
    language = {"light": "id", "dark": "en", "contrast": "id"}[theme]
    page = sound(small, f"?theme={theme}&lang={language}")
    page.click("#hear button[type=submit]")
    expect(page.locator("#now")).to_be_visible()
    assert faults(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert not overflows(page)


def test_an_answer_that_was_asked_for_before_another_does_not_take_its_place(small: Screens) -> None:
    page = sound(small)
    said = page.locator("#notices li")
    before = said.count()
    late: list[tuple[Route, APIResponse]] = []

    def first_comes_late(route: Route) -> None:
        if late:
            route.continue_()
        else:
            late.append((route, route.fetch()))

    page.route("**/api/sites/satu/notices", first_comes_late)
    until(lambda: page.evaluate("1") and late)
    page.fill("#say-text", "Layanan selesai pukul empat.")
    page.click("#say-now")
    expect(said).to_have_count(before + 1)
    ((route, answer),) = late
    route.fulfill(response=answer)
    page.wait_for_timeout(500)  # time for it to be shown
    assert said.count() == before + 1
