"""GET events: in order, gapless, bounded, without personal data; 410 for what is no longer there."""

import json

import redis

from server.host.valkey import Valkey
from tests.integration.web.house import Api, code, is_time

CONTRACT_TYPES = {
    *("ticket-issued", "ticket-called", "ticket-recalled", "ticket-started", "ticket-served", "ticket-no-show"),
    *("ticket-parked", "ticket-resumed", "ticket-transferred", "ticket-returned", "ticket-cancelled"),
    *("counter-opened", "counter-paused", "counter-closed", "site-configured", "day-opened"),
}


def a_day(api: Api) -> list[str]:
    """Something of every kind; the ids of the tickets."""
    tickets = [api.issue()["id"] for _ in range(5)]
    api.work("loket-1", "open")
    api.work("loket-1", "call-next")
    for verb in ("recall", "start", "park"):
        api.work("loket-1", verb)
    api.work("loket-1", "resume", {"ticket": tickets[0]})
    api.work("loket-1", "no-show")
    api.work("loket-1", "call-next")
    api.work("loket-1", "return")
    api.work("loket-1", "call-next")
    api.work("loket-1", "transfer", {"service": "kk"})
    api.work("loket-1", "call-next")
    api.work("loket-1", "finish")
    api.post(f"/tickets/{tickets[4]}/cancel", role="")
    api.work("loket-1", "pause")
    api.work("loket-1", "close")
    return tickets


def test_the_log_is_read_whole_in_order_and_without_gaps(api: Api) -> None:
    tickets = a_day(api)
    events = api.events()
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert {event["type"] for event in events} == CONTRACT_TYPES
    assert all(is_time(event["at"]) for event in events)
    assert [event["at"] for event in events] == sorted(event["at"] for event in events)
    for event in events:
        kind = event["type"]
        if kind.startswith("ticket-"):
            assert event["ticket"] in tickets
        if kind == "ticket-issued":
            assert {"number", "service", "agency"} <= event.keys()
        if kind in ("ticket-called", "ticket-recalled", "ticket-resumed"):
            assert {"number", "counter"} <= event.keys()


def test_pages_of_any_size_join_without_overlap(api: Api) -> None:
    a_day(api)
    whole = api.events()
    for size in (1, 3, 1000):
        joined: list[dict[str, object]] = []
        while True:
            answer = api.get("/events", "admin", params={"after": len(joined), "limit": size}).json()
            assert answer["last_seq"] == len(whole)
            assert len(answer["events"]) <= size
            if not answer["events"]:
                break
            joined += answer["events"]
        assert joined == whole


def test_after_the_end_there_is_nothing_yet(api: Api) -> None:
    answer = api.get("/events", "integration", params={"after": 2**53}).json()
    assert answer["events"] == []
    assert answer["last_seq"] == api.last_seq()
    assert answer["epoch"]


def test_the_log_tells_nothing_about_callers_or_keys(api: Api) -> None:
    api.post("/tickets", {"service": "ktp"}, "kiosk", "budi-08123456789")
    text = json.dumps(api.events())
    for secret in ("budi-08123456789", "admin", *api.tokens.values()):
        assert secret not in text
    assert all("answers" not in event for event in api.events())


def test_what_was_trimmed_is_gone_with_410_and_the_first_that_is_left(api: Api, valkey: Valkey) -> None:
    api.issue()
    (first,) = [event["seq"] for event in api.events() if event["type"] == "day-opened"]
    with redis.Redis.from_url(valkey.url) as client:
        client.xtrim(f"antrean:{{{api.site}}}:events", minid=f"{first}-0", approximate=False)
    for limit in (1, 1000):
        answer = api.get("/events", "integration", params={"after": first - 2, "limit": limit})
        assert code(answer, 410) == "trimmed"
        assert answer.json()["first_seq"] == first
    found = api.get("/events", "integration", params={"after": first - 1}).json()
    assert [event["seq"] for event in found["events"]] == list(range(first, found["last_seq"] + 1))
    assert api.issue()["number"] == "A-002"


def test_an_entry_of_the_stream_is_an_event_as_the_contract_stores_it(api: Api, valkey: Valkey) -> None:
    api.issue()
    with redis.Redis.from_url(valkey.url) as client:
        entries = client.xrange(f"antrean:{{{api.site}}}:events")
    events = api.events()
    assert [entry[0].decode() for entry in entries] == [f"{event['seq']}-0" for event in events]
    for (_, fields), event in zip(entries, events, strict=True):
        stored = json.loads(fields[b"e"])
        stored.pop("answers", None)
        assert {"seq": event["seq"], **stored} == event
