"""What a ticket's holder is shown, for every state; the shapes are those of CONTRACT.md."""

from typing import Any

import pytest
from msgspec.structs import replace

from server.domain import commands as c
from server.domain import views
from server.domain.answers import TicketView
from tests.unit.domain.builders import Bench, site_with
from tests.unit.domain.shown import TICKET_FIELDS, TIMES, after, called, phone, waiting


def test_a_waiting_ticket_shows_how_many_are_ahead_and_how_long_it_may_take() -> None:
    bench = waiting()
    got = phone(bench)
    assert (got["status"], got["number"], got["priority"], got["ahead"]) == ("waiting", "A-001", "elderly", 0)
    assert got["wait_estimate"] is None, "no counter is open"
    assert [got[time] for time in TIMES] == ["2026-11-23T09:00:00+08:00", None, None, None]
    assert (got["counter"], got["counter_label"], got["zone_name"]) == (None, None, "Zona Utara")
    assert (got["site"], got["agency_name"], got["service_name"]) == ("mpp-uji", "Imigrasi", "Paspor baru")
    bench.open("satu")
    assert phone(bench)["wait_estimate"] == {"low": 0, "high": 300}


def test_a_ticket_shows_what_to_bring_and_the_way_from_the_nearest_place_that_tells_one() -> None:
    def way(counter: str = "", agency: str = "", zone: str = "", of: Bench | None = None) -> tuple[Any, Any]:
        bench = of or waiting()
        site = bench.state.hall
        bench.state.site = site_with(
            site,
            zones=(replace(site.zones[0], where=zone), *site.zones[1:]),
            agencies=(replace(site.agencies[0], where=agency), *site.agencies[1:]),
            counters=(replace(site.counters[0], where=counter), *site.counters[1:]),
            services=(replace(site.services[0], bring=("KTP-el asli", "Paspor lama")), *site.services[1:]),
        )
        got = phone(bench)
        assert got["bring"] == ["KTP-el asli", "Paspor lama"]
        return got["zone_name"], got["where"]

    assert way() == ("Zona Utara", None)
    assert way(zone="Naik lift") == ("Zona Utara", "Naik lift")
    assert way("Sebelah pintu", "Sayap timur", "Naik lift") == ("Zona Utara", "Sayap timur"), "no counter yet"
    assert way("Sebelah pintu", "Sayap timur", "Naik lift", of=called()) == ("Zona Utara", "Sebelah pintu")
    bench = Bench()
    bench.issue("npwp", ticket="x")
    assert phone(bench)["zone_name"] == "Zona Selatan"


def test_who_was_sent_to_one_counter_is_shown_the_way_there() -> None:
    bench = called()
    bench.open("empat")
    bench.do(c.Transfer, counter="satu", to_counter="empat")
    got = phone(bench)
    assert (got["status"], got["counter"], got["zone_name"]) == ("waiting", None, "Zona Selatan")


def test_a_called_ticket_shows_where_to_go() -> None:
    got = phone(called())
    assert (got["status"], got["counter"], got["counter_label"], got["zone_name"]) == (
        "called",
        "satu",
        "Loket 1",
        "Zona Utara",
    )
    assert (got["called_at"], got["started_at"]) == ("2026-11-23T09:01:00+08:00", None)
    assert (got["ahead"], got["wait_estimate"], got["recalls"]) == (None, None, 0)


@pytest.mark.parametrize(
    ("kind", "status", "time"),
    [
        (c.Start, "serving", "started_at"),
        (c.Finish, "served", "ended_at"),
        (c.NoShow, "no-show", "ended_at"),
        (c.Park, "parked", None),
    ],
)
def test_a_ticket_shows_when_its_status_began(kind: type[c.Command], status: str, time: str | None) -> None:
    got = phone(after(kind))
    assert got["status"] == status
    assert got["ahead"] is None
    set_times = {t for t in TIMES if got[t]}
    assert set_times == {"issued_at", "called_at"} | ({time} if time else set())
    if time:
        assert got[time] == "2026-11-23T09:02:00+08:00"


def test_a_cancelled_ticket_shows_when_it_ended() -> None:
    bench = waiting()
    bench.do(c.CancelTicket, ticket="x")
    assert (phone(bench)["status"], phone(bench)["ended_at"]) == ("cancelled", "2026-11-23T09:00:00+08:00")


def test_a_resumed_ticket_shows_its_new_call_and_no_end() -> None:
    bench = after(c.NoShow)
    bench.open("dua")
    got = phone(after(c.Resume, bench=bench, counter="dua", ticket="x"))
    assert (got["status"], got["counter"], got["called_at"], got["ended_at"]) == (
        "called",
        "dua",
        "2026-11-23T09:03:00+08:00",
        None,
    )


@pytest.mark.parametrize("aside", [c.Park, c.NoShow])
def test_a_resumed_ticket_begins_anew(aside: type[c.Command]) -> None:
    bench = after(c.Recall)
    bench.do(c.Recall, counter="satu")
    if aside is c.Park:
        bench.do(c.Start, counter="satu")
    bench.do(aside, counter="satu")
    assert phone(bench)["recalls"] == 2
    got = phone(after(c.Resume, bench=bench, ticket="x"))
    assert (got["recalls"], got["started_at"], got["ended_at"]) == (0, None, None)
    assert bench.ticket("x").aside_at is None
    assert phone(after(c.Recall, bench=bench))["recalls"] == 1


@pytest.mark.parametrize("back", [{"kind": c.Return}, {"kind": c.Transfer, "service": "npwp"}])
def test_a_ticket_that_waits_again_shows_nothing_of_the_visit_it_had(back: dict[str, Any]) -> None:
    bench = after(c.Recall)
    bench.do(c.Start, counter="satu")
    got = phone(after(bench=bench, **back))
    assert (got["status"], got["recalls"], got["ahead"]) == ("waiting", 0, 0)
    assert (got["called_at"], got["started_at"], got["counter"]) == (None, None, None)


def test_a_ticket_has_the_fields_of_the_contract() -> None:
    view = views.ticket_view(called().state, "x")
    assert isinstance(view, TicketView)
    assert set(view.__struct_fields__) == TICKET_FIELDS
    assert set(phone(called())) == (TICKET_FIELDS | {"zone_name", "where", "bring"}) - {"seq"}
