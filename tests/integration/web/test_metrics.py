"""What Prometheus reads: true figures, well named, from whoever may know them, also when half the house is away."""

import asyncio
import json
import re
import time
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from server.history import tables as t
from server.history.engine import connect
from server.history.record import catch_up
from server.log.redis_log import RedisLog
from tests.integration.web.house import OTHER, Api, Server, code, eventually, make_tokens, write_site
from tests.processes import CHECKOUT, free_port
from tests.support.own_valkey import OwnValkey

Figures = dict[tuple[str, frozenset[tuple[str, str]]], float]


def read(text: str) -> Figures:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def told(server: Server, token: str) -> str:
    answer = httpx.get(
        f"{server.url}/metrics", headers={"Authorization": f"Bearer {token}"}, timeout=20, trust_env=False
    )
    assert answer.status_code == 200, answer.text
    return answer.text


def all_told(server: Server, token: str) -> str:
    """Once nothing is left out because SQL or RQ took longer than the two seconds they are given."""
    up = ("antrean_history_up 1.0", "antrean_jobs_up 1.0")

    def whole() -> str:
        text = told(server, token)
        return text if all(one in text for one in up) else ""

    return str(eventually(whole))


def figures(server: Server, token: str) -> Figures:
    return read(all_told(server, token))


def of(found: Figures, name: str, **labels: str) -> float:
    return found[name, frozenset(labels.items())]


def test_a_visit_is_counted(api: Api) -> None:
    site, token = api.site, api.tokens["integration"]
    api.serve("loket-1")
    api.work("loket-1", "no-show")
    api.issue("ktp")
    api.issue("pkb")
    found = figures(api.server, token)
    assert of(found, "antrean_waiting", site=site, agency="umum") == 1
    assert of(found, "antrean_waiting", site=site, agency="pajak") == 1
    assert of(found, "antrean_waiting", site=site, agency="libur") == 0
    assert of(found, "antrean_announcements_pending", site=site, zone="utama") == 1
    assert of(found, "antrean_log_seq", site=site) == api.last_seq()
    assert of(found, "antrean_hall_available", site=site) == 1
    eventually(lambda: of(figures(api.server, token), "antrean_history_lag_entries", site=site) == api.last_seq())

    async def record(url: str) -> None:
        engine, log = connect(api.server.database), RedisLog(site, url)
        await catch_up(engine, log)
        await log.aclose()
        engine.dispose()

    asyncio.run(record(api.server.hall.env["ANTREAN_REDIS_URL"]))
    eventually(lambda: of(figures(api.server, token), "antrean_history_lag_entries", site=site) == 0)
    found = figures(api.server, token)
    assert of(found, "antrean_tickets_issued_total", site=site, agency="umum") == 2
    assert of(found, "antrean_tickets_issued_total", site=site, agency="pajak") == 1
    assert of(found, "antrean_calls_total", site=site, agency="umum") == 1
    assert of(found, "antrean_no_shows_total", site=site, agency="umum") == 1
    assert 0 <= of(found, "antrean_wait_today_seconds", site=site, quantile="0.5") < 60
    assert of(found, "antrean_announcements_expired_total", site=site, zone="utama") == 0
    assert of(found, "antrean_jobs", queue="voice", status="queued") == 0
    assert of(found, "antrean_workers", queue="metrics") == 0
    assert of(found, "antrean_dispatchers") == 0
    assert of(found, "process_resident_memory_bytes") > 1e6


def test_screens_and_speakers_of_this_process_are_counted(api: Api) -> None:
    site, token = api.site, api.tokens["integration"]
    with api.socket("tv/utama"), api.socket("tv/utama"), api.socket("speaker/timur", "kiosk") as speaker:
        speaker.send('{"type":"ready"}')
        eventually(lambda: of(figures(api.server, token), "antrean_speakers_ready", site=site, zone="timur") == 1)
        found = figures(api.server, token)
        assert of(found, "antrean_screens", site=site, kind="tv") == 2
        assert of(found, "antrean_screens", site=site, kind="speaker") == 1
        assert of(found, "antrean_speakers_ready", site=site, zone="utama") == 0
    eventually(lambda: of(figures(api.server, token), "antrean_screens", site=site, kind="tv") == 0)


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("", 401),
        ("kiosk", 403),
        ("operator", 403),
        ("integration", 200),
        ("supervisor", 200),
        ("admin", 200),
    ],
)
def test_who_may_read(other: Api, role: str, status: int) -> None:
    answer = httpx.get(f"{other.server.url}/metrics", headers=other.headers(role), timeout=20, trust_env=False)
    assert answer.status_code == status
    if status == 200:
        assert answer.headers["content-type"].startswith("text/plain; version=")
        assert answer.headers["cache-control"] == "no-store"
    else:
        code(answer, status)


def test_a_token_of_one_site_reads_that_site(other: Api) -> None:
    found = figures(other.server, other.tokens["integration-lain"])
    assert {value for _, labels in found for name, value in labels if name == "site"} == {OTHER}


def test_names_follow_the_rules_and_everything_is_explained(other: Api) -> None:
    """https://prometheus.io/docs/practices/naming/"""
    text = all_told(other.server, other.tokens["admin"])
    ours = [family for family in text_string_to_metric_families(text) if family.name.startswith("antrean_")]
    assert len(ours) > 15
    for family in ours:
        assert re.fullmatch(r"antrean_[a-z_]+", family.name)
        assert family.documentation[0].isupper()
        assert (family.type == "counter") == (f"{family.name}_total" in text)
        assert not re.search(r"_(minutes|hours|ms|count|total)$", family.name)


def test_what_is_away_takes_nothing_else_along(folder: Path) -> None:
    with OwnValkey(folder) as valkey:
        write_site(folder / "sites", OTHER)
        server = Server(folder / "data", free_port(), valkey.url, folder / "sites")
        token = make_tokens(server.database)["admin"]

        def now() -> Figures:
            return read(told(server, token))

        server.start().ready()
        try:
            assert of(figures(server, token), "antrean_jobs_up") == 1
            valkey.stop()
            eventually(lambda: of(now(), "antrean_jobs_up") == 0)
            began = time.monotonic()
            found = now()
            assert time.monotonic() - began < 10  # and not RQ's 15
            assert of(found, "antrean_hall_available", site=OTHER) in (0, 1)
            assert of(found, "antrean_waiting", site=OTHER, agency="umum") == 0
            assert ("antrean_jobs", frozenset({("queue", "voice"), ("status", "queued")})) not in found
            eventually(lambda: of(now(), "antrean_hall_available", site=OTHER) == 0)
            eventually(lambda: "antrean_devices_silent" not in {name for name, _ in now()})
            valkey.go_on()
            assert of(figures(server, token), "antrean_jobs_up") == 1
        finally:
            valkey.go_on()
            server.kill()


def test_a_damaged_history_takes_nothing_else_along(api: Api) -> None:
    token = api.tokens["admin"]

    def health() -> dict[str, str]:
        answer = api._client.get(f"{api.server.url}/api/health", headers=api.headers("admin"))
        assert answer.status_code == 200, answer.text
        return {one["kind"]: one["why"] for one in answer.json()["processes"]}

    with api.with_row(t.cursors, epoch="x", seq="x"):
        eventually(lambda: of(read(told(api.server, token)), "antrean_history_up") == 0)
        assert of(read(told(api.server, token)), "antrean_log_seq", site=api.site) == api.last_seq()
        eventually(lambda: health()["history"] == "away")
    assert of(figures(api.server, token), "antrean_history_lag_entries", site=api.site) == api.last_seq()


def exported(other: Api) -> set[str]:
    return set(re.findall(r"(?m)^# TYPE (\S+)", all_told(other.server, other.tokens["admin"])))


def test_the_dashboard_asks_only_for_what_is_there(other: Api) -> None:
    board = json.loads((CHECKOUT / "docs/grafana/antrean.json").read_text("utf-8"))
    known = exported(other)
    known |= {f"{name}_bucket" for name in known if name.endswith("_seconds")}
    panels = [panel for panel in board["panels"] if panel["type"] != "row"]
    asked = [target["expr"] for panel in panels for target in panel["targets"]]
    asked += [one["definition"] for one in board["templating"]["list"] if one["type"] == "query"]
    named = {name for one in asked for name in re.findall(r"\b(?:antrean|process|python)_[a-z_]+", one)}
    assert named <= known
    assert {name for name in exported(other) if name.startswith("antrean_")} <= {
        n.removesuffix("_bucket") for n in named
    }
    assert all(re.search(r"antrean_|process_", one) for one in asked)


def test_the_dashboard_is_one_that_grafana_can_import() -> None:
    board = json.loads((CHECKOUT / "docs/grafana/antrean.json").read_text("utf-8"))
    assert (board["uid"], board["templating"]["list"][0]["type"]) == ("antrean", "datasource")
    places = [panel["gridPos"] for panel in board["panels"]]
    cells = [(x, y) for p in places for x in range(p["x"], p["x"] + p["w"]) for y in range(p["y"], p["y"] + p["h"])]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) == 23
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    for panel in board["panels"]:
        for target in panel.get("targets", ()):
            assert target["datasource"] == panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}


def test_the_doc_names_every_figure_and_no_other(other: Api) -> None:
    doc = (CHECKOUT / "docs/monitoring.md").read_text("utf-8")
    assert set(re.findall(r"antrean_[a-z_]+", doc)) == {name for name in exported(other) if name.startswith("antrean_")}
