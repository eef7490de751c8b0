"""The pages: who gets which, nasty names as text, strict headers, files, links that lead nowhere else."""

import json
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest

from tests.integration.web.house import AGENCY, LABEL, PASSWORD, SERVICE, ZONE, Api, code

PUBLIC = ["/", "/login", "/tv/lain/utama", "/tv/lain/timur"]
PRIVATE = ["/kiosk/lain", "/counter/lain/loket-1", "/counter/lain/loket-3", "/admin"]


class Seen(HTMLParser):
    """What a browser makes of a page: its texts, scripts, and what our policy would forbid."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text, self.forbidden, self.data = "", [], []  # type: str, list[str], list[Any]
        self._json = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self._json = found.get("type") == "application/json"
        self.forbidden += [name for name in found if name.startswith("on") or name == "style"]
        if tag == "style" or (tag == "script" and not self._json and "src" not in found):
            self.forbidden.append(tag)
        for name in ("src", "href", "action"):
            if not (found.get(name) or "/").startswith(("/", "#", "?", "data:image/")):
                self.forbidden.append(f"{name}={found[name]}")
        self.text += " ".join(f" {value}" for value in found.values() if value)

    def handle_endtag(self, tag: str) -> None:
        self._json = False

    def handle_data(self, data: str) -> None:
        if self._json:
            self.data.append(json.loads(data))
        self.text += data


@pytest.fixture(scope="module")
def signed_in(house: Any, client: httpx.Client) -> dict[str, str]:
    """The cookie of the account "admin"."""
    form = {"username": "admin", "password": PASSWORD, "next": "/"}
    answer = client.post(f"{house[0].url}/login", data=form)
    client.cookies.clear()
    assert answer.status_code == 303, answer.text
    return {"Cookie": answer.headers["set-cookie"].partition(";")[0]}


def shown(other: Api, path: str, headers: dict[str, str] | None = None, status: int = 200) -> Seen:
    answer = other._client.get(other.server.url + path, headers=headers or {})
    other._client.cookies.clear()
    assert answer.status_code == status, answer.text[:500]
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert f"ws://127.0.0.1:{other.server.port}" in policy  # old browsers do not take it for 'self'
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"  # with "no-referrer" a browser's forms say "Origin: null"
    assert answer.headers["cache-control"] == "no-store"
    seen = Seen(answer.text)
    assert seen.forbidden == []
    return seen


def test_every_page_is_there_and_keeps_its_own_policy(other: Api, signed_in: dict[str, str]) -> None:
    ticket = other.issue()["id"]
    for path in (*PUBLIC, f"/t/{ticket}"):
        shown(other, path)
    for path in (*PUBLIC, *PRIVATE, f"/t/{ticket}"):
        shown(other, path, signed_in)


def test_nasty_names_are_shown_as_text(other: Api, signed_in: dict[str, str]) -> None:
    home = shown(other, "/").text
    assert LABEL in home
    assert ZONE in home
    assert LABEL in shown(other, "/counter/lain/loket-1", signed_in).text
    assert ZONE in shown(other, "/tv/lain/utama").text
    site = other.get().json()["agencies"][0]
    assert (site["name"], site["services"][0]["name"]) == (AGENCY, SERVICE)


@pytest.mark.parametrize("path", PRIVATE)
def test_who_is_not_signed_in_is_sent_to_sign_in_and_back(other: Api, path: str) -> None:
    answer = other._client.get(other.server.url + path)
    assert (answer.status_code, httpx.URL(answer.headers["location"]).path) == (303, "/login")
    assert httpx.URL(answer.headers["location"]).params["next"] == path


def test_a_page_is_for_those_who_may_work_with_it(other: Api) -> None:
    allowed = {
        "/kiosk/lain": {"kiosk", "operator", "supervisor", "admin", "kiosk-lain", "operator-umum"},
        "/counter/lain/loket-1": {"operator", "operator-umum", "supervisor", "admin"},
        "/admin": {"supervisor", "supervisor-lain", "admin"},
    }
    for path, roles in allowed.items():
        for role in ("kiosk", "kiosk-lain", "operator", "operator-umum", "operator-pajak", "supervisor", "integration"):
            if path == "/kiosk/lain" and role == "operator-pajak":
                continue
            answer = other._client.get(other.server.url + path, headers=other.headers(role))
            assert answer.status_code == (200 if role in roles else 403), (path, role)


@pytest.mark.parametrize(
    "path",
    [
        "/t/tidak",
        "/t/%3Cscript%3E",
        "/kiosk/tidak",
        "/counter/lain/tidak",
        "/counter/x/y",
        "/tv/lain/x",
        "/nothing",
        "/t/",
    ],
)
def test_what_is_not_there_is_a_page_for_people_and_a_problem_for_programs(other: Api, path: str) -> None:
    seen = shown(other, path, {"Accept": "text/html,*/*"}, 404)
    assert seen.text.strip()
    assert code(other._client.get(other.server.url + path), 404)


def test_a_page_speaks_indonesian_unless_it_was_asked_for_english(other: Api) -> None:
    client, url = other._client, other.server.url
    assert '<html lang="id"' in client.get(f"{url}/login").text
    assert '<html lang="en"' in client.get(f"{url}/login?lang=en").text
    assert '<html lang="en"' in client.get(f"{url}/login").text
    client.cookies.clear()
    for strange in ("../../etc", "%00", "<script>", "x" * 5000):
        assert '<html lang="id"' in client.get(f"{url}/login", params={"lang": strange}).text


def test_a_ticket_has_a_qr_code_of_its_page(other: Api) -> None:
    ticket = other.issue()["id"]
    answer = other._client.get(f"{other.server.url}/t/{ticket}/qr.svg")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert answer.text.startswith("<svg ")
    assert other._client.get(f"{other.server.url}/t/tidak/qr.svg").status_code == 404


def test_static_files_are_served_and_asked_after_each_time(other: Api) -> None:
    for name, kind in (("js/session.js", "javascript"), ("css/base.css", "text/css"), ("img/icon.svg", "svg")):
        answer = other._client.get(f"{other.server.url}/static/{name}")
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")
        assert kind in answer.headers["content-type"]
        again = other._client.get(answer.url, headers={"If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304


@pytest.mark.parametrize(
    "path",
    [
        *("../templates/base.html", "%2e%2e/words/id.json", "..%2fwords%2fid.json", "js/../../../pyproject.toml"),
        *("%00", "js/session.js%00.css", "", "js", "js/", "x" * 5000, "%ff", "\\..\\words\\id.json", "/etc/passwd"),
    ],
    ids=lambda path: path[:20],
)
def test_no_other_file_is_static(other: Api, path: str) -> None:
    request = httpx.Request("GET", f"{other.server.url}/static/x")
    request.url = request.url.copy_with(raw_path=b"/static/" + path.encode())
    assert other._client.send(request).status_code == 404
