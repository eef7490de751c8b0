"""Who may do what: every role, with and without site and agency, against every action."""

import pytest

from tests.integration.web.house import ROLES, Api, code

ISSUE = {"kiosk", "operator", "operator-umum", "operator-pajak", "supervisor", "admin", "admin-lain"}
EVENTS = {"integration", "supervisor", "admin", "admin-lain"}
EVERYWHERE = {"operator", "supervisor", "admin", "admin-lain"}
AT = {
    "loket-1": EVERYWHERE | {"operator-umum"},
    "loket-2": EVERYWHERE | {"operator-umum", "operator-pajak"},
    "loket-3": EVERYWHERE | {"operator-pajak"},
}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_do_what_it_is_for_and_nothing_else(busy: Api, role: str) -> None:
    answer = busy.post("/tickets", {"service": "ktp"}, role)
    assert answer.status_code == 201 if role in ISSUE else code(answer, 403) == "forbidden"
    for counter, allowed in AT.items():
        for verb in ("open", "call-next", "pause", "close"):
            answer = busy.post(f"/counters/{counter}/{verb}", None, role)
            if role in allowed:
                assert answer.status_code in (200, 409), (counter, verb)
                busy.post(f"/counters/{counter}/finish", None, role)
            else:
                assert code(answer, 403) == "forbidden", (counter, verb)
    answer = busy.get("/events", role)
    assert answer.status_code == 200 if role in EVENTS else code(answer, 403) == "forbidden"


@pytest.mark.parametrize("role", ["", *ROLES])
def test_whoever_holds_its_id_may_cancel_a_ticket(quiet: Api, role: str) -> None:
    ticket = quiet.issue()["id"]
    assert quiet.post(f"/tickets/{ticket}/cancel", {}, role).json()["status"] == "cancelled"


@pytest.mark.parametrize("role", ["kiosk-lain", "operator-lain", "supervisor-lain", "integration-lain"])
def test_a_caller_of_one_site_acts_at_that_site(other: Api, role: str) -> None:
    assert (other.post("/tickets", {"service": "ktp"}, role).status_code == 201) == ("integration" not in role)
    worked = other.post("/counters/loket-3/open", None, role).status_code
    assert (worked == 200) == (role in ("operator-lain", "supervisor-lain"))
    read = other.get("/events", role).status_code
    assert (read == 200) == (role in ("supervisor-lain", "integration-lain"))


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer an_wrong", "Basic YWRtaW46YWRtaW4=", "Bearer " + "x" * 10_000, "Bearer é"],
)
def test_without_a_known_token_a_command_is_refused_with_401(quiet: Api, authorization: str) -> None:
    """Whoever sends one means to be known by it, so that even a ticket's holder hears that it is wrong."""
    headers = {b"Authorization": authorization.encode("latin-1")}
    cancel = f"/tickets/{quiet.issue()['id']}/cancel"
    with quiet.changes_nothing():
        for path in ("/tickets", "/counters/loket-1/open", cancel):
            answer = quiet._client.post(quiet.base + path, headers=headers, json={"service": "ktp"})
            assert code(answer, 401) == "unauthenticated"
            assert answer.headers["www-authenticate"].startswith("Bearer")
    assert code(quiet._client.get(f"{quiet.base}/events", headers=headers), 401) == "unauthenticated"


def test_the_word_bearer_may_be_written_small(quiet: Api) -> None:
    headers = {"Authorization": f"bearer {quiet.tokens['integration']}"}
    assert quiet._client.get(f"{quiet.base}/events", headers=headers).status_code == 200


def test_reading_needs_no_token(quiet: Api) -> None:
    ticket = quiet.issue()["id"]
    for path in ("", f"/tickets/{ticket}"):
        assert quiet.get(path).status_code == 200
        assert quiet.get(path, "integration").status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://[", "http://127.0.0.1", "file://"])
def test_a_command_from_a_page_of_another_site_is_refused(quiet: Api, origin: str) -> None:
    ticket = quiet.issue()["id"]
    with quiet.changes_nothing():
        for path, body in (
            ("/tickets", {"service": "ktp"}),
            ("/counters/loket-1/open", {}),
            (f"/tickets/{ticket}/cancel", {}),
        ):
            assert code(quiet.post(path, body, headers={"Origin": origin}), 403) == "forbidden"


def test_a_command_from_a_page_of_ours_or_of_a_listed_site_is_taken(quiet: Api) -> None:
    for origin in (quiet.server.url, "https://tv.example.go.id"):
        assert quiet.post("/tickets", {"service": "ktp"}, headers={"Origin": origin}).status_code == 201
