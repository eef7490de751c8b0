"""Events as the outside reads them: their JSON is what CONTRACT.md promises."""

import json
import typing
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from server.domain import events as e
from tests.unit.domain.builders import Bench
from tests.unit.domain.test_fold import ACTIONS, morning

TYPES = typing.get_args(e.Event)
PROMISED = {
    *("ticket-issued", "ticket-called", "ticket-recalled", "ticket-started", "ticket-served", "ticket-no-show"),
    *("ticket-parked", "ticket-resumed", "ticket-transferred", "ticket-returned", "ticket-cancelled"),
    *("counter-opened", "counter-paused", "counter-closed", "announcement-spoken", "announcement-expired"),
    *("notice-announced", "site-configured", "day-opened"),
}
MORE = {
    "ticket-issued": {"number", "service", "agency"},
    "ticket-called": {"number", "counter"},
    "ticket-recalled": {"number", "counter"},
    "ticket-resumed": {"number", "counter"},
    "counter-opened": {"counter"},
    "counter-paused": {"counter"},
    "counter-closed": {"counter"},
    "notice-announced": {"notice", "zones"},
    "announcement-spoken": {"zone", "announcement"},
    "announcement-expired": {"zone", "announcement"},
    "site-configured": {"site"},
    "day-opened": {"day"},
}
PERSONAL = ("name", "nik", "phone", "email", "address", "birth", "ip", "note", "comment", "text")


def tag(event: type[Any]) -> str:
    return str(event.__struct_config__.tag)


def happened(event: type[Any]) -> tuple[Bench, e.Entry]:
    """The latest entry of a type, brought about in a hall at work."""
    bench = morning()
    ACTIONS[event](bench)
    return bench, next(entry for entry in reversed(bench.log) if isinstance(entry.event, event))


def test_the_types_are_those_of_the_contract() -> None:
    assert {tag(event) for event in TYPES} == PROMISED
    assert len(TYPES) == len(PROMISED)


@pytest.mark.parametrize("event", TYPES, ids=tag)
def test_the_json_of_an_event_has_the_promised_fields(event: type[Any]) -> None:
    bench, entry = happened(event)
    got = json.loads(e.encode(entry.event))
    assert got["type"] == tag(event)
    assert MORE.get(tag(event), set()) <= set(got)
    if tag(event).startswith("ticket-"):
        ticket = got["ticket"]
        assert isinstance(ticket, str)
        number = bench.state.tickets[ticket].number if ticket in bench.state.tickets else None
        assert got.get("number", number) == number
    at = datetime.fromisoformat(got["at"])
    assert at.utcoffset() == timedelta(hours=8)
    assert got["at"].endswith("+08:00")


@pytest.mark.parametrize("event", TYPES, ids=tag)
def test_an_event_survives_its_json(event: type[Any]) -> None:
    _, entry = happened(event)
    again = e.decode(e.encode(entry.event))
    assert again == entry.event
    assert e.encode(again) == e.encode(entry.event)


@pytest.mark.parametrize("event", TYPES, ids=tag)
def test_an_event_names_the_command_behind_it_and_no_person(event: type[Any]) -> None:
    _, entry = happened(event)
    assert set(json.loads(e.encode(entry.event))["cause"]) == {"by", "command", "digest", "verb", "keyed"}
    fields = set(event.__struct_fields__)
    assert not fields & set(PERSONAL)
    assert fields <= {
        *("at", "cause", "ticket", "counter", "number", "service", "agency", "priority", "channel", "recall"),
        *("reason", "to_counter", "zone", "announcement", "notice", "zones", "site", "day", "answers"),
    }


@pytest.mark.parametrize("event", TYPES, ids=tag)
def test_an_event_is_frozen_and_says_what_happened(event: type[Any]) -> None:
    _, entry = happened(event)
    assert event.__doc__
    with pytest.raises(AttributeError):
        entry.event.at = entry.event.at  # type: ignore[misc]  # frozen, as mypy knows, too


def test_ticket_events_carry_their_ticket_and_no_other_event_does() -> None:
    for event in TYPES:
        assert ("ticket" in event.__struct_fields__) == tag(event).startswith("ticket-")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"{}",
        b'{"type":"ticket-eaten","at":"2026-11-23T09:00:00+08:00"}',
        b'{"type":"counter-opened","at":"yesterday","cause":{"by":"u","command":"c","digest":"","verb":"open"},"counter":"x"}',
        b'{"type":"counter-opened","at":"2026-11-23T09:00:00+08:00","counter":"x"}',
    ],
)
def test_what_is_no_event_is_not_decoded(data: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        e.decode(data)


def test_an_event_of_a_later_version_with_more_fields_is_still_read() -> None:
    """Additions are free (CONTRACT.md), so an older process must be able to follow a newer one."""
    _, entry = happened(e.TicketCalled)
    more = json.loads(e.encode(entry.event)) | {"colour": "blue"}
    assert e.decode(json.dumps(more).encode()) == entry.event


def test_the_day_and_the_site_stand_in_the_days_first_event() -> None:
    bench, entry = happened(e.DayOpened)
    got = json.loads(e.encode(entry.event))
    assert got["day"] == "2026-11-25"
    assert got["site"]["id"] == bench.state.hall.id
    assert [answered["keyed"] for answered in got["answers"]] == [True]
