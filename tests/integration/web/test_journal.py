"""`/hall/{site}/log`: what happened, read by a supervisor; here with no worker, so that all of it comes from the log."""

import csv
import io
import re
from datetime import UTC, datetime
from html import unescape

import httpx
import pytest

from server.history import tables as t
from server.history.accounts import create_token, list_tokens, remove_token
from server.history.engine import connect
from tests.integration.web.house import LABEL, OTHER, SCRIPT, Api, code


def read(api: Api, query: str = "", role: str = "supervisor", status: int = 200) -> str:
    answer = page(api, f"/hall/{api.site}/log{query}", role)
    assert answer.status_code == status, answer.text
    return answer.text


def page(api: Api, path: str, role: str) -> httpx.Response:
    return api._client.get(api.server.url + path, headers=api.headers(role))


def sentences(text: str) -> list[str]:
    """As they are read, newest first."""
    found = re.findall(r'<p class="journal__what">(.*?)</p>', text, re.DOTALL)
    return [unescape(re.sub(r"<[^>]+>", "", one)).strip() for one in found]


def test_what_happened_is_told_newest_first_with_who_did_it(api: Api) -> None:
    called = api.serve("loket-2", "pkb")
    api.work("loket-2", "start")
    api.work("loket-2", "finish")
    text = read(api)
    number = called["number"]
    assert sentences(text)[:5] == [
        f"{number} selesai dilayani di Loket 2",
        f"{number} mulai dilayani di Loket 2",
        f"{number} dipanggil ke Loket 2 (Pajak)",
        "Loket 2 dibuka",
        f"{number} diambil di mesin antrean: PKB (Pajak)",
    ]
    assert "Hari layanan dimulai" in sentences(text)[-1]
    assert re.search(r"Token [0-9a-f]{6} \(petugas\)", text)
    address, headers = f"{api.server.url}/hall/{api.site}/log?lang=en", api.headers("admin")
    english = httpx.get(address, headers=headers, timeout=20, trust_env=False)
    assert f"{number} served at Loket 2" in sentences(english.text)


def test_it_is_filtered_and_paged_and_the_address_keeps_the_filter(api: Api) -> None:
    ticket = api.serve("loket-1", "ktp")
    for _ in range(110):
        api.issue("pkb")
    course = read(api, f"?number={ticket['number'].lower().replace('-00', ' ')}")
    assert [one.partition(" ")[0] for one in sentences(course)] == [ticket["number"]] * 2
    assert f"Perjalanan {ticket['number']}" in course
    first = read(api, "?kind=numbers&agency=pajak")
    older = re.search(r'class="journal-older"><a class="button" href="([^"]+)"', first)
    assert older
    rest = read(api, unescape(older[1]))
    numbers = [one.partition(" ")[0] for one in sentences(first) + sentences(rest)]
    assert numbers == [f"PB-{n:03}" for n in range(110, 0, -1)]
    assert "kind=numbers" in unescape(re.findall(r'class="choice__one" href="([^"]+theme=dark[^"]*)"', first)[0])
    assert sentences(read(api, "?counter=loket-3")) == []


def test_a_filter_that_can_no_longer_be_chosen_is_shown_as_what_it_is(api: Api) -> None:
    text = read(api, "?by=account-77ff0011&counter=loket-tua&agency=%3Cb%3E")
    assert sentences(text) == []
    chosen = re.findall(r'<option value="([^"]*)" selected>([^<]*)</option>', text)
    assert chosen == [
        ("&lt;b&gt;", "&lt;b&gt;"),
        ("loket-tua", "loket-tua"),
        ("account-77ff0011", "Akun yang sudah dihapus (77ff00)"),
    ]


def test_whoever_did_something_can_be_filtered_by_also_when_gone(api: Api) -> None:
    engine = connect(api.server.database)
    try:
        headers = {"Authorization": f"Bearer {create_token(engine, 'operator', api.site)}"}
        opened = api.post("/counters/loket-3/open", role="", headers=headers)
        assert opened.status_code == 200, opened.text
        remove_token(engine, next(one.id for one in list_tokens(engine) if one.site == api.site))
    finally:
        engine.dispose()
    offered = re.search(r'<option value="([^"]+)">Akun yang sudah dihapus', read(api))
    assert offered
    assert sentences(read(api, f"?by={offered[1]}")) == ["Loket 3 dibuka"]


def test_names_of_people_and_places_are_only_text(api: Api) -> None:
    api.serve("loket-1", "ktp")
    text = read(api)
    assert SCRIPT not in text
    assert f"dipanggil ke {LABEL}" in " ".join(sentences(text))


def test_it_goes_with_one_as_csv(api: Api) -> None:
    called = api.serve("loket-2", "pkb")
    answer = page(api, f"/hall/{api.site}/log.csv?number={called['number']}", "supervisor")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["type"] for row in rows] == ["ticket-called", "ticket-issued"]
    assert rows[0]["what"] == f"{called['number']} dipanggil ke Loket 2 (Pajak)"
    assert int(rows[0]["seq"]) > int(rows[1]["seq"])


def test_what_the_address_asks_for_is_checked(api: Api) -> None:
    for query in ("?day=2026-13-01", "?day=2999-01-01", "?day=1999-12-31", "?kind=everything", "?before=x"):
        answer = page(api, f"/hall/{api.site}/log{query}", "supervisor")
        assert code(answer, 422) == "invalid"
    assert "Tidak ada kejadian yang cocok" in read(api, "?day=2020-01-02")


@pytest.mark.parametrize("path", ["/hall/{}/log", "/hall/{}/log.csv"])
def test_an_archive_or_a_cursor_that_is_damaged_is_told_with_what_to_do(api: Api, path: str) -> None:
    path = path.format(api.site)
    unreadable = {"type": "counter-opened", "at": datetime.now(UTC), "data": "{}"}
    with api.with_row(t.lives, epoch="x", life=1), api.with_row(t.events, epoch="x", seq=1, **unreadable):
        assert code(page(api, path, "supervisor"), 500) == "history-damaged"
    with api.with_row(t.cursors, epoch="x", seq="x"):
        answer = page(api, path, "supervisor")
        assert code(answer, 500) == "history-damaged"
        assert f"how far the history of {api.site} is recorded cannot be read" in answer.json()["detail"]
        seen = api._client.get(api.server.url + path, headers=api.headers("admin") | {"Accept": "text/html"})
    assert seen.status_code == 500
    assert "“antrean verify”" in seen.text
    assert page(api, path, "supervisor").status_code == 200


def test_only_its_supervisors_read_it(other: Api) -> None:
    read(other, role="supervisor-lain")
    for role in ("operator", "kiosk", "integration"):
        code(page(other, f"/hall/{OTHER}/log", role), 403)
        code(page(other, f"/hall/{OTHER}/log.csv", role), 403)
    code(page(other, "/hall/ramai/log", "supervisor-lain"), 403)
    answer = other._client.get(f"{other.server.url}/hall/{OTHER}/log?kind=calls")
    assert answer.headers["location"] == f"/login?next=%2Fhall%2F{OTHER}%2Flog%3Fkind%3Dcalls"
