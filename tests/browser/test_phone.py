"""The phone: its place in the queue, live, the call full screen, and giving the number back."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Screens


def test_a_phone_sees_its_turn_come_nearer_and_is_called_full_screen(kukar: Screens) -> None:
    desk = kukar.desk("bpn")
    with kukar.api() as api:
        tickets = [api.post(desk.tickets, json={"service": desk.service}).json() for _ in range(2)]
        phone = kukar.open(kukar.stranger(), f"/t/{tickets[1]['id']}", 390, 844)
        expect(phone.locator("#number")).to_have_text(tickets[1]["number"])
        expect(phone.locator("#ahead")).to_have_text("1")
        expect(phone.locator("#estimate")).to_contain_text("menit")
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
        assert called["number"] in phone.title()
        api.post(desk.verb("recall")).raise_for_status()
        expect(phone.locator("#call-recall")).to_have_text("Panggilan ke-2")
        kukar.keep(phone, "phone-called-again")
        api.post(desk.verb("start")).raise_for_status()
        expect(phone.locator("#message-title")).to_have_text("Anda sedang dilayani di Loket 15")
        api.post(desk.verb("finish")).raise_for_status()
        expect(phone.locator("#message-title")).to_have_text("Terima kasih")
        expect(phone.locator("#cancel")).to_be_hidden()


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


def test_a_number_nobody_knows_is_said_so(kukar: Screens) -> None:
    page = kukar.open(kukar.stranger(), "/t/nobody-has-this-number", 390, 844)
    expect(page.locator("body")).to_contain_text(re.compile("tidak ditemukan"))
