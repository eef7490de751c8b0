"""A notice by hand is heard and read: on a TV that speaks, and by those who cannot hear it."""

from playwright.sync_api import expect

from tests.browser.conftest import Screens
from tests.processes import until

TEXT = "Pemilik mobil merah KT 1234 AB, mohon segera ke pintu utama karena menghalangi jalan ambulans."


def outcome(screens: Screens, site: str, seq: int) -> str | None:
    with screens.api() as api:
        told = api.get(f"/sites/{site}/notices").json()["notices"]
    found: str | None = next(one for one in told if one["seq"] == seq)["zones"][0]["outcome"]
    return found


def test_a_notice_is_shown_while_it_is_spoken_and_a_while_longer(kukar: Screens) -> None:
    desk = kukar.desk("bpn")
    tv = kukar.open(kukar.signed_in(), f"/tv/{desk.site}/{desk.zone}", 1920, 1080)
    expect(tv.locator("#sound")).to_have_attribute("data-state", "ready")
    with kukar.api() as api:
        told = api.post(f"/sites/{desk.site}/notices", json={"text": TEXT, "zone": desk.zone}).raise_for_status().json()
    expect(tv.locator("#spoken-text")).to_have_text(TEXT)
    expect(tv.locator("#spoken")).to_be_visible()
    expect(tv.locator("#sound")).to_have_attribute("data-state", "speaking")
    kukar.keep(tv, "tv-spoken-notice")
    until(lambda: outcome(kukar, desk.site, told["seq"]) == "spoken", within=40)
    expect(tv.locator("#sound")).to_have_attribute("data-state", "ready")
    expect(tv.locator("#spoken")).to_be_visible()
