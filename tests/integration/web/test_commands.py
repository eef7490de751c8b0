"""Every route and verb as CONTRACT.md words it: status, headers, shape, effect."""

import pytest

from tests.integration.web.house import AGENCY, OTHER, SERVICE, TIMEZONE, Api, code, is_recent, is_time


def test_the_list_of_sites_names_each_with_its_id(other: Api) -> None:
    answer = other._client.get(f"{other.server.url}/api/sites")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert OTHER in [site["id"] for site in answer.json()["sites"]]


def test_a_site_tells_what_a_kiosk_needs(other: Api) -> None:
    site = other.get().json()
    assert (site["id"], site["timezone"]) == (OTHER, TIMEZONE)
    assert is_time(site["now"])
    umum, pajak, libur = site["agencies"]
    assert (umum["name"], umum["prefix"], umum["open_now"], umum["opens_next"]) == (AGENCY, "A", True, None)
    assert umum["services"][0]["name"] == SERVICE
    assert [counter["id"] for counter in pajak["counters"]] == ["loket-2", "loket-3"]
    assert libur["open_now"] is False
    assert is_time(libur["opens_next"])


def test_a_number_is_taken_with_status_201_and_its_location(api: Api) -> None:
    answer = api.post("/tickets", {"service": "ktp"}, "kiosk")
    ticket = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/api/sites/{api.site}/tickets/{ticket['id']}"
    assert (ticket["number"], ticket["agency"], ticket["service"]) == ("A-001", "umum", "ktp")
    assert (ticket["status"], ticket["ahead"], ticket["priority"]) == ("waiting", 0, None)
    assert is_time(ticket["issued_at"])
    assert is_recent(ticket["issued_at"])
    assert len(ticket["id"]) >= 16
    assert ticket["url"] == f"{api.server.url}/t/{ticket['id']}"
    assert api._client.get(api.server.url + answer.headers["location"]).json() == ticket
    assert api.issue("pkb")["number"] == "PB-001"
    assert api.issue("kk", priority="elderly", channel="online")["number"] == "A-002"


def test_each_verb_does_what_the_table_says(api: Api) -> None:
    first, second, third = api.issue(), api.issue(), api.issue("kk")
    assert api.work("loket-1", "open")["counter"]["status"] == "open"
    called = api.work("loket-1", "call-next")
    assert called["ticket"]["id"] == first["id"]
    assert (called["ticket"]["status"], called["ticket"]["counter"]) == ("called", "loket-1")
    assert called["ticket"]["ahead"] is None
    assert api.work("loket-1", "recall")["ticket"]["recalls"] == 1
    assert api.work("loket-1", "start")["ticket"]["status"] == "serving"
    assert api.work("loket-1", "park")["ticket"]["status"] == "parked"
    assert api.work("loket-1", "resume", {"ticket": first["id"]})["ticket"]["status"] == "called"
    assert api.work("loket-1", "no-show")["ticket"]["status"] == "no-show"
    assert api.work("loket-1", "resume", {"ticket": first["id"]})["ticket"]["status"] == "called"
    assert api.work("loket-1", "return")["ticket"]["status"] == "waiting"
    assert api.work("loket-1", "call-next")["ticket"]["id"] == first["id"]
    moved = api.work("loket-1", "transfer", {"service": "pkb"})["ticket"]
    assert (moved["service"], moved["number"], moved["issued_at"]) == ("pkb", first["number"], first["issued_at"])
    assert api.work("loket-1", "call-next")["ticket"]["id"] == second["id"]
    api.work("loket-2", "open")
    assert api.work("loket-1", "transfer", {"counter": "loket-2"})["ticket"]["service"] == "ktp"
    assert api.work("loket-1", "call-next")["ticket"]["id"] == third["id"]
    nobody = api.work("loket-1", "call-next")
    assert nobody["ticket"] is None
    served = api.ticket(third["id"])
    assert (served["status"], served["started_at"]) == ("served", None)
    assert is_time(served["ended_at"])
    assert api.work("loket-1", "pause")["counter"]["status"] == "paused"
    assert api.work("loket-1", "close")["counter"]["status"] == "closed"
    assert api.work("loket-2", "call-next")["ticket"]["id"] == first["id"]
    assert api.work("loket-2", "finish")["ticket"]["status"] == "served"
    assert api.work("loket-2", "call-next")["ticket"]["id"] == second["id"]


VERBS = ("open", "pause", "close", "call-next", "recall", "start", "finish", "no-show", "park", "return", "transfer")
ALLOWED = {
    "closed": {"open", "pause", "close"},
    "paused": {"open", "pause", "close"},
    "open": {"open", "pause", "close", "call-next"},
    "called": set(VERBS) - {"close"},
    "serving": {"open", "pause", "call-next", "finish", "park", "return", "transfer"},
}


def bring(api: Api, state: str) -> None:
    if state != "closed":
        api.work("loket-1", "open")
    if state == "paused":
        api.work("loket-1", "pause")
    if state in ("called", "serving"):
        assert api.work("loket-1", "call-next")["ticket"]
    if state == "serving":
        api.work("loket-1", "start")


def clear(api: Api) -> None:
    """Whatever is in hand at the counter is ended, and the counter closed."""
    if api.post("/counters/loket-1/close").status_code == 409:
        api.work("loket-1", "finish")
        api.work("loket-1", "close")


@pytest.mark.parametrize("state", ALLOWED)
def test_a_verb_is_refused_in_every_state_that_forbids_it(api: Api, state: str) -> None:
    for verb in VERBS:
        for _ in range(3):
            api.issue()
        bring(api, state)
        body = {"service": "kk"} if verb == "transfer" else None
        if verb in ALLOWED[state]:
            api.work("loket-1", verb, body)
        else:
            with api.changes_nothing():
                answer = api.post(f"/counters/loket-1/{verb}", body)
                assert code(answer, 409) == "not-allowed-now", (state, verb)
                assert answer.json()["current_status"] == state
        clear(api)


def test_resume_needs_a_ticket_put_aside_and_an_empty_hand(api: Api) -> None:
    ticket = api.serve()["id"]
    for status in ("called", "serving", "served"):
        answer = api.post("/counters/loket-2/resume", {"ticket": ticket})
        assert (code(answer, 409), answer.json()["current_status"]) == ("not-allowed-now", status)
        api.post("/counters/loket-1/start" if status == "called" else "/counters/loket-1/finish")
    aside = api.serve()["id"]
    api.work("loket-1", "park")
    api.issue()
    api.work("loket-1", "call-next")
    assert code(api.post("/counters/loket-1/resume", {"ticket": aside}), 409) == "not-allowed-now"


def test_recalls_end_at_the_limit_of_the_site(api: Api) -> None:
    api.serve()
    assert [api.work("loket-1", "recall")["ticket"]["recalls"] for _ in range(2)] == [1, 2]
    assert code(api.post("/counters/loket-1/recall"), 409) == "not-allowed-now"


def test_only_a_waiting_or_parked_ticket_can_be_cancelled(api: Api) -> None:
    for bring_there, status in (([], 200), (["park"], 200), (["start"], 409), (["finish"], 409), (["no-show"], 409)):
        ticket = api.serve()["id"] if bring_there else api.issue()["id"]
        for verb in bring_there:
            api.work("loket-1", verb)
        answer = api.post(f"/tickets/{ticket}/cancel", role="")
        assert answer.status_code == status, bring_there
        if status == 200:
            assert answer.json()["status"] == "cancelled"
            assert code(api.post(f"/tickets/{ticket}/cancel", role=""), 409) == "not-allowed-now"
        else:
            assert code(answer, 409) == "not-allowed-now"
        if bring_there == ["start"]:
            api.work("loket-1", "finish")


def test_a_closed_agency_says_when_it_opens_again(api: Api) -> None:
    with api.changes_nothing():
        answer = api.post("/tickets", {"service": "cuti"}, "kiosk")
    assert code(answer, 409) == "service-closed"
    assert answer.json()["opens_next"] == api.get().json()["agencies"][2]["opens_next"]
    assert is_time(answer.json()["opens_next"])


def test_what_is_unknown_is_named(api: Api) -> None:
    missing = api.base.replace(api.site, "tidak-ada")
    assert code(api._client.get(missing), 404) == "unknown-site"
    assert code(api._client.post(f"{missing}/tickets", headers=api.headers("admin")), 404) == "unknown-site"
    assert code(api._client.get(f"{missing}/events", headers=api.headers("admin")), 404) == "unknown-site"
    with api.changes_nothing():
        assert code(api.post("/tickets", {"service": "tidak"}), 404) == "unknown-service"
        assert code(api.get("/tickets/tidak"), 404) == "unknown-ticket"
        assert code(api.post("/tickets/tidak/cancel"), 404) == "unknown-ticket"
        assert code(api.post("/counters/tidak/open"), 404) == "unknown-counter"
        assert code(api.post("/counters/loket-1/dance"), 404) == "not-found"
        assert code(api.post("/counters/loket-1/resume", {"ticket": "tidak"}), 404) == "unknown-ticket"
        assert code(api.get("/elsewhere"), 404) == "not-found"
    api.serve()
    with api.changes_nothing():
        assert code(api.post("/counters/loket-1/transfer", {"service": "tidak"}), 404) == "unknown-service"
        assert code(api.post("/counters/loket-1/transfer", {"counter": "tidak"}), 404) == "unknown-counter"


def test_numbers_count_from_001_without_gap_or_repeat(api: Api) -> None:
    numbers = [api.issue()["number"] for _ in range(20)]
    assert numbers == [f"A-{n:03d}" for n in range(1, 21)]


def test_ahead_counts_only_those_whom_a_counter_for_it_may_call_before(api: Api) -> None:
    assert api.issue("ktp")["ahead"] == 0
    assert api.issue("pkb")["ahead"] == 1  # loket-2 serves both agencies
    assert api.issue("ktp", priority="elderly")["ahead"] == 0
    assert api.issue("kk")["ahead"] == 3


def test_an_open_counter_makes_an_estimate_possible(api: Api) -> None:
    assert api.issue()["wait_estimate"] is None
    api.work("loket-1", "open")
    estimate = api.issue()["wait_estimate"]
    assert 0 <= estimate["low"] <= estimate["high"]
