"""The phone: its place in the queue, live, the call full screen, giving the number back, and no network."""

import re
from functools import partial

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.browser.axe import faults
from tests.browser.conftest import Screens
from tests.browser.story import emptied
from tests.processes import until

SIZES = ((390, 844), (360, 640), (844, 390))


def overflows(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


def test_a_phone_sees_its_turn_come_nearer_and_is_called_full_screen(kukar: Screens) -> None:
    desk = kukar.desk("bpn")
    with kukar.api() as api:
        tickets = [api.post(desk.tickets, json={"service": desk.service}).json() for _ in range(2)]
        phone = kukar.open(kukar.stranger(), f"/t/{tickets[1]['id']}", 390, 844)
        expect(phone.locator("#number")).to_have_text(tickets[1]["number"])
        expect(phone.locator("#ahead")).to_have_text("1")
        expect(phone.locator("#estimate")).to_contain_text("menit")
        expect(phone.locator("#place-zone")).to_have_text("Aula Utama")
        api.post(desk.verb("call-next")).raise_for_status()
        expect(phone.locator("#ahead")).to_have_text("0")
        expect(phone.locator("#waiting-hint")).to_contain_text("Giliran Anda berikutnya")
        kukar.keep(phone, "phone-next")

        called = api.post(desk.verb("call-next")).json()["ticket"]
        assert called["number"] == tickets[1]["number"]
        expect(phone.locator("#call-number")).to_have_text(called["number"])
        expect(phone.locator("#call-counter")).to_have_text("Loket 15")
        expect(phone.locator("#call-zone")).to_have_text("Aula Utama")
        box = phone.locator("#state-called").bounding_box()
        assert box
        assert (box["x"], box["y"], box["width"]) == (0, 0, 390)
        assert box["height"] >= 844
        expect(phone.locator("#sheet")).to_be_hidden()
        api.post(desk.verb("recall")).raise_for_status()
        expect(phone.locator("#call-recall")).to_have_text("Panggilan ke-2")
        kukar.keep(phone, "phone-called-again")
        api.post(desk.verb("start")).raise_for_status()
        expect(phone.locator("#message-title")).to_have_text("Anda sedang dilayani di Loket 15")
        api.post(desk.verb("finish")).raise_for_status()
        expect(phone.locator("#message-title")).to_have_text("Terima kasih")
        expect(phone.locator("#cancel")).to_be_hidden()


def test_a_call_rings_and_the_title_blinks_until_it_is_seen(kukar: Screens) -> None:
    """The oscillators that were started are counted: what a browser does with them is its own affair."""
    desk = kukar.desk("bpn")
    with kukar.api() as api:
        ticket = api.post(desk.tickets, json={"service": desk.service}).json()
        phone = kukar.open(kukar.stranger(), f"/t/{ticket['id']}", 390, 844)
        phone.evaluate(
            "() => { const start = OscillatorNode.prototype.start; window.notes = 0;"
            "OscillatorNode.prototype.start = function (at) { window.notes += 1; start.call(this, at); };"
            "window.felt = 0; navigator.vibrate = () => { window.felt += 1; return true; }; }"
        )
        expect(phone.locator("#alarm-button")).to_have_attribute("aria-pressed", "false")
        phone.click("#alarm-button")
        expect(phone.locator("#alarm-button")).to_have_attribute("aria-pressed", "true")
        until(lambda: phone.evaluate("window.notes") >= 3)  # it is heard that it can be heard
        assert phone.evaluate("window.notes") == 3
        while api.post(desk.verb("call-next")).json()["ticket"]["id"] != ticket["id"]:
            pass
        expect(phone.locator("#call-seen")).to_be_visible()
        expect(phone).to_have_title(re.compile("^●"))
        expect(phone).to_have_title(re.compile("^Giliran Anda"))
        assert phone.evaluate("[window.notes, window.felt]") == [3 + 9, 1]
        api.post(desk.verb("recall")).raise_for_status()
        expect(phone.locator("#call-recall")).to_be_visible()
        assert phone.evaluate("[window.notes, window.felt]") == [3 + 18, 2]
        phone.click("#call-seen")
        expect(phone.locator("#call-seen")).to_be_hidden()
        title = phone.title()
        phone.wait_for_timeout(1200)
        assert phone.title() == title
        assert ticket["number"] in title
        api.post(desk.verb("finish")).raise_for_status()


def test_what_to_bring_and_where_to_wait_is_told_and_every_size_holds_it(kukar: Screens) -> None:
    with kukar.api() as api:
        ticket = api.post("/sites/mpp-kukar/tickets", json={"service": "paspor-ganti"}).json()
    phone = kukar.open(kukar.stranger(), f"/t/{ticket['id']}", 390, 844)
    expect(phone.locator("#bring-list li")).to_have_text(["KTP-el asli", "Paspor lama"])
    for width, height in SIZES:
        phone.set_viewport_size({"width": width, "height": height})
        until(lambda: not overflows(phone), tell=partial("{} by {}".format, width, height))


@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
def test_axe_finds_nothing_on_a_phone_in_any_state(kukar: Screens, theme: str) -> None:
    desk = emptied(kukar, "kemenag")
    language = {"light": "id", "dark": "en", "contrast": "id"}[theme]
    with kukar.api() as api:
        ticket = api.post(desk.tickets, json={"service": desk.service, "priority": "elderly"}).json()
        phone = kukar.open(kukar.stranger(), f"/t/{ticket['id']}?theme={theme}&lang={language}", 390, 844)
        phone.emulate_media(reduced_motion="reduce")
        expect(phone.locator("#state-waiting")).to_be_visible()
        phone.click("#cancel-ask")
        expect(phone.locator("#cancel-yes")).to_be_enabled()
        assert faults(phone) == []
        for press, status in (
            ("call-next", "called"),
            ("park", "parked"),
            ("resume", "called"),
            ("no-show", "no-show"),
        ):
            body = {"ticket": ticket["id"]} if press == "resume" else {}
            api.post(desk.verb(press), json=body).raise_for_status()
            expect(phone.locator("body")).to_have_attribute("data-status", status)
            assert faults(phone) == [], status
    phone.goto(f"{kukar.hall.url}/t/offline")
    assert faults(phone) == []


def test_a_number_is_given_back_from_the_phone_after_a_second_question(kukar: Screens) -> None:
    desk = kukar.desk("bpjs-kesehatan")
    with kukar.api() as api:
        ticket = api.post(desk.tickets, json={"service": desk.service}).json()
        phone = kukar.open(kukar.stranger(), f"/t/{ticket['id']}", 390, 844)
        phone.click("#cancel-ask")
        phone.click("#cancel-no")
        expect(phone.locator("#cancel-confirm")).to_be_hidden()
        phone.click("#cancel-ask")
        kukar.keep(phone, "phone-cancel")
        phone.click("#cancel-yes")
        expect(phone.locator("#message-title")).to_have_text("Nomor ini sudah dibatalkan")
        assert api.get(f"{desk.tickets}/{ticket['id']}").json()["status"] == "cancelled"
        phone.click("text=English")
        expect(phone.locator("html")).to_have_attribute("lang", "en")
        expect(phone.locator("#status")).to_have_text("Cancelled")


def test_the_second_half_of_a_double_tap_does_not_give_the_number_back(kukar: Screens) -> None:
    desk = kukar.desk("bpjs-kesehatan")
    with kukar.api() as api:
        ticket = api.post(desk.tickets, json={"service": desk.service}).json()
        phone = kukar.open(kukar.stranger(), f"/t/{ticket['id']}", 390, 844)
        expect(phone.locator("#cancel-ask")).to_be_visible()
        under_the_finger = phone.evaluate("""() => {
            const ask = document.getElementById("cancel-ask");
            const {x, y, width, height} = ask.getBoundingClientRect();
            ask.click();
            const next = document.elementFromPoint(x + width / 2, y + height / 2);
            next.click();
            return next.id;
        }""")
        assert under_the_finger == "cancel-yes"
        expect(phone.locator("#cancel-yes")).to_be_enabled()
        assert api.get(f"{desk.tickets}/{ticket['id']}").json()["status"] == "waiting"


def test_when_the_day_has_ended_the_number_is_shown_as_no_longer_valid(kukar: Screens) -> None:
    lines: list[WebSocketRoute] = []

    def connect(line: WebSocketRoute) -> None:
        if lines:
            line.close(code=4004)
        else:
            line.connect_to_server()
        lines.append(line)

    with kukar.api() as api:
        ticket = api.post("/sites/mpp-kukar/tickets", json={"service": "paspor-ganti"}).json()
    phone = kukar.stranger().new_page()
    phone.route_web_socket("**/ws/**", connect)
    phone.goto(f"{kukar.hall.url}/t/{ticket['id']}")
    expect(phone.locator("#number")).to_have_text(ticket["number"])
    lines[0].close(code=4004)
    expect(phone.locator("#message-title")).to_have_text("Hari layanan telah berakhir")
    expect(phone.locator("#banner")).to_be_hidden()
    expect(phone.locator("#alarm")).to_be_hidden()
    expect(phone.locator("#cancel")).to_be_hidden()


def test_without_a_network_the_last_known_state_is_shown_with_its_time_and_never_as_live(kukar: Screens) -> None:
    with kukar.api() as api:
        ticket = api.post("/sites/mpp-kukar/tickets", json={"service": "paspor-ganti"}).json()
    context = kukar.stranger()
    phone = kukar.open(context, f"/t/{ticket['id']}", 390, 844)
    expect(phone.locator("#state-waiting")).to_be_visible()
    ahead = phone.locator("#ahead").inner_text()
    scope = phone.evaluate("navigator.serviceWorker.ready.then((kept) => new URL(kept.scope).pathname)")
    assert scope == "/t/"
    context.set_offline(True)
    phone.reload()
    expect(phone.locator("#number")).to_have_text(ticket["number"])
    expect(phone.locator(".banner")).to_contain_text("bukan keadaan sekarang")
    expect(phone.locator("#at")).to_have_text(re.compile(r"Keadaan terakhir: \w+, \d+ \w+ \d{4}, pukul \d\d\.\d\d"))
    expect(phone.locator("#ahead")).to_contain_text(f"{ahead} orang")
    expect(phone.locator(".phone-slip--old")).to_be_visible()
    assert not overflows(phone)
    # Nothing else comes from the phone's keeping: neither another page nor a live page's script.
    kept = "caches.keys().then((all) => caches.open(all[0])).then((one) => one.keys()).then((all) => all.map((r) => r.url))"
    assert {url.removeprefix(kukar.hall.url) for url in phone.evaluate(kept)} == {
        *("/t/offline", "/static/css/tokens.css", "/static/css/base.css"),
        *("/static/css/components.css", "/static/css/phone.css"),
        *("/static/js/theme.js", "/static/js/phone-offline.js", "/static/img/icon.svg"),
    }
    context.set_offline(False)  # the page comes back by itself; #retry is for the impatient
    expect(phone.locator("#state-waiting")).to_be_visible()
    kiosk = kukar.open(context, "/", 800, 600)
    assert kiosk.evaluate("navigator.serviceWorker.controller") is None


def test_a_number_nobody_knows_is_said_so(kukar: Screens) -> None:
    page = kukar.open(kukar.stranger(), "/t/nobody-has-this-number", 390, 844)
    expect(page.locator("body")).to_contain_text(re.compile("tidak ditemukan"))
