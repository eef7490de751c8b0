"""A visit from the kiosk to the report, on the screens that people use."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Desk, Screens, press
from tests.browser.story import emptied, happened, log_end, of_ticket, take_number
from tests.browser.test_tv import SPOKEN, becomes
from tests.processes import until


def test_a_number_taken_at_the_kiosk_is_called_seen_heard_served_and_reported(kukar: Screens) -> None:
    desk = kukar.desk("disdukcapil")
    context = kukar.signed_in()
    kiosk = kukar.open(context, f"/kiosk/{desk.site}?print=off", 1080, 1920)
    counter = kukar.open(context, f"/counter/{desk.site}/{desk.counter}", 1280, 800)
    tv = kukar.open(context, f"/tv/{desk.site}/{desk.zone}", 1920, 1080)
    becomes(tv, "ready")
    tv.evaluate(
        """() => { window.sounds = [];
        const sound = document.getElementById("sound");
        new MutationObserver(() => window.sounds.push(sound.dataset.state)).observe(sound, { attributes: true }); }"""
    )
    kukar.keep(tv, "tv-before")
    kukar.keep(kiosk, "kiosk-home")

    number = take_number(kiosk, desk)
    assert re.fullmatch(r"A-\d{3}", number)
    expect(kiosk.locator("#ticket-qr")).to_have_js_property("complete", True)
    assert kiosk.locator("#ticket-qr").evaluate("image => image.naturalWidth") > 0
    kukar.keep(kiosk, "kiosk-ticket")
    address = kiosk.locator("#ticket-qr").get_attribute("src") or ""
    phone = kukar.open(kukar.stranger(), address.removesuffix("/qr.svg"), 390, 844)
    expect(phone.locator("body")).to_contain_text(number)
    kukar.keep(phone, "phone-waiting")

    expect(counter.locator("#queue-count")).to_have_text("1")
    counter.bring_to_front()
    counter.click("#call")
    expect(counter.locator("#hand-number")).to_have_text(number)
    expect(tv.locator("#hero-number")).to_have_text(number)
    expect(tv.locator("#hero-counter")).to_have_text("Loket 1")
    until(lambda: "speaking" in tv.evaluate("window.sounds"), within=SPOKEN)
    kukar.keep(tv, "tv-called")
    kukar.keep(counter, "counter-called")
    expect(phone.locator("body")).to_contain_text("Loket 1")
    kukar.keep(phone, "phone-called")

    until(lambda: "announcement-spoken" in of_ticket(kukar, desk, number), within=SPOKEN)
    counter.click("[data-verb=start]")
    expect(counter.locator("#hand")).to_have_attribute("data-status", "serving")
    counter.click("[data-verb=finish]")
    expect(counter.locator("#hand")).to_have_attribute("data-status", "none")
    kukar.keep(counter, "counter-done")
    assert of_ticket(kukar, desk, number) == [
        "ticket-issued",
        "ticket-called",
        "announcement-spoken",
        "ticket-started",
        "ticket-served",
    ]
    with kukar.api() as api:
        address = f"/sites/{desk.site}/reports"
        until(
            lambda: counted(api.get(address).json(), desk) == (1, 1, 0), within=60, tell=lambda: api.get(address).text
        )
    (told,) = json.loads(kukar.run("report", "today", "--json"))["reports"]
    assert counted(told, desk) == (1, 1, 0)
    admin = kukar.open(context, "/admin", 1280, 800)
    kukar.keep(admin, "admin-today")
    admin.click("text=Laporan lengkap")
    expect(admin.locator("#figures table")).to_contain_text("Pencatatan Sipil")


def counted(report: dict[str, Any], desk: Desk) -> tuple[int, int, int] | None:
    """How many numbers of the agency it tells of: taken, served, absent."""
    rows = (row for row in report["rows"] if row["id"] == desk.agency)
    return next(((row["issued"], row["served"], row["no_shows"]) for row in rows), None)


def test_three_calls_within_a_second_are_each_seen_in_order(kukar: Screens) -> None:
    desk = kukar.desk("pajak")
    tv = kukar.open(kukar.stranger(), f"/tv/{desk.site}/{desk.zone}", 1920, 1080)
    expect(tv.locator("#hero")).not_to_have_attribute("data-state", "start")
    tv.evaluate(
        """() => { window.seen = [];
        const number = document.getElementById("hero-number");
        new MutationObserver(() => window.seen.push(number.textContent))
          .observe(number, { childList: true, characterData: true, subtree: true }); }"""
    )
    with kukar.api() as api:
        numbers = [api.post(desk.tickets, json={"service": desk.service}).json()["number"] for _ in range(3)]
        for _ in range(3):
            api.post(desk.verb("call-next")).raise_for_status()
        until(lambda: len(tv.evaluate("window.seen")) >= 3, within=60)
        assert tv.evaluate("window.seen.filter((number, at, all) => number !== all[at - 1])") == numbers
        api.post(desk.verb("finish")).raise_for_status()


@pytest.mark.parametrize(
    ("agency", "button", "event"), [("samsat", "#take", "issued"), ("imigrasi", "#call", "called")]
)
def test_a_double_press_does_one_thing(kukar: Screens, agency: str, button: str, event: str) -> None:
    desk = emptied(kukar, agency)
    context = kukar.signed_in()
    if event == "issued":
        page = kukar.open(context, f"/kiosk/{desk.site}?print=off", 1280, 800)
        press(page, f"#agencies a[href='#a/{desk.agency}']", "#services a")
        press(page, f"#services a[href='#s/{desk.service}']", "#take")
    else:
        with kukar.api() as api:
            for _ in range(2):
                api.post(desk.tickets, json={"service": desk.service}).raise_for_status()
        page = kukar.open(context, f"/counter/{desk.site}/{desk.counter}", 1280, 800)
    page.wait_for_selector(f"{button}:not([aria-disabled=true])")
    page.wait_for_timeout(1000)  # the guard after a new step is over
    before = log_end(kukar, desk)
    page.dblclick(button)

    def done() -> int:
        events = [one["type"] for one in happened(kukar, desk, before) if one.get("agency") == desk.agency]
        return events.count(f"ticket-{event}")

    until(done)
    page.wait_for_timeout(2000)  # time for a second command to come, had it been sent
    assert done() == 1
