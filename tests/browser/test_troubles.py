"""Screens when something is wrong: they say so plainly, and come back alone."""

import os
import signal

import httpx
from playwright.sync_api import expect

from tests.browser.conftest import Screens, press
from tests.processes import Hall, until


def pid_of(hall: Hall, word: str) -> int:
    return next(pid for pid, command in hall.alive().items() if word in command)


def test_screens_say_that_the_log_is_away_and_return_by_themselves(kukar: Screens) -> None:
    desk = kukar.desk("polres")
    context = kukar.signed_in()
    tv = kukar.open(context, f"/tv/{desk.site}/{desk.zone}", 1920, 1080)
    counter = kukar.open(context, f"/counter/{desk.site}/{desk.counter}", 1280, 800)
    expect(tv.locator("#hero")).not_to_have_attribute("data-state", "start")
    expect(tv.locator("#banner")).to_be_hidden()
    expect(counter.locator("[data-verb=open]")).to_have_attribute("aria-pressed", "true")
    valkey = pid_of(kukar.hall, "valkey-server")
    os.kill(valkey, signal.SIGSTOP)
    try:
        expect(tv.locator("#banner")).to_be_visible(timeout=40_000)
        expect(counter.locator("#cut")).to_be_visible(timeout=40_000)
        kukar.keep(tv, "tv-log-away")
        kukar.keep(counter, "counter-log-away")
        with kukar.api(httpx.Client) as api:
            refused = api.post(desk.tickets, json={"service": desk.service})
            assert (refused.status_code, refused.json()["code"]) == (503, "log-unavailable")
            assert api.get(f"{kukar.hall.url}/healthz").status_code == 503
    finally:
        os.kill(valkey, signal.SIGCONT)
    expect(tv.locator("#banner")).to_be_hidden(timeout=40_000)
    expect(counter.locator("#cut")).to_be_hidden(timeout=40_000)


def test_a_tv_survives_the_death_of_the_server_and_shows_what_it_missed(kukar: Screens) -> None:
    desk = kukar.desk("bapenda")
    tv = kukar.open(kukar.stranger(), f"/tv/{desk.site}/{desk.zone}", 1920, 1080)
    expect(tv.locator("#hero")).not_to_have_attribute("data-state", "start")
    os.kill(pid_of(kukar.hall, "antrean.py serve"), signal.SIGKILL)
    with kukar.api() as api:
        until(lambda: _is_well(api, kukar.hall), within=60)
        number = api.post(desk.tickets, json={"service": desk.service}).json()["number"]
        api.post(desk.verb("call-next")).raise_for_status()
        api.post(desk.verb("finish")).raise_for_status()
    expect(tv.locator("#hero-number")).to_have_text(number, timeout=40_000)


def _is_well(api: httpx.Client, hall: Hall) -> bool:
    try:
        return api.get(f"{hall.url}/healthz").status_code == 200
    except httpx.TransportError:
        return False


def test_names_with_quotes_and_scripts_are_text_on_every_screen(nasty: Screens) -> None:
    context = nasty.signed_in()
    with nasty.api() as api:
        ticket = api.post("/sites/nasty/tickets", json={"service": "s"}).json()
        api.post("/sites/nasty/counters/c/open").raise_for_status()
        api.post("/sites/nasty/counters/c/call-next").raise_for_status()
    shows = {
        "/": "main",
        "/kiosk/nasty": "#agencies a",
        "/counter/nasty/c": "#hand[data-status=called]",
        "/tv/nasty/z": "#hero[data-state=call]",
        f"/t/{ticket['id']}": "body[data-status=called]",
        "/admin": "main",
    }
    for path, all_there in shows.items():
        page = nasty.open(context, path, 1280, 800)
        expect(page.locator(all_there)).to_be_visible()
        shown = page.locator("body")
        expect(shown).to_contain_text("<" if path != "/admin" else "MPP")
        page.wait_for_timeout(300)
        assert page.evaluate("window.hacked") is None
        nasty.keep(page, "nasty" + path.replace("/", "-").replace(ticket["id"], "ticket"))
    kiosk = nasty.open(context, "/kiosk/nasty?print=off", 1280, 800)
    press(kiosk, "#agencies a", "#services a")
    expect(kiosk.locator("#services")).to_contain_text("Layanan <img src=x onerror=window.hacked=1>")
    press(kiosk, "#services a", "#take")
    press(kiosk, "#take", "#ticket-number")
    expect(kiosk.locator("#ticket-number")).to_have_text("A-002")
    assert kiosk.evaluate("window.hacked") is None
