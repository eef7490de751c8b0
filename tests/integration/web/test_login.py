"""Signing in and out: passwords, cookies, where it leads, and how often it may be tried."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.integration.web.house import PASSWORD, Api, code


def sign_in(other: Api, address: str = "", **fields: str) -> httpx.Response:
    """POST /login, as from `address` (the server trusts a proxy on its own machine)."""
    form = {"username": "admin", "password": PASSWORD, "next": "/"} | fields
    headers = {"X-Forwarded-For": address} if address else {}
    answer = other._client.post(f"{other.server.url}/login", data=form, headers=headers)
    other._client.cookies.clear()
    return answer


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
    answer = sign_in(other, "10.0.0.1", **fields)
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
        headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Forwarded-For": "10.0.0.2"}
        answer = other._client.post(f"{other.server.url}/login", content=body, headers=headers)
        assert answer.status_code in (401, 422)
    large = other._client.post(f"{other.server.url}/login", content=b"x" * 1024 * 1024)
    assert code(large, 413) == "too-large"
    odd = {"Content-Type": "multipart/form-data; boundary=x", "X-Forwarded-For": "10.0.0.2"}
    assert other._client.post(f"{other.server.url}/login", content=b"--x", headers=odd).status_code == 401


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
        answers = list(pool.map(lambda n: sign_in_alone(other, f"guess {n}"), range(16)))
    assert sorted(answers) == [401] * 10 + [429] * 6
    assert sign_in(other, "10.9.9.9").status_code == 429  # from there not even the right one, for a minute
    refused = sign_in(other, "10.9.9.9")
    assert code(refused, 429) == "too-many"
    assert int(refused.headers["retry-after"]) <= 60
    assert sign_in(other, "10.9.9.8").status_code == 303


def sign_in_alone(other: Api, password: str) -> int:
    form = {"username": "admin", "password": password}
    headers = {"X-Forwarded-For": "10.9.9.9"}
    return httpx.post(f"{other.server.url}/login", data=form, headers=headers, timeout=30, trust_env=False).status_code
