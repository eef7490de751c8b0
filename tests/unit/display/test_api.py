"""A command is repeated with its own key through silence and trouble, and only then (api.js)."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Route

from tests.unit.display.conftest import ORIGIN, Run

COMMAND = f"{ORIGIN}/api/command"

POST = """
const repeats = [];
const stop = new AbortController();
const options = {
  key: "k1",
  limit: "limit" in given ? given.limit : 20000,
  timeout: 6000,
  signal: stop.signal,
  onRepeat(attempts) { repeats.push(attempts); if (given.stop) { stop.abort(); } },
};
const begun = performance.now(), wall = Date.now;
if (given.repeat) { Date.now = () => 1e12 + repeats.length * given.repeat; }
return m.postJson("/api/command", {a: 1}, options).then(
  (answer) => ({answer, repeats, ms: performance.now() - begun}),
  (problem) => ({code: problem.code, status: problem.status, unsure: problem.unsure, details: problem.details,
                 fields: problem.fields, repeats, ms: performance.now() - begun}),
).finally(() => { Date.now = wall; });
"""

Line = Callable[..., list[dict[str, Any]]]
SILENCE = "silence"


@pytest.fixture
def line(page: Page) -> Iterator[Line]:
    """`line(SILENCE, (503, {…}), (201, {…}))`: what becomes of each attempt, the last also of all further ones.
    Returns the attempts, which grow: the key and the body that went out."""
    attempts: list[dict[str, Any]] = []

    def lay(*outcomes: Any) -> list[dict[str, Any]]:
        def answer(route: Route) -> None:
            request = route.request
            attempts.append({"key": request.headers.get("idempotency-key"), "body": request.post_data_json})
            outcome = outcomes[min(len(attempts), len(outcomes)) - 1]
            if outcome == SILENCE:
                route.abort("connectionfailed")
            else:
                status, body, *headers = outcome
                text = body if isinstance(body, str) else json.dumps(body)
                route.fulfill(status=status, body=text, headers=dict(headers[0]) if headers else {})

        page.route(COMMAND, answer)
        return attempts

    yield lay
    page.unroute(COMMAND)


def post(run: Run, **given: Any) -> Any:
    return run("api.js", POST, given)


def test_silence_and_trouble_are_answered_by_the_same_key_and_body_again(run: Run, line: Line) -> None:
    attempts = line(SILENCE, (503, {"code": "log-unavailable"}), (502, "<html>"), (201, {"number": "A-001"}))
    outcome = post(run)
    assert outcome["answer"] == {"number": "A-001"}
    assert outcome["repeats"] == [1, 2, 3]
    assert attempts == [{"key": "k1", "body": {"a": 1}}] * 4


@pytest.mark.parametrize("status", [400, 403, 404, 409, 413, 422, 500])
def test_a_refusal_is_not_repeated(run: Run, line: Line, status: int) -> None:
    attempts = line((status, {"code": "some-code", "errors": [{"field": "service"}]}))
    outcome = post(run)
    assert len(attempts) == 1
    assert (outcome["code"], outcome["status"], outcome["unsure"]) == ("some-code", status, status == 500)
    assert outcome["fields"] == [{"field": "service"}]


def test_too_many_requests_are_repeated_after_as_long_as_the_server_asks(run: Run, line: Line) -> None:
    line((429, {"code": "too-many"}, {"Retry-After": "1"}), (200, {}))
    outcome = post(run)
    assert (outcome["answer"], outcome["repeats"]) == ({}, [1])
    assert outcome["ms"] >= 1000


def test_what_never_answers_is_given_up_at_the_limit_and_nobody_knows_whether_it_was_done(run: Run, line: Line) -> None:
    """By a clock on which each attempt takes 0.6 s, and the pauses no time."""
    attempts = line(SILENCE)
    outcome = post(run, limit=1700, repeat=600)
    assert (outcome["code"], outcome["status"], outcome["unsure"]) == ("offline", 0, True)
    assert (outcome["repeats"], len(attempts)) == ([1, 2], 3)


@pytest.mark.parametrize(
    ("outcomes", "unsure"),
    [
        ([SILENCE, (429, {"code": "too-many"}, {"Retry-After": "60"})], True),
        ([SILENCE, (403, {"code": "forbidden"})], True),
        ([(429, {}, {"Retry-After": "60"})], False),
        ([(403, {})], False),
        ([SILENCE, (409, {"code": "not-allowed-now"})], False),  # the key was looked at: it was not done before
    ],
)
def test_a_refusal_at_the_door_does_not_tell_what_became_of_the_attempt_before(
    run: Run, line: Line, outcomes: list[Any], unsure: bool
) -> None:
    line(*outcomes)
    assert post(run)["unsure"] is unsure


def test_a_screen_that_lost_interest_stops_the_repeats(run: Run, line: Line) -> None:
    attempts = line(SILENCE, (200, {}))
    outcome = post(run, stop=True)
    assert (outcome["code"], outcome["unsure"]) == ("offline", True)
    assert len(attempts) == 1


@pytest.mark.parametrize(
    ("status", "code"), [(403, "forbidden"), (429, "too-many"), (503, "log-unavailable"), (418, "unknown")]
)
def test_an_answer_that_is_no_problem_document_gets_the_code_of_its_status(
    run: Run, line: Line, status: int, code: str
) -> None:
    line((status, "<html>a proxy's page</html>"))
    assert post(run, limit=0)["code"] == code


def test_an_answer_that_cannot_be_read_counts_as_none(run: Run, line: Line) -> None:
    line((200, "<html>a hotel's page</html>"), (200, {"number": "A-001"}))
    assert post(run)["answer"] == {"number": "A-001"}


def test_a_command_without_a_key_is_never_sent(run: Run, line: Line) -> None:
    attempts = line((200, {}))
    body = "return m.postJson('/api/command', {}).catch((error) => error.name)"
    assert run("api.js", body) == "TypeError"
    assert attempts == []


def test_a_question_is_asked_once(run: Run, line: Line) -> None:
    attempts = line((503, {}), (200, {}))
    assert run("api.js", "return m.getJson('/api/command').catch((problem) => problem.code)") == "log-unavailable"
    assert [attempt["key"] for attempt in attempts] == [None]


def test_keys_are_new_each_time_and_fit_the_contract(run: Run) -> None:
    keys = run("api.js", "return Array.from({length: 200}, m.newKey)")
    assert len(set(keys)) == 200
    assert all(len(key) <= 64 and key.isalnum() for key in keys)
