"""Bad input: each wrong request gets the error of CONTRACT.md and changes nothing."""

import json
import socket
from typing import Any

import pytest

from tests.integration.web.house import Api, code

LONG = "x" * 10_000


def fields(api: Api, path: str, body: Any, role: str = "admin") -> set[str]:
    """The names of the wrong fields that a refused body gets."""
    with api.changes_nothing():
        answer = api.post(path, body, role)
    assert code(answer, 422) == "invalid"
    found = {wrong["field"] for wrong in answer.json()["errors"]}
    assert all(wrong["message"] for wrong in answer.json()["errors"])
    return found


def test_every_wrong_field_is_named(quiet: Api) -> None:
    wrong = {"service": 7, "priority": "king", "channel": "fax", "nik": "64", LONG: 1}
    assert fields(quiet, "/tickets", wrong) == {"service", "priority", "channel", "nik", LONG}
    assert fields(quiet, "/tickets", {}) == {"service"}
    assert fields(quiet, "/counters/loket-1/open", {"a": 1, "b": {}}) == {"a", "b"}
    assert fields(quiet, "/counters/loket-1/resume", {"tiket": "x"}) == {"ticket", "tiket"}
    assert fields(quiet, "/counters/loket-1/transfer", {"service": [], "counter": 1.5}) == {"service", "counter"}


@pytest.mark.parametrize("body", [{}, {"service": "ktp", "counter": "loket-1"}, {"service": None, "counter": None}])
def test_a_transfer_has_exactly_one_aim(api: Api, body: dict[str, Any]) -> None:
    api.serve()
    fields(api, "/counters/loket-1/transfer", body)


@pytest.mark.parametrize(
    "value",
    [7, 1.5, True, None, [], {}, ["ktp"], "", LONG, "k\x00tp", "ktp\n", "\x1b[2J", "\u202ektp", "k" * 65, 10**400],
    ids=lambda value: f"{value!r:.20}",
)
def test_a_service_is_a_short_printable_text(quiet: Api, value: Any) -> None:
    assert fields(quiet, "/tickets", {"service": value}) == {"service"}
    assert fields(quiet, "/counters/loket-1/resume", {"ticket": value}) == {"ticket"}


BROKEN = {
    "half": b'{"service": "ktp"',
    "two": b'{"service": "ktp"}{}',
    "word": b"ktp",
    "form": b"service=ktp",
    "list": b'["ktp"]',
    "text": b'"ktp"',
    "number": b"7",
    "null": b"null",
    "comment": b'{"service": "ktp"} // now',
    "trailing comma": b'{"service": "ktp",}',
    "single quotes": b"{'service': 'ktp'}",
    "nan": b'{"service": NaN}',
    "raw control character": b'{"service": "k\x01tp"}',
    "raw nul": b'{"service": "ktp"}\x00',
    "latin-1": '{"service": "é"}'.encode("latin-1"),
    "utf-16": '{"service": "ktp"}'.encode("utf-16"),
    "lone surrogate": b'{"service": "\\ud800"}',
    "raw surrogate": b'{"service": "\xed\xa0\x80"}',
    "deep": b"[" * 30_000 + b"]" * 30_000,
    "deep objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "huge number": b'{"service": 1' + b"0" * 20_000 + b"}",
    "huge exponent": b'{"service": 1e999999999}',
    "blanks": b" " * 100,
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN.keys())
def test_what_is_no_json_object_is_invalid(quiet: Api, body: bytes) -> None:
    with quiet.changes_nothing():
        for path in ("/tickets", "/counters/loket-1/open", "/counters/loket-1/transfer"):
            answer = quiet.send(path, body)
            assert code(answer, 422) == "invalid"
            assert answer.json()["errors"]


def test_an_empty_body_is_an_empty_object(quiet: Api) -> None:
    assert quiet.send("/counters/loket-1/open", b"").status_code == 200
    assert code(quiet.send("/tickets", b""), 422) == "invalid"


def test_of_a_name_written_twice_the_last_counts(quiet: Api) -> None:
    answer = quiet.send("/tickets", b'{"service": "kk", "service": "ktp"}')
    assert answer.json()["service"] == "ktp"


@pytest.mark.parametrize("size", [64 * 1024 + 1, 1024 * 1024, 8 * 1024 * 1024])
def test_a_body_that_is_too_large_is_refused_and_its_sender_hears_it(quiet: Api, size: int) -> None:
    body = json.dumps({"service": "x" * size}).encode()
    ticket = quiet.issue()["id"]
    with quiet.changes_nothing():
        for path in ("/tickets", "/counters/loket-1/open", f"/tickets/{ticket}/cancel"):
            assert code(quiet.send(path, body), 413) == "too-large"
        assert code(quiet.send("/tickets", iter([body])), 413) == "too-large"  # chunked: no length is announced


def test_a_large_body_does_not_hide_another_refusal(quiet: Api) -> None:
    body = b"x" * 1024 * 1024
    assert code(quiet.send("/tickets", body, role=""), 401) == "unauthenticated"
    assert code(quiet.send("/tickets", body, role="integration"), 403) == "forbidden"
    assert code(quiet.send("/elsewhere", body), 404) == "not-found"
    assert code(quiet.send("", body), 405) == "method-not-allowed"


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
@pytest.mark.parametrize("path", ["/tickets", "/counters/loket-1/open", "/tickets/x/cancel"])
def test_a_command_is_given_by_post_alone(other: Api, path: str, method: str) -> None:
    answer = other._client.request(method, other.base + path, headers=other.headers("admin"))
    assert code(answer, 405) == "method-not-allowed"
    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ["/healthz", "/api/sites", "/api/openapi.json", "/api/sites/lain/events", "/"])
def test_what_is_read_takes_get_and_head_alone(other: Api, path: str, method: str) -> None:
    answer = other._client.request(method, other.server.url + path, headers=other.headers("admin"))
    assert code(answer, 405) == "method-not-allowed"
    assert {"GET", "HEAD"} == set(answer.headers["allow"].split(", "))


@pytest.mark.parametrize("path", ["/healthz", "/api/sites", "/api/sites/lain", "/api/openapi.json", "/login"])
def test_head_answers_like_get_without_a_body(other: Api, path: str) -> None:
    url = other.server.url + path
    head, get = other._client.head(url), other._client.get(url)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == get.headers["content-type"]


@pytest.mark.parametrize(
    "path",
    ["/%00", "/..%2f..%2fetc", "/%ff%fe", "/" + LONG, "/tickets/%F0%9F%99%82", "/tickets/" + "%2e%2e%2f" * 50],
    ids=lambda path: path[:12],
)
def test_strange_addresses_are_unknown(other: Api, path: str) -> None:
    assert code(other.get(path), 404) in ("not-found", "unknown-ticket")
    assert code(other._client.get(f"{other.server.url}/api/sites{path}"), 404) in ("not-found", "unknown-site")


@pytest.mark.parametrize("host", ["[", "[::1", "a b", "evil.example/x?", "é".encode("latin-1"), "", "a:99999999"])
def test_a_strange_host_header_does_no_harm(quiet: Api, host: str | bytes) -> None:
    raw = host.encode() if isinstance(host, str) else host
    for request in (
        b"GET / HTTP/1.1",
        b"GET /login HTTP/1.1",
        b"POST %s/tickets HTTP/1.1" % quiet.base[-100:].encode(),
    ):
        if request.startswith(b"POST"):
            request = f"POST /api/sites/{quiet.site}/tickets HTTP/1.1".encode()
        with socket.create_connection(("127.0.0.1", quiet.server.port), 10) as line:
            token = quiet.tokens["kiosk"].encode()
            line.sendall(
                request
                + b"\r\nHost: "
                + raw
                + b"\r\nConnection: close\r\nAuthorization: Bearer "
                + token
                + b'\r\nContent-Length: 18\r\n\r\n{"service": "ktp"}'
            )
            answer = b"".join(iter(lambda: line.recv(65536), b""))
        assert int(answer.split()[1]) in (200, 201, 400), answer[:300]


@pytest.mark.parametrize("key", ["k" * 65, "", "é".encode("latin-1")])
def test_a_wrong_idempotency_key_is_invalid(quiet: Api, key: str | bytes) -> None:
    with quiet.changes_nothing():
        answer = quiet.send("/tickets", b'{"service": "ktp"}', headers={"Idempotency-Key": key})
        assert code(answer, 422) == "invalid"
        assert [wrong["field"] for wrong in answer.json()["errors"]] == ["Idempotency-Key"]
        both = quiet.send("/tickets", b'{"nik": 1}', headers={"Idempotency-Key": key})
        assert {wrong["field"] for wrong in both.json()["errors"]} == {"Idempotency-Key", "service", "nik"}


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("after=-1&limit=0", {"after", "limit"}),
        ("after=x&limit=1001", {"after", "limit"}),
        ("after=", {"after"}),
        ("after=" + "9" * 5000, {"after"}),
        ("after=1.0", {"after"}),
        ("after=%D9%A3", {"after"}),
        ("limit=1e3", {"limit"}),
        ("limit=%00", {"limit"}),
    ],
)
def test_wrong_numbers_in_a_query_are_all_named(other: Api, query: str, wrong: set[str]) -> None:
    answer = other.get(f"/events?{query}", "integration")
    assert code(answer, 422) == "invalid"
    assert {one["field"] for one in answer.json()["errors"]} == wrong


def test_a_sender_that_goes_away_half_way_is_forgotten(api: Api) -> None:
    with api.changes_nothing():
        for _ in range(5):
            with socket.create_connection(("127.0.0.1", api.server.port), 10) as line:
                line.sendall(
                    f"POST /api/sites/{api.site}/tickets HTTP/1.1\r\nHost: x\r\n"
                    f"Authorization: Bearer {api.tokens['kiosk']}\r\nContent-Length: 50\r\n\r\n".encode()
                    + b'{"serv'
                )
    assert api.issue()["number"] == "A-001"
