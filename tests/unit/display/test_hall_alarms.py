"""What the supervisor's page says needs attention (hall-alarms.js)."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.unit.display.conftest import Run

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def ago(minutes: float) -> str:
    return (NOW - timedelta(minutes=minutes)).isoformat()


def desk(counter: str = "a", status: str = "open", agency: str = "im", ticket: dict[str, Any] | None = None) -> Any:
    named = [{"id": agency, "name": agency}]
    return {"counter": counter, "label": counter, "zone": "z", "status": status, "agencies": named, "ticket": ticket}


def called(minutes: float, status: str = "called") -> dict[str, Any]:
    return {"number": "A-001", "status": status, "since": ago(minutes)}


def queue(count: int, minutes: float = 1, agency: str = "im") -> dict[str, Any]:
    return {"agency": agency, "name": agency, "count": count, "longest_since": ago(minutes) if count else None}


def zone(connected: int = 1, ready: int = 1, unspoken: float | None = None) -> dict[str, Any]:
    since = None if unspoken is None else ago(unspoken)
    return {
        "zone": "z",
        "name": "Z",
        "unspoken_since": since,
        "speakers": {"connected": connected, "ready": ready},
    }


def kinds(run: Run, *counters: Any, waiting: tuple[Any, ...] = (), zones: tuple[Any, ...] | None = None) -> list[str]:
    view = {"counters": counters, "waiting": waiting, "zones": zones or (zone(),)}
    now = NOW.timestamp() * 1000
    found = run("hall-alarms.js", "return m.alarms(given[0], given[1])", [view, now])
    return [one["kind"] for one in found]


def test_all_is_well_when_nothing_lasts_too_long(run: Run) -> None:
    fine = [desk(ticket=called(2.9)), desk("b", ticket=called(90, "serving")), desk("c", "paused")]
    assert kinds(run, *fine, waiting=(queue(4, 29.9),), zones=(zone(unspoken=0.5),)) == []


def test_a_call_that_nobody_answers_for_three_minutes(run: Run) -> None:
    assert kinds(run, desk(ticket=called(3))) == ["unanswered"]


def test_a_wait_of_half_an_hour(run: Run) -> None:
    assert kinds(run, desk(), waiting=(queue(1, 30),)) == ["late"]


def test_visitors_whom_no_open_counter_serves(run: Run) -> None:
    assert kinds(run, desk(status="paused"), desk("b", agency="other"), waiting=(queue(2),)) == ["unstaffed"]
    assert kinds(run, desk(status="closed"), waiting=(queue(0),)) == []


def test_a_silent_zone_where_somebody_works(run: Run) -> None:
    assert kinds(run, desk(), zones=(zone(0, 0),)) == ["no-speaker"]
    assert kinds(run, desk(), zones=(zone(1, 0),)) == ["muted"]
    assert kinds(run, desk(), zones=(zone(unspoken=1),)) == ["unspoken"]
    assert kinds(run, desk(status="closed"), zones=(zone(0, 0),)) == []
