"""What visitors do on the screens, and what the hall's log tells of it."""

from typing import Any

from playwright.sync_api import Page

from tests.browser.conftest import Desk, Screens, press


def take_number(kiosk: Page, desk: Desk) -> str:
    """The agency's first service, no priority: three touches."""
    press(kiosk, f"#agencies a[href='#a/{desk.agency}']", "#services a")
    press(kiosk, f"#services a[href='#s/{desk.service}']", "#take")
    press(kiosk, "#take", "#ticket-number")
    return kiosk.locator("#ticket-number").inner_text()


def emptied(screens: Screens, agency: str) -> Desk:
    """A counter at which nobody waits, whatever was here before."""
    desk = screens.desk(agency)
    with screens.api() as api:
        while api.post(desk.verb("call-next")).raise_for_status().json()["ticket"]:
            pass
    return desk


def happened(screens: Screens, desk: Desk, after: int = 0) -> list[dict[str, Any]]:
    """The hall's events, oldest first."""
    with screens.api() as api:
        found: list[dict[str, Any]] = []
        while True:
            answer = api.get(f"/sites/{desk.site}/events", params={"after": after, "limit": 1000}).json()
            found += answer["events"]
            if len(answer["events"]) < 1000:
                return found
            after = found[-1]["seq"]


def log_end(screens: Screens, desk: Desk) -> int:
    """The seq of the newest event."""
    with screens.api() as api:
        return int(api.get(f"/sites/{desk.site}/events", params={"limit": 1}).json()["last_seq"])


def of_ticket(screens: Screens, desk: Desk, number: str) -> list[str]:
    """What happened to a ticket, its announcements included."""
    events = happened(screens, desk)
    ticket = next(one["ticket"] for one in events if one["type"] == "ticket-issued" and one["number"] == number)
    calls = {one["seq"] for one in events if one.get("ticket") == ticket}
    return [one["type"] for one in events if one.get("ticket") == ticket or one.get("announcement") in calls]
