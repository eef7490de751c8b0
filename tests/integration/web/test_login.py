"""Signing in and out: passwords, cookies, where it leads, and how often it may be tried."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.integration.web.house import PASSWORD, Api, code


def sign_in(other: Api, address: str = "127.0.0.1", **fields: str) -> httpx.Response:
    """POST /login from `address`, one of this machine's own."""
    return post(other, address, data={"username": "admin", "password": PASSWORD, "next": "/"} | fields)


def post(other: Api, address: str, **how: Any) -> httpx.Response:
    transport = httpx.HTTPTransport(local_address=address)
    with httpx.Client(transport=transport, timeout=30, trust_env=False) as client:
        return client.post(f"{other.server.url}/login", **how)


def test_the_right_password_gives_a_cookie_and_leads_on(other: Api) -> None:
    answer = sign_in(other, next="/kiosk/lain?lang=en")
    assert (answer.status_code, answer.headers["location"]) == (303, "/kiosk/lain?lang=en")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    headers = {"Cookie": answer.headers["set-cookie"].partition(";")[0]}
    assert other._client.get(f"{other.server.url}/kiosk/lain", headers=headers).status_code == 200
    issued = other._client.post(f"{other.base}/tickets", headers=headers, json={"service": "ktp"})
    assert issued.status_code == 201
    foreign = {**headers, "Origin": "https://evil.example"}
    assert code(other._client.post(f"{other.base}/tickets", headers=foreign, json={"service": "ktp"}), 403)


def test_whoever_must_sign_in_first_comes_back_to_the_whole_address(other: Api) -> None:
    asked = other._client.get(f"{other.server.url}/kiosk/lain?print=off&lang=en", headers={"Accept": "text/html"})
    assert asked.status_code == 303
    assert asked.headers["location"] == "/login?next=%2Fkiosk%2Flain%3Fprint%3Doff%26lang%3Den"


@pytest.mark.parametrize(
    "fields",
    [
        {"password": ""},
        {"password": "salah"},
        {"password": PASSWORD + " "},
        {"password": "x" * 10_000},
        {"password": "\x00"},
        {"username": "Admin'--"},
        {"username": "\x00"},
        {"username": "🙂" * 1000},
    ],
    ids=lambda fields: f"{fields!r:.30}",
)
def test_a_wrong_name_or_password_is_401_and_no_cookie(other: Api, fields: dict[str, str]) -> None:
    answer = sign_in(other, "127.0.0.3", **fields)
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    assert "<form" in answer.text


@pytest.mark.parametrize(
    "target",
    [
        *("https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)"),
        *("/\t/evil.example", "\t//evil.example", "/\n/evil.example", "http://[", "//[", "", "x", "/\r\nX-Evil: 1"),
    ],
)
def test_signing_in_never_leads_to_another_site(other: Api, target: str) -> None:
    answer = sign_in(other, next=target)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "x-evil" not in answer.headers
    form = other._client.get(f"{other.server.url}/login", params={"next": target})
    assert form.status_code == 200
    assert "evil.example" not in form.text


def test_a_form_may_be_any_bytes(other: Api) -> None:
    for body in (b"", b"\xff\xfe=%zz&&&=", b"a=b" * 1000, b"{}", b"username=%ED%A0%80&password=%00"):
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = post(other, "127.0.0.2", content=body, headers=headers)
        assert answer.status_code in (401, 422)
    large = other._client.post(f"{other.server.url}/login", content=b"x" * 1024 * 1024)
    assert code(large, 413) == "too-large"
    odd = {"Content-Type": "multipart/form-data; boundary=x"}
    assert post(other, "127.0.0.2", content=b"--x", headers=odd).status_code == 401


def test_a_page_of_another_site_may_not_sign_anybody_in_or_out(other: Api) -> None:
    for path in ("/login", "/logout"):
        answer = other._client.post(
            other.server.url + path, data={"password": PASSWORD}, headers={"Origin": "https://evil.example"}
        )
        assert code(answer, 403) == "forbidden"


def test_signing_out_takes_the_cookie_away(other: Api) -> None:
    cookie = {"Cookie": sign_in(other).headers["set-cookie"].partition(";")[0]}
    answer = other._client.post(f"{other.server.url}/logout", headers=cookie)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert answer.headers["set-cookie"].startswith("antrean=null;")
    assert code(other._client.get(f"{other.server.url}/logout"), 405)


@pytest.mark.parametrize(
    "cookie", ["antrean=", "antrean=x.y.z", "antrean=" + "A" * 3000, "antrean=bnVsbA==.x.y", "=;;="]
)
def test_a_forged_cookie_is_nobody(other: Api, cookie: str) -> None:
    answer = other._client.post(f"{other.base}/tickets", headers={"Cookie": cookie}, json={"service": "ktp"})
    assert code(answer, 401) == "unauthenticated"


def test_guessing_at_once_gets_no_further_than_guessing_one_by_one(other: Api) -> None:
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda n: sign_in(other, "127.0.0.9", password=f"guess {n}").status_code, range(16)))
    assert sorted(answers) == [401] * 10 + [429] * 6
    refused = sign_in(other, "127.0.0.9")  # from there not even the right one, for a minute
    assert code(refused, 429) == "too-many"
    assert int(refused.headers["retry-after"]) <= 60
    assert sign_in(other, "127.0.0.8").status_code == 303


def test_nobody_gets_past_the_limit_by_saying_that_he_is_somebody_else(other: Api) -> None:
    form = {"username": "admin", "password": "guess"}
    told = [{"X-Forwarded-For": f"10.0.0.{n}", "Forwarded": f"for=10.0.0.{n}"} for n in range(12)]
    answers = [post(other, "127.0.0.7", data=form, headers=headers).status_code for headers in told]
    assert answers == [401] * 10 + [429] * 2
