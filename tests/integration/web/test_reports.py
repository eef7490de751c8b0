"""Reports in the browser and through the API: who sees which, what they say, files, and that the page keeps its policy."""

import csv
import io
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.integration.web.house import AGENCY, OTHER, SCRIPT, Api, Server, code, eventually
from tests.integration.web.test_pages import shown
from tests.processes import CHECKOUT

LOOKED = "/reports/{site}?by=service"


@pytest.fixture(scope="module")
def worked(house: tuple[Server, dict[str, str], Iterator[str]], client: httpx.Client) -> Api:
    """A day: one served, one absent, one sent away, one still waiting; recorded in the history as a worker does."""
    server, tokens, sites = house
    api = Api(server, tokens, next(sites), client)
    api.serve()
    for verb in ("start", "finish"):
        api.work("loket-1", verb)
    api.serve()
    api.work("loket-1", "no-show")
    api.post(f"/tickets/{api.issue()['id']}/cancel")
    api.issue()
    catch_up(api)
    return api


def catch_up(api: Api) -> None:
    """What the metrics worker does with this site."""
    script = (
        "import asyncio, sys\n"
        "from server.history.engine import connect\n"
        "from server.history.record import catch_up\n"
        "from server.log.redis_log import RedisLog\n"
        "async def main(site, redis, database):\n"
        "    log = RedisLog(site, redis)\n"
        "    await catch_up(connect(database), log)\n"
        "    await log.aclose()\n"
        "asyncio.run(main(*sys.argv[1:]))\n"
    )
    given = [api.site, api.server.hall.env["ANTREAN_REDIS_URL"], api.server.database]
    subprocess.run([sys.executable, "-c", script, *given], cwd=CHECKOUT, check=True, timeout=60)


def test_the_api_tells_the_figures_of_today(worked: Api) -> None:
    found = worked.get("/reports", "supervisor").json()
    total = found["total"]
    assert [total[name] for name in ("issued", "served", "no_shows", "cancelled", "unfinished", "open")] == [
        4,
        1,
        1,
        1,
        0,
        1,
    ]
    assert (found["by"], found["site"], found["rows"][0]["name"]) == ("agency", worked.site, AGENCY)
    assert total["wait"]["count"] == 2
    for by in ("service", "counter", "hour", "priority"):
        assert worked.get("/reports", "admin", params={"by": by}).json()["total"] == total
    month = found["first"][:7]
    assert worked.get("/reports", "admin", params={"month": month}).json()["total"] == total
    assert worked.get("/reports", "admin", params={"day": "2001-01-01"}).json()["total"]["issued"] == 0


@pytest.mark.parametrize(
    "query",
    [
        {"by": "moon"},
        {"day": "yesterday"},
        {"day": ""},
        {"day": "2026-11"},
        {"month": "2026-11-01"},
        {"month": "2026-13"},
    ],
)
def test_what_cannot_be_meant_is_told_field_by_field(quiet: Api, query: dict[str, str]) -> None:
    answer = quiet.get("/reports", "admin", params=query)
    assert code(answer, 422) == "invalid"
    assert [error["field"] for error in answer.json()["errors"]] == [*query]
    page = quiet._client.get(f"{quiet.server.url}/reports/{quiet.site}", headers=quiet.headers("admin"), params=query)
    assert page.status_code == 422


@pytest.mark.parametrize("path", ["/reports/{site}", "/reports/{site}/figures.csv", "/api/sites/{site}/reports"])
def test_reports_are_for_supervisors_of_the_site(quiet: Api, other: Api, path: str) -> None:
    for api, allowed in (
        (quiet, {"supervisor", "admin", "admin-lain"}),
        (other, {"supervisor", "admin", "admin-lain", "supervisor-lain"}),
    ):
        for role in api.tokens:
            answer = api._client.get(api.server.url + path.format(site=api.site), headers=api.headers(role))
            assert answer.status_code == (200 if role in allowed else 403), (api.site, role)


def test_who_may_not_is_told_kindly_on_a_page(quiet: Api) -> None:
    headers = quiet.headers("operator") | {"Accept": "text/html"}
    seen = shown(quiet, f"/reports/{quiet.site}", headers, 403)
    assert "mintalah kepada admin" in seen.text


def test_who_is_not_signed_in_is_sent_to_sign_in_and_back(quiet: Api) -> None:
    for path in ("/reports", f"/reports/{quiet.site}?month=2026-11"):
        answer = quiet._client.get(quiet.server.url + path)
        assert answer.status_code == 303
        assert httpx.URL(answer.headers["location"]).params["next"] == path


def test_the_way_leads_to_a_hall_that_one_may_see(quiet: Api) -> None:
    answer = quiet._client.get(f"{quiet.server.url}/reports", headers=quiet.headers("supervisor-lain"))
    assert answer.headers["location"] == f"/reports/{OTHER}"
    page = quiet._client.get(f"{quiet.server.url}/reports/{OTHER}", headers=quiet.headers("supervisor-lain"))
    assert f"/reports/{quiet.site}" not in page.text
    refused = quiet._client.get(f"{quiet.server.url}/reports", headers=quiet.headers("kiosk"))
    assert refused.status_code == 403


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("by", ["agency", "service", "counter", "hour", "priority"])
def test_the_page_shows_nasty_names_as_text_and_keeps_its_policy(worked: Api, by: str, language: str) -> None:
    path = f"/reports/{worked.site}?by={by}&lang={language}"
    seen = shown(worked, path, worked.headers("admin"))
    html = worked._client.get(worked.server.url + path, headers=worked.headers("admin")).text
    worked._client.cookies.clear()
    assert SCRIPT not in html
    assert AGENCY in seen.text
    assert re.findall(r'="[^"]*(?:NaN|nan|inf|None)[^"]*"', html) == []
    charts = re.findall(r"<svg class=\"chart.*?</svg>", html, re.S)
    assert len(charts) == 10  # each drawn for desks and for phones
    for chart in charts:
        title, desc = re.findall(r"<(?:title|desc) id=\"([^\"]+)\"", chart)
        assert f'aria-labelledby="{title} {desc}"' in chart
    assert len(set(re.findall(r'\bid="([^"]+)"', html))) == len(re.findall(r'\bid="([^"]+)"', html))
    assert html.count("<details") == 5


def test_a_day_without_numbers_says_so(quiet: Api) -> None:
    seen = shown(quiet, f"/reports/{quiet.site}?day=2001-02-03", quiet.headers("admin"))
    assert "Sabtu, 3 Februari 2001" in seen.text
    assert "Tidak ada nomor antrean" in seen.text
    for edge in ("0001-01-01", "9999-12-31"):
        shown(quiet, f"/reports/{quiet.site}?day={edge}", quiet.headers("admin"))


def test_files_hold_what_the_page_shows(worked: Api) -> None:
    def file(form: str) -> httpx.Response:
        url = f"{worked.server.url}/reports/{worked.site}/figures.{form}"
        return worked._client.get(url, headers=worked.headers("supervisor"))

    told: dict[str, Any] = worked.get("/reports", "supervisor").json()
    rows = list(csv.DictReader(io.StringIO(file("csv").content.decode(), newline="")))
    assert [row["issued"] for row in rows] == ["4", "4"]
    assert rows[0]["name"] == AGENCY
    assert file("csv").headers["content-disposition"].endswith('_agency.csv"')
    assert file("json").json()["reports"][0]["total"] == told["total"]
    with zipfile.ZipFile(io.BytesIO(file("xlsx").content)) as book:
        assert book.testzip() is None
    assert code(file("exe"), 404) == "not-found"


def test_a_removed_account_and_a_changed_password_end_sessions(house: tuple[Server, Any, Any], quiet: Api) -> None:
    """A copied cookie is worth nothing afterwards; within the seconds for which a caller is remembered."""
    server = house[0]

    def antrean(*words: str) -> str:
        program = [sys.executable, "antrean.py", "account", *words]
        done = subprocess.run(program, env=server.hall.env, cwd=CHECKOUT, capture_output=True, text=True, check=True)
        return done.stdout.split()[-1] if done.stdout else ""

    def sign_in(password: str) -> dict[str, str]:
        line = httpx.HTTPTransport(local_address="127.0.0.21")
        with httpx.Client(transport=line, trust_env=False, timeout=20) as client:
            answer = client.post(f"{server.url}/login", data={"username": "kepala", "password": password, "next": "/"})
        assert answer.status_code == 303, answer.text
        return {"Cookie": answer.headers["set-cookie"].partition(";")[0]}

    def status(cookie: dict[str, str], site: str = OTHER) -> int:
        found = httpx.get(f"{server.url}/api/sites/{site}/reports", headers=cookie, trust_env=False, timeout=20)
        return found.status_code

    cookie = sign_in(antrean("create", "kepala", "--role", "supervisor", "--site", OTHER))
    assert (status(cookie), status(cookie, quiet.site)) == (200, 403)
    fresh = antrean("password", "kepala")
    assert eventually(lambda: status(cookie) == 401)
    cookie = sign_in(fresh)
    assert status(cookie) == 200
    antrean("remove", "kepala")
    assert eventually(lambda: status(cookie) == 401)
