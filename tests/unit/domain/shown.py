"""Views as they reach the screens, and a ticket on its way, for the tests of views."""

import json
from typing import Any

import msgspec

from server.domain import commands as c
from server.domain import views
from tests.unit.domain.builders import Bench

TICKET_FIELDS = {
    *("id", "number", "agency", "service", "priority", "status", "issued_at", "called_at", "started_at", "ended_at"),
    *("counter", "ahead", "wait_estimate", "seq", "site", "service_name", "agency_name", "counter_label", "recalls"),
}
TIMES = ("issued_at", "called_at", "started_at", "ended_at")


def shown(make: views.Make, bench: Bench) -> dict[str, Any]:
    """A view as it reaches the screen."""
    found: dict[str, Any] = json.loads(msgspec.json.encode(make(bench.state)))
    return found


def tv(bench: Bench, zone: str = "utara") -> dict[str, Any]:
    return shown(views.tv(zone), bench)


def counter(bench: Bench, counter_id: str = "satu") -> dict[str, Any]:
    return shown(views.counter(counter_id), bench)


def phone(bench: Bench, ticket: str = "x") -> dict[str, Any]:
    return shown(views.phone(ticket), bench)


def waiting() -> Bench:
    bench = Bench()
    bench.issue("paspor", "elderly", ticket="x")
    return bench


def called() -> Bench:
    bench = waiting()
    bench.open("satu")
    bench.wait(60)
    bench.call("satu")
    return bench


def after(kind: type[c.Command], seconds: float = 60, bench: Bench | None = None, **fields: Any) -> Bench:
    """ "x" is called at "satu", and then this happens there."""
    bench = bench or called()
    bench.wait(seconds)
    bench.do(kind, **({"counter": "satu"} | fields))
    return bench
