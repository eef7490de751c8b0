"""What each screen of the hall shows, for every state; the shapes are those of CONTRACT.md."""

import pytest

from server.domain import commands as c
from server.domain import views
from server.domain.errors import UnknownCounter, UnknownTicket, UnknownZone
from tests.unit.domain.builders import SITE, Bench, site_with
from tests.unit.domain.shown import after, called, counter, shown, tv


def test_the_notice_that_is_being_said_is_always_shown() -> None:
    """It is the oldest of those that wait; of those that ended only the newest few are left."""
    bench = Bench()
    for n in range(7):
        bench.do(c.AnnounceNotice, notice=f"said{n}", zones=("utara",))
        bench.do(c.MarkSpoken, zone="utara", announcement=bench.state.seq)
    for n in range(8):
        bench.do(c.AnnounceNotice, notice=f"waits{n}", zones=("utara",))
    assert [one["notice"] for one in tv(bench)["notices"]] == [
        *(f"waits{n}" for n in range(7, -1, -1)),
        *(f"said{n}" for n in range(6, 1, -1)),
    ]


def test_the_tv_shows_calls_newest_first_with_their_seq() -> None:
    bench = called()
    first = bench.state.seq
    bench.issue("paspor")
    bench.open("dua")
    bench.call("dua")
    second = bench.state.seq
    assert [(call["number"], call["counter"], call["seq"], call["recall"]) for call in tv(bench)["calls"]] == [
        ("A-002", "dua", second, 0),
        ("A-001", "satu", first, 0),
    ]
    bench.do(c.Recall, counter="satu")
    calls = tv(bench)["calls"]
    assert [(call["number"], call["recall"]) for call in calls] == [("A-001", 1), ("A-002", 0), ("A-001", 0)]
    assert set(calls[0]) == {
        *("number", "counter", "label", "agency", "agency_name", "at", "seq", "recall"),
    }
    assert tv(bench, "selatan")["calls"] == []


def test_the_tv_shows_at_least_the_last_twenty_calls_and_not_all_of_the_day() -> None:
    bench = Bench()
    bench.open("satu")
    for _ in range(40):
        bench.issue("paspor")
        bench.call("satu")
    calls = tv(bench)["calls"]
    assert 20 <= len(calls) < 40
    assert [call["number"] for call in calls[:2]] == ["A-040", "A-039"]


@pytest.mark.parametrize(
    ("kind", "number", "status"),
    [(c.Start, "A-001", "serving"), (c.Finish, None, None), (c.Park, None, None), (c.Return, None, None)],
)
def test_the_tv_shows_what_each_counter_has_in_hand(
    kind: type[c.Command], number: str | None, status: str | None
) -> None:
    assert tv(called())["counters"] == [
        {
            "counter": "satu",
            "label": "Loket 1",
            "agency": "imigrasi",
            "agency_name": "Imigrasi",
            "status": "open",
            "number": "A-001",
            "ticket_status": "called",
        },
        {
            "counter": "dua",
            "label": "Loket 2",
            "agency": "imigrasi",
            "agency_name": "Imigrasi",
            "status": "closed",
            "number": None,
            "ticket_status": None,
        },
    ]
    line = tv(after(kind))["counters"][0]
    assert (line["number"], line["ticket_status"]) == (number, status)


def test_the_tv_counts_the_waiting_of_the_agencies_of_its_zone() -> None:
    bench = called()
    bench.issue("ganti")
    bench.issue("npwp")
    bench.issue("spt")
    assert tv(bench)["waiting"] == [{"agency": "imigrasi", "name": "Imigrasi", "count": 1}]
    south = [(line["agency"], line["count"]) for line in tv(bench, "selatan")["waiting"]]
    assert south == [("pajak", 2), ("samsat", 0)]
    after(c.Transfer, bench=bench, to_counter="satu")
    assert tv(bench)["waiting"][0]["count"] == 2
    bench.do(c.CancelTicket, ticket=bench.state.queues["ganti"].ids[0])
    assert tv(bench)["waiting"][0]["count"] == 1, "whoever waits for one counter alone counts too"
    got = tv(bench)
    assert (got["zone"], got["zone_name"], got["site_name"]) == ("utara", "Zona Utara", "MPP Uji")
    assert (got["timezone"], got["notice"]) == ("Asia/Makassar", "Selamat datang")


def test_the_counter_shows_its_ticket_and_who_is_next() -> None:
    bench = called()
    for _ in range(15):
        bench.wait(10)
        bench.issue("ganti")
    bench.issue("npwp")
    got = counter(bench)
    assert (got["counter"], got["label"], got["zone"], got["status"]) == ("satu", "Loket 1", "utara", "open")
    assert got["agencies"] == [{"id": "imigrasi", "name": "Kantor Imigrasi"}]
    assert (got["ticket"]["id"], got["ticket"]["status"], got["recall_limit"]) == ("x", "called", 2)
    assert got["waiting_count"] == 15
    assert [line["number"] for line in got["waiting"]] == [f"A-{n:03}" for n in range(2, 14)]
    assert got["longest_since"] == "2026-11-23T09:01:10+08:00"
    assert set(got["waiting"][0]) == {"id", "number", "service_name", "priority", "issued_at", "joined_at"}
    assert got["counters"][1] == {"id": "dua", "label": "Loket 2", "status": "closed"}
    assert counter(bench, "empat")["agencies"] == [
        {"id": "pajak", "name": "Kantor Pajak Pratama"},
        {"id": "samsat", "name": "Samsat Tenggarong"},
    ]


def test_an_idle_counter_shows_that_nobody_waits() -> None:
    got = counter(Bench())
    assert (got["ticket"], got["waiting"], got["waiting_count"], got["longest_since"]) == (None, [], 0, None)
    assert (got["parked"], got["today"]) == ([], {"served": 0, "no_show": 0, "timed": 0, "service_seconds": None})


def test_the_counter_shows_what_was_put_aside_here_or_may_be_served_here() -> None:
    bench = after(c.Park)
    bench.issue("ganti", ticket="y")
    bench.call("satu")
    after(c.NoShow, bench=bench)
    assert [(line["id"], line["status"]) for line in counter(bench)["parked"]] == [("y", "no-show"), ("x", "parked")]
    assert [line["id"] for line in counter(bench, "dua")["parked"]] == ["x"]
    assert counter(bench, "tiga")["parked"] == []
    line = counter(bench)["parked"][1]
    assert set(line) == {"id", "number", "service_name", "priority", "status", "since"}
    assert line["since"] == "2026-11-23T09:02:00+08:00"
    assert counter(bench)["today"] == {"served": 0, "no_show": 1, "timed": 0, "service_seconds": None}


def test_the_counter_counts_what_it_served_today() -> None:
    bench = called()
    bench.issue("paspor")
    bench.call("satu")
    bench.do(c.Finish, counter="satu")
    assert counter(bench)["today"] == {"served": 2, "no_show": 0, "timed": 0, "service_seconds": None}


def test_the_time_of_a_visit_is_the_average_of_those_that_were_started() -> None:
    bench = called()
    bench.issue("paspor")
    bench.issue("paspor")
    bench.do(c.Start, counter="satu")
    bench.wait(100)
    bench.call("satu")
    bench.do(c.Start, counter="satu")
    bench.wait(201)
    bench.call("satu")
    bench.do(c.Finish, counter="satu")
    assert counter(bench)["today"] == {"served": 3, "no_show": 0, "timed": 2, "service_seconds": 150}


def test_the_supervisor_sees_every_counter_and_whoever_waits() -> None:
    bench = called()
    bench.wait(10)
    bench.issue("ganti")
    bench.issue("npwp")
    bench.wait(10)
    bench.issue("spt", ticket="z")
    bench.open("tiga")
    bench.open("empat")
    bench.call("tiga")
    bench.do(c.Transfer, counter="tiga", to_counter="empat")
    bench.do(c.Start, counter="satu")
    got = shown(views.hall, bench)
    first = got["counters"][0]
    assert (first["label"], first["status"], first["waiting_count"]) == ("Loket 1", "open", 1)
    assert first["agencies"] == [{"id": "imigrasi", "name": "Imigrasi"}]
    assert first["ticket"] == {
        "id": "x",
        "number": "A-001",
        "agency_name": "Imigrasi",
        "service_name": "Paspor baru",
        "priority": "elderly",
        "status": "serving",
        "since": "2026-11-23T09:01:20+08:00",
        "recalls": 0,
    }
    assert [one["waiting_count"] for one in got["counters"]] == [1, 0, 1, 1], "one waits for counter four alone"
    assert got["waiting"] == [
        {"agency": "imigrasi", "name": "Imigrasi", "count": 1, "longest_since": "2026-11-23T09:01:10+08:00"},
        {"agency": "pajak", "name": "Pajak", "count": 2, "longest_since": "2026-11-23T09:01:20+08:00"},
        {"agency": "samsat", "name": "Samsat", "count": 0, "longest_since": None},
    ]


def test_the_supervisor_sees_what_waits_to_be_spoken() -> None:
    zones = shown(views.hall, called())["zones"]
    assert zones == [
        {"zone": "utara", "name": "Zona Utara", "unspoken": 1, "unspoken_since": "2026-11-23T09:01:00+08:00"},
        {"zone": "selatan", "name": "Zona Selatan", "unspoken": 0, "unspoken_since": None},
    ]


@pytest.mark.parametrize("status", ["open", "paused", "closed"])
def test_both_screens_show_the_status_of_a_counter(status: str) -> None:
    bench = Bench()
    bench.open("satu")
    kind: dict[str, type[c.Command]] = {"open": c.OpenCounter, "paused": c.PauseCounter, "closed": c.CloseCounter}
    bench.do(kind[status], counter="satu")
    assert counter(bench)["status"] == status
    assert tv(bench)["counters"][0]["status"] == status


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (views.tv("bulan"), UnknownZone),
        (views.counter("sembilan"), UnknownCounter),
        (views.phone("siapa"), UnknownTicket),
    ],
)
def test_a_screen_of_something_that_does_not_exist_raises(make: views.Make, error: type[Exception]) -> None:
    with pytest.raises(error):
        make(called().state)


def test_names_from_the_site_file_reach_the_screens_as_they_are() -> None:
    """Text is text: escaping is the business of the page that shows it."""
    name = "<script>alert('\"&')</script>\u202e"
    bench = Bench(site_with(notice=name, name=name))
    assert (tv(bench)["notice"], tv(bench)["site_name"]) == (name, name)


def test_a_view_does_not_change_what_it_shows() -> None:
    bench = called()
    before = bench.state.copy()
    for make in (*map(views.tv, SITE.zone), *map(views.counter, SITE.counter), views.phone("x")):
        assert make(bench.state) == make(bench.state)
    assert bench.state == before
