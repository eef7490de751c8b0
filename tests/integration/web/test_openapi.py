"""GET /api/openapi.json: valid, complete, and what the server really answers."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from starlette.routing import Route

from server.web import api as routes
from server.web import health, metrics, notices, pronunciations, reports, sound
from tests.integration.web.house import Api


@pytest.fixture(scope="module")
def document(house: Any, client: httpx.Client) -> dict[str, Any]:
    answer = client.get(f"{house[0].url}/api/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    found: dict[str, Any] = answer.json()
    return found


def described(document: dict[str, Any], method: str, path: str, answer: httpx.Response) -> None:
    """The document knows this answer: its operation, status, content type and shape."""
    for template, operations in document["paths"].items():
        if method in operations and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path):
            content = operations[method]["responses"][str(answer.status_code)]["content"]
            schema = content[answer.headers["content-type"]]["schema"]
            Draft202012Validator(
                {**schema, "components": document["components"]}, format_checker=Draft202012Validator.FORMAT_CHECKER
            ).validate(answer.json())
            return
    raise AssertionError(f"{method} {path} is not in the document")


def test_the_document_is_valid_openapi(document: dict[str, Any]) -> None:
    validate(document)


def test_every_route_is_in_the_document_and_the_other_way_round(document: dict[str, Any]) -> None:
    served = set()
    beside_pages = [
        route for route in (*reports.ROUTES, *sound.ROUTES, *health.ROUTES) if route.path.startswith("/api/")
    ]
    for route in [*routes.ROUTES, *pronunciations.ROUTES, *notices.ROUTES, *metrics.ROUTES, *beside_pages]:
        assert isinstance(route, Route)
        for verb in routes.VERBS if route.path.endswith("{verb}") else [""]:
            served |= {
                (method.lower(), route.path.replace("{verb}", verb))
                for method in route.methods or ()
                if method != "HEAD"
            }
    known = {(method, path) for path, operations in document["paths"].items() for method in operations}
    assert known == served


def test_answers_of_every_kind_have_the_described_shape(api: Api, document: dict[str, Any]) -> None:
    seen = set()

    def check(method: str, path: str, body: Any = None, role: str = "admin", key: str | None = None) -> httpx.Response:
        send = api._client.get if method == "get" else api._client.post
        how = {} if method == "get" or body is None else {"json": body}
        answer = send(api.server.url + path, headers=api.headers(role, key), **how)
        described(document, method, path, answer)
        seen.add(answer.status_code)
        return answer

    base = f"/api/sites/{api.site}"
    for path in (
        "/healthz",
        "/api/health",
        "/api/sites",
        base,
        "/api/sites/tidak",
        f"{base}/events",
        f"{base}/events?after=x"[:-8],
    ):
        check("get", path)
    ticket = check("post", f"{base}/tickets", {"service": "ktp", "priority": "elderly"}).json()["id"]
    check("post", f"{base}/tickets", {"service": "cuti"})
    check("post", f"{base}/tickets", {"service": "tidak"})
    check("post", f"{base}/tickets", {"x": 1})
    check("post", f"{base}/tickets", {"service": "x" * 70_000})
    check("post", f"{base}/tickets", {"service": "ktp"}, "")
    check("post", f"{base}/tickets", {"service": "ktp"}, "integration")
    check("post", f"{base}/tickets", {"service": "ktp"}, key="k")
    check("post", f"{base}/tickets", {"service": "kk"}, key="k")
    for verb in ("call-next", "open", "call-next", "recall", "start", "park"):
        check("post", f"{base}/counters/loket-1/{verb}")
    check("get", f"{base}/tickets/{ticket}")
    check("get", f"{base}/tickets/tidak")
    check("post", f"{base}/counters/loket-1/resume", {"ticket": ticket})
    check("post", f"{base}/counters/loket-1/transfer", {"service": "kk"})
    check("post", f"{base}/tickets/{ticket}/cancel", role="")
    check("post", f"{base}/tickets/{ticket}/cancel", role="")
    check("post", f"{base}/pronunciations", {"written": "IKD", "spoken": "i ka de"})
    check("post", f"{base}/pronunciations", {"written": "IKD", "spoken": ""})
    check("post", f"{base}/pronunciations", {"written": ""})
    check("get", f"{base}/pronunciations")
    check("get", f"{base}/reports")
    check("get", f"{base}/reports", role="operator")
    assert seen == {200, 201, 401, 403, 404, 409, 413, 422}


def test_schemathesis_finds_no_answer_that_the_document_does_not_know(busy: Api, tmp_path: Path) -> None:
    config = tmp_path / "schemathesis.toml"
    hooks = 'hooks = "tests.integration.web.fresh_keys"\n'
    config.write_text(
        f'{hooks}[parameters]\n"path.site" = "{busy.site}"\n"path.counter" = ["loket-1", "loket-2", "tidak"]\n'
    )
    command = [
        *(
            sys.executable,
            "-m",
            "schemathesis.cli",
            "--config-file",
            str(config),
            "run",
            f"{busy.server.url}/api/openapi.json",
        ),
        *("--header", f"Authorization: Bearer {busy.tokens['admin']}", "--checks", "all"),
        *("--phases", "examples,coverage,fuzzing", "--max-examples", "8", "--seed", "7", "--generation-deterministic"),
        *("--include-path-regex", "/api/", "--no-color", "--max-failures", "5", "--suppress-health-check", "too_slow"),
    ]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=400, check=False)
    assert ended.returncode == 0, ended.stdout[-6000:] + ended.stderr[-2000:]
