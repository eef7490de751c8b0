"""The kiosk: finding a service, getting exactly one number, and being ready for the next visitor."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.browser.conftest import Desk, Screens, looked_at, opened, press
from tests.browser.story import happened, take_number
from tests.processes import until
from tests.support.site_files import in_mid_day

DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
KEYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
GUARD_MS = 1000  # for so long after a new step the kiosk lets no touch through


@pytest.fixture
def rare_day() -> int:
    """The day of the week in three days: some minutes later, after midnight, still one that is named."""
    return (datetime.now(ZoneInfo("Asia/Makassar")) + timedelta(days=3)).weekday()


@pytest.fixture
def part_time(browser: Browser, rare_day: int) -> Iterator[Screens]:
    """A hall that keeps its hours; its agency "jarang" comes again in three days."""
    site = (Path(__file__).parent / "part-time.toml").read_text("utf-8").replace("WEEKDAY", KEYS[rare_day])
    with opened(in_mid_day(site), ANTREAN_ALWAYS_OPEN="0") as hall, looked_at(hall, browser) as screens:
        yield screens


def kiosk_of(screens: Screens, context: BrowserContext, desk: Desk, query: str = "?print=off") -> Page:
    return screens.open(context, f"/kiosk/{desk.site}{query}", 1080, 1920)


def issued(screens: Screens, desk: Desk) -> list[str]:
    """The numbers that the agency has given out."""
    events = happened(screens, desk)
    return [one["number"] for one in events if one["type"] == "ticket-issued" and one["agency"] == desk.agency]


def test_search_on_the_glass_and_the_list_of_agencies_lead_to_a_number(kukar: Screens) -> None:
    desk = kukar.desk("dinkes")
    kiosk = kiosk_of(kukar, kukar.signed_in(), desk)
    first = take_number(kiosk, desk)
    press(kiosk, "#done", "#agencies")

    press(kiosk, "#seek", "#query")
    kiosk.wait_for_timeout(GUARD_MS)
    for letter in "IMUNSI":
        kiosk.locator("#keys").get_by_text(letter, exact=True).click()
    kiosk.keyboard.type("asi")  # a real keyboard goes on where the glass left off
    expect(kiosk.locator("#query")).to_have_value("imunsiasi")
    expect(kiosk.locator("#results a").first).to_have_attribute("href", "#s/imunisasi")
    kukar.keep(kiosk, "kiosk-search")
    press(kiosk, "#results a[href='#s/imunisasi']", "#take")
    press(kiosk, ".kiosk-group:has-text('Lansia')", ".kiosk-group:has-text('Lansia'):has(:checked)")
    press(kiosk, "#take", "#ticket-number")
    expect(kiosk.locator("#ticket-priority")).to_have_text("Lansia")
    second = kiosk.locator("#ticket-number").inner_text()
    assert issued(kukar, desk) == [first, second]
    with kukar.api() as api:
        ticket = (kiosk.locator("#ticket-qr").get_attribute("src") or "").split("/")[2]
        found = api.get(f"{desk.tickets}/{ticket}").json()
    assert (found["number"], found["service"], found["priority"]) == (second, "imunisasi", "elderly")


def test_a_closed_agency_shows_when_it_opens_again_and_gives_no_number(part_time: Screens, rare_day: int) -> None:
    words = f"Buka lagi {DAYS[rare_day]} 08.30"
    kiosk = part_time.open(part_time.signed_in(), "/kiosk/part-time?print=off", 1080, 1920)
    tiles = kiosk.locator("#agencies a")
    expect(tiles).to_have_count(2)
    expect(tiles.first).to_contain_text("Tanpa antrean")
    expect(tiles.last).to_contain_text(words)
    part_time.keep(kiosk, "kiosk-closed-agency")
    press(kiosk, "#agencies a[href='#a/jarang']", "#services a")
    expect(kiosk.locator("#agency-head")).to_contain_text(words)
    press(kiosk, "#services a", "#confirm-head")
    expect(kiosk.locator("#confirm-waiting")).to_have_text(f"Tutup · {words}")
    expect(kiosk.locator("#take")).to_be_hidden()
    part_time.keep(kiosk, "kiosk-closed-service")
    press(kiosk, "#restart", "#seek")
    press(kiosk, "#agencies a[href='#a/selalu']", "#services a")
    press(kiosk, "#services a", "#take")
    press(kiosk, "#take", "#ticket-number")
    expect(kiosk.locator("#ticket-number")).to_have_text("S-001")


def test_when_the_answer_is_lost_the_kiosk_asks_again_and_gets_the_same_number(kukar: Screens) -> None:
    desk = kukar.desk("distransnaker")
    context = kukar.signed_in()
    kiosk = kiosk_of(kukar, context, desk)
    keys: list[str | None] = []

    def lose_the_first_two(route: Route) -> None:
        keys.append(route.request.headers.get("idempotency-key"))
        if len(keys) <= 2:
            assert route.fetch().status == 201  # the server did it
            route.abort("connectionreset")  # and nobody hears of it
        else:
            route.continue_()

    context.route("**/api/sites/*/tickets", lose_the_first_two)
    number = take_number(kiosk, desk)
    assert issued(kukar, desk) == [number]
    assert len(keys) == 3
    assert len(set(keys)) == 1


def test_cut_off_the_kiosk_says_so_and_still_gives_one_number_only(kukar: Screens) -> None:
    desk = kukar.desk("disdikbud")
    context = kukar.signed_in()
    context.clock.install()
    kiosk = kiosk_of(kukar, context, desk)
    press(kiosk, f"#agencies a[href='#a/{desk.agency}']", "#services a")
    press(kiosk, f"#services a[href='#s/{desk.service}']", "#take")
    kiosk.wait_for_timeout(GUARD_MS)
    context.set_offline(True)
    kiosk.click("#take")
    expect(kiosk.locator("#refusal")).to_contain_text("Anda tidak akan mendapat dua nomor")
    kukar.keep(kiosk, "kiosk-retrying")
    kiosk.clock.fast_forward(31_000)
    expect(kiosk.locator("#refusal")).to_contain_text("Sistem antrean belum menjawab")
    expect(kiosk.locator("#take")).to_be_enabled()
    kukar.keep(kiosk, "kiosk-unsure")
    context.set_offline(False)
    press(kiosk, "#take", "#ticket-number")
    assert issued(kukar, desk) == [kiosk.locator("#ticket-number").inner_text()]


def test_left_alone_the_kiosk_counts_down_and_is_ready_for_the_next_visitor(kukar: Screens) -> None:
    desk = kukar.desk("dpu")
    context = kukar.signed_in()
    context.clock.install()
    kiosk = kiosk_of(kukar, context, desk)
    press(kiosk, "#seek", "#query")
    kiosk.locator("#query").fill("paspor hilang")
    kiosk.clock.fast_forward(41_000)
    expect(kiosk.locator("#idle")).to_be_visible()
    expect(kiosk.locator("#idle-count")).to_have_text(re.compile(r"dalam 1?\d detik"))
    kukar.keep(kiosk, "kiosk-idle")
    kiosk.locator("#stay").dispatch_event("pointerdown")  # closed already, a finger would press what lies below
    expect(kiosk.locator("#idle")).to_be_visible()
    kiosk.click("#stay")
    expect(kiosk.locator("#idle")).to_be_hidden()
    expect(kiosk.locator("#query")).to_have_value("paspor hilang")
    kiosk.clock.fast_forward(56_000)
    expect(kiosk.locator("#seek")).to_be_visible()
    expect(kiosk.locator("#idle")).to_be_hidden()
    expect(kiosk.locator("#query")).to_have_value("")

    take_number(kiosk, desk)
    expect(kiosk.locator("#done")).to_contain_text(re.compile(r"\(([12]?\d|30)\)"))
    kiosk.clock.fast_forward(31_000)
    expect(kiosk.locator("#seek")).to_be_visible()
    assert kiosk.locator("#slip").inner_html() == ""


def test_the_second_half_of_a_double_tap_presses_nothing_though_a_slow_screen_hears_of_it_late(kukar: Screens) -> None:
    desk = kukar.desk("dpu")
    before = issued(kukar, desk)
    kiosk = kiosk_of(kukar, kukar.signed_in(), desk)
    expect(kiosk.locator("#seek")).to_be_visible()
    kiosk.evaluate(
        """(address) => new Promise((heard) => {
          const tap = new MouseEvent("click", {detail: 2, bubbles: true, cancelable: true});
          addEventListener("hashchange", () => {
            for (const end = performance.now() + 1000; performance.now() < end; );
            document.getElementById("take").dispatchEvent(tap);
            heard();
          }, {once: true});
          location.hash = address;
        })""",
        f"s/{desk.service}",
    )
    expect(kiosk.locator("#take")).to_be_visible()
    kiosk.wait_for_timeout(500)  # time for a number to come, had it been asked for
    assert issued(kukar, desk) == before


def test_whoever_answers_by_key_that_they_are_there_presses_nothing_else(kukar: Screens) -> None:
    desk = kukar.desk("dpu")
    before = issued(kukar, desk)
    context = kukar.signed_in()
    context.clock.install()
    kiosk = kiosk_of(kukar, context, desk, f"?print=off#s/{desk.service}")
    expect(kiosk.locator("#take")).to_be_visible()
    kiosk.focus("#take")
    kiosk.clock.fast_forward(41_000)
    expect(kiosk.locator("#stay")).to_be_focused()
    kiosk.keyboard.press("Enter")
    expect(kiosk.locator("#idle")).to_be_hidden()
    expect(kiosk.locator("#take")).to_be_focused()
    kiosk.wait_for_timeout(500)  # time for a number to come, had it been asked for
    assert issued(kukar, desk) == before


def test_a_language_that_comes_late_takes_no_number_away(kukar: Screens) -> None:
    desk = kukar.desk("dinsos")
    kiosk = kiosk_of(kukar, kukar.signed_in(), desk)
    expect(kiosk.locator("#seek")).to_be_visible()
    late: list[Route] = []
    kiosk.route("**/kiosk/*", lambda route: late.append(route))
    kiosk.wait_for_timeout(GUARD_MS)
    kiosk.click("a[data-language=en]")
    number = take_number(kiosk, desk)
    late[0].continue_()
    kiosk.wait_for_timeout(500)  # time for the page to be loaded again
    assert len(late) == 1
    expect(kiosk.locator("#ticket-number")).to_be_visible()
    expect(kiosk.locator("#ticket-number")).to_have_text(number)


def test_english_lasts_for_one_visitor(kukar: Screens) -> None:
    desk = kukar.desk("dinsos")
    kiosk = kiosk_of(kukar, kukar.signed_in(), desk)
    expect(kiosk.locator("#seek")).to_be_visible()
    expect(kiosk.locator("#seek")).to_contain_text("Cari layanan")
    kiosk.wait_for_timeout(GUARD_MS)
    kiosk.click("a[data-language=en]")  # once: a second press could hit the page that comes, and load it again
    expect(kiosk.locator("html[lang=en] #agencies a").first).to_be_visible()
    expect(kiosk.locator("#seek")).not_to_contain_text("Cari layanan")
    kukar.keep(kiosk, "kiosk-english")
    take_number(kiosk, desk)
    expect(kiosk.locator("#print-state")).to_contain_text("valid")
    press(kiosk, "#done", "html[lang=id] #seek")


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def test_a_slip_that_still_waits_for_its_code_keeps_no_paper_from_the_next_visitor(kukar: Screens) -> None:
    desk = kukar.desk("dlhk")
    kiosk = kiosk_of(kukar, kukar.signed_in(), desk, query="")
    expect(kiosk.locator("#seek")).to_be_visible()
    kiosk.route("**/qr.svg", lambda route: None)
    kiosk.evaluate(
        """() => { window.slips = [];
        window.print = () => { window.slips.push(document.querySelector(".slip__number").textContent); }; }"""
    )
    for _ in range(2):
        kiosk.locator("#done").dispatch_event("click")
        kiosk.evaluate("(address) => (location.hash = address)", f"s/{desk.service}")
        expect(kiosk.locator("#take")).to_be_visible()
        kiosk.locator("#take").press("Enter")
        expect(kiosk.locator("#ticket-number")).to_be_visible()
    second = kiosk.locator("#ticket-number").inner_text()
    until(lambda: second in kiosk.evaluate("window.slips"))


def test_the_printer_gets_one_slip_with_nothing_else_on_it(kukar: Screens) -> None:
    desk = kukar.desk("dlhk")
    kiosk = kiosk_of(kukar, kukar.signed_in(), desk, query="")
    number = take_number(kiosk, desk)
    expect(kiosk.locator("#print-state")).to_contain_text("Nomor Anda tetap berlaku")
    expect(kiosk.locator("#print")).to_have_text("Cetak lagi")
    until(lambda: kiosk.locator("#slip img").evaluate("image => image.complete && image.naturalWidth > 0"))
    kiosk.emulate_media(media="print")
    for width, height in ((80, 150), (58, 110)):
        assert pages(kiosk.pdf(width=f"{width}mm", height=f"{height}mm", prefer_css_page_size=False)) == 1
    kiosk.set_viewport_size({"width": 302, "height": 600})  # 80 mm
    expect(kiosk.locator("#slip")).to_be_visible()
    expect(kiosk.locator(".slip__number")).to_have_text(number)
    expect(kiosk.locator("#slip")).to_contain_text(kiosk.locator(".kiosk-top__name").text_content() or "?")
    assert kiosk.locator("body > :visible").count() == 1
    assert kiosk.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    kukar.keep(kiosk, "kiosk-slip")
