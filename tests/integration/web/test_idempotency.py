"""Idempotency-Key: a repeat gets the first status and body and does nothing, through every process, after every end."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from server.host.valkey import Valkey
from tests.integration.web.house import Api, code, two_servers, write_site

PUBLIC = "http://antrean.example"  # so that both processes write the same links


@pytest.fixture(scope="module")
def pair(valkey: Valkey, tmp_path_factory: pytest.TempPathFactory, client: httpx.Client) -> Iterator[tuple[Api, Api]]:
    """The same site through two server processes on one Valkey and one data directory."""
    home = tmp_path_factory.mktemp("pair")
    write_site(home / "sites", "kembar")
    with two_servers(home, valkey.url, "kembar", client, ANTREAN_PUBLIC_URL=PUBLIC) as both:
        yield both


def same(first: httpx.Response, again: httpx.Response) -> bool:
    headers = [(name, value) for name, value in again.headers.items() if name in ("location", "content-type")]
    return (first.status_code, first.content) == (again.status_code, again.content) and all(
        first.headers[name] == value for name, value in headers
    )


def test_a_repeat_of_each_command_gets_the_first_answer_and_does_nothing(api: Api) -> None:
    tickets = [api.issue()["id"] for _ in range(3)]
    commands = [
        ("/tickets", {"service": "kk", "priority": "infant"}),
        (f"/tickets/{tickets[2]}/cancel", None),
        *[(f"/counters/loket-1/{verb}", None) for verb in ("open", "call-next", "recall", "start", "park")],
        ("/counters/loket-1/call-next", None),
        ("/counters/loket-1/no-show", None),
        ("/counters/loket-1/return", None),
        ("/counters/loket-1/call-next", None),
        ("/counters/loket-1/transfer", {"service": "pkb"}),
        ("/counters/loket-1/pause", None),
        ("/counters/loket-1/close", None),
    ]
    firsts = [(path, body, api.post(path, body, key=f"k{n}")) for n, (path, body) in enumerate(commands)]
    done = [n for n, (_, _, first) in enumerate(firsts) if first.is_success]
    assert len(done) >= 12
    with api.changes_nothing():
        for n in [*reversed(done), *done]:
            path, body, first = firsts[n]
            assert same(first, api.post(path, body, key=f"k{n}")), path


def test_a_repeat_of_call_next_does_not_call_another(api: Api) -> None:
    tickets = [api.issue()["id"] for _ in range(2)]
    api.work("loket-1", "open")
    first = api.post("/counters/loket-1/call-next", key="call")
    assert first.json()["ticket"]["id"] == tickets[0]
    api.work("loket-1", "start")
    assert same(first, api.post("/counters/loket-1/call-next", key="call"))
    assert api.ticket(tickets[1])["status"] == "waiting"


def test_a_key_with_another_request_is_refused(api: Api) -> None:
    assert api.post("/tickets", {"service": "ktp"}, key="once").status_code == 201
    with api.changes_nothing():
        for path, body in (
            ("/tickets", {"service": "kk"}),
            ("/tickets", {"service": "ktp", "priority": "elderly"}),
            ("/counters/loket-1/open", None),
            (f"/tickets/{api.events()[-1]['ticket']}/cancel", None),
        ):
            assert code(api.post(path, body, key="once"), 422) == "key-reused"


@pytest.mark.parametrize("role", ["kiosk", "operator", "integration", "supervisor"])
def test_a_key_belongs_to_its_caller_when_it_cancels_too(quiet: Api, role: str) -> None:
    one, two = quiet.issue()["id"], quiet.issue()["id"]
    assert quiet.post(f"/tickets/{one}/cancel", {}, role, "k").status_code == 200
    assert code(quiet.post(f"/tickets/{two}/cancel", {}, role, "k"), 422) == "key-reused"


def test_the_same_key_of_another_caller_is_another_key(api: Api) -> None:
    numbers = {api.post("/tickets", {"service": "ktp"}, role, "k").json()["number"] for role in ("kiosk", "operator")}
    assert numbers == {"A-001", "A-002"}
    one, two = api.issue()["id"], api.issue()["id"]
    for ticket in (one, two):  # whoever holds a ticket is a caller of its own
        assert api.post(f"/tickets/{ticket}/cancel", {}, "", "k").json()["status"] == "cancelled"


def test_the_order_of_names_and_blanks_do_not_make_another_request(api: Api) -> None:
    key = {"Idempotency-Key": "same"}
    first = api.send("/tickets", b'{"service":"ktp","channel":"kiosk"}', headers=key)
    assert same(first, api.send("/tickets", b'{ "channel": "kiosk", "service": "ktp" }', headers=key))


def test_a_refusal_is_decided_anew(api: Api) -> None:
    assert code(api.post("/counters/loket-1/call-next", key="early"), 409) == "not-allowed-now"
    api.work("loket-1", "open")
    assert api.post("/counters/loket-1/call-next", key="early").json()["ticket"] is None
    ticket = api.issue()["id"]
    assert api.post("/counters/loket-1/call-next", key="early").json()["ticket"]["id"] == ticket


def test_without_a_key_each_request_is_a_new_one(api: Api) -> None:
    assert api.issue()["id"] != api.issue()["id"]


@pytest.mark.parametrize("key", ["k" * 64, "a b", '"quoted"', "~`!@#$%^&*()"])
def test_any_printable_key_of_64_characters_is_a_key(quiet: Api, key: str) -> None:
    first = quiet.post("/tickets", {"service": "ktp"}, key=key)
    assert first.status_code == 201
    assert same(first, quiet.post("/tickets", {"service": "ktp"}, key=key))


def test_twenty_at_once_with_one_key_through_two_processes_are_one(pair: tuple[Api, Api]) -> None:
    before = pair[0].last_seq()
    with ThreadPoolExecutor(20) as pool:
        answers = list(
            pool.map(lambda n: pair[n % 2].post("/tickets", {"service": "ktp"}, "kiosk", "burst"), range(20))
        )
    assert {(answer.status_code, answer.content) for answer in answers} == {(201, answers[0].content)}
    assert [event["type"] for event in pair[0].events(before)] == ["ticket-issued"]


def test_both_processes_hand_out_each_number_once_under_load(pair: tuple[Api, Api]) -> None:
    with ThreadPoolExecutor(16) as pool:
        numbers = list(pool.map(lambda n: pair[n % 2].issue("pkb")["number"], range(120)))
    assert sorted(numbers) == [f"PB-{n:03d}" for n in range(1, 121)]


def test_two_counters_at_two_processes_never_call_the_same_ticket(pair: tuple[Api, Api]) -> None:
    for _ in range(60):
        pair[0].issue("pkb")
    for counter in ("loket-2", "loket-3"):
        pair[0].work(counter, "open")
    with ThreadPoolExecutor(8) as pool:
        calls = list(
            pool.map(lambda n: pair[n % 2].work(("loket-2", "loket-3")[n // 2 % 2], "call-next")["ticket"], range(60))
        )
    called = [ticket["id"] for ticket in calls if ticket]
    assert len(called) == len(set(called)) == 60


def test_a_ticket_is_known_to_the_other_process_at_once(pair: tuple[Api, Api]) -> None:
    for _ in range(20):
        ticket = pair[0].issue()["id"]
        assert pair[1]._client.get(f"{pair[1].server.url}/t/{ticket}").status_code == 200
        ticket = pair[0].issue()["id"]
        assert pair[1].get(f"/tickets/{ticket}").status_code == 200
        ticket = pair[0].issue()["id"]
        assert pair[1]._client.get(f"{pair[1].server.url}/t/{ticket}/qr.svg").status_code == 200


def test_the_first_answer_outlives_the_server(pair: tuple[Api, Api]) -> None:
    api = pair[1]
    first = api.post("/tickets", {"service": "kk"}, "kiosk", "lasting")
    api.work("loket-1", "open")
    called = api.post("/counters/loket-1/call-next", key="lasting")
    ticket = api.issue()["id"]
    cancelled = api.post(f"/tickets/{ticket}/cancel", role="", key="lasting")
    api.server.kill()
    api.server.start().ready()
    with api.changes_nothing():
        assert same(first, api.post("/tickets", {"service": "kk"}, "kiosk", "lasting"))
        assert same(called, api.post("/counters/loket-1/call-next", key="lasting"))
        assert same(cancelled, api.post(f"/tickets/{ticket}/cancel", role="", key="lasting"))
