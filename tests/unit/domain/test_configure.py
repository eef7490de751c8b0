"""A hall is reconfigured while it works: nobody is lost, and no screen fails."""

from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest
from msgspec.structs import replace

from server.domain import commands as c
from server.domain import events as e
from server.domain import views
from server.domain.announcements import CallAnnouncement
from server.domain.decide import decide
from server.domain.errors import NotAllowedNow, ServiceClosed, UnknownCounter, UnknownService, UnknownZone
from server.domain.site import Site
from tests.unit.domain.builders import (
    HEAD_START,
    OFFICE,
    SITE,
    Bench,
    site_with,
    without_agency,
    without_counter,
    without_service,
    without_zone,
)


def busy() -> Bench:
    """In hand: "paspor" called at "satu", "npwp" served at "empat"; parked: "spt"; waiting: one of each, one sent."""
    bench = Bench()
    bench.open()
    for service, counter in (("paspor", "satu"), ("spt", "tiga"), ("npwp", "empat")):
        bench.issue(service, ticket=f"in-{service}")
        bench.call(counter)
        bench.wait(5)
    bench.do(c.Start, counter="empat")
    bench.do(c.Park, counter="tiga")
    bench.issue("ganti", ticket="sent")
    bench.issue("npwp", ticket="in-npwp-2")
    bench.call("tiga")
    bench.do(c.Transfer, counter="tiga", to_counter="empat")
    for service in SITE.service:
        bench.issue(service, ticket=f"wait-{service}")
    bench.wait(10)
    return bench


def every_view(bench: Bench) -> list[bytes]:
    """All screens of the hall as JSON; none raises."""
    state, site = bench.state, bench.state.hall
    makers = [views.tv(zone) for zone in site.zone]
    makers += [views.counter(counter) for counter in site.counter]
    makers += [views.phone(ticket) for ticket in state.tickets]
    return [msgspec.json.encode(make(state)) for make in makers]


def configure(bench: Bench, site: Site) -> list[e.Event]:
    seq = bench.state.seq
    bench.do(c.ConfigureSite, site=site)
    bench.check()
    every_view(bench)
    return [entry.event for entry in bench.log[seq:]]


def named(events: list[e.Event]) -> dict[str, str]:
    """Ticket to what happened to it."""
    return {event.ticket: type(event).__name__ for event in events if isinstance(event, e.TicketEvent)}


def test_the_first_configuration_opens_the_first_day() -> None:
    assert Bench().types() == ["site-configured", "day-opened"]


def test_the_same_configuration_is_no_event() -> None:
    bench = busy()
    again = msgspec.json.decode(msgspec.json.encode(SITE), type=Site)
    assert decide(bench.state, bench.make(c.ConfigureSite, site=again)) == ()


def test_the_tickets_of_a_removed_service_are_cancelled_wherever_they_are() -> None:
    bench = busy()
    bench.do(c.NoShow, counter="satu")
    events = configure(bench, without_service("paspor", without_service("spt", without_service("npwp"))))
    assert named(events) == {
        "in-paspor": "TicketCancelled",
        "in-spt": "TicketCancelled",
        "in-npwp": "TicketCancelled",
        "in-npwp-2": "TicketCancelled",
        "wait-paspor": "TicketCancelled",
        "wait-npwp": "TicketCancelled",
        "wait-spt": "TicketCancelled",
    }
    assert {event.reason for event in events if isinstance(event, e.TicketCancelled)} == {"service-removed"}
    assert bench.state.desk("empat").ticket is None
    assert not bench.state.aside
    assert bench.state.desk("empat").status == "open"
    with pytest.raises(UnknownService):
        bench.issue("paspor")
    assert bench.call("satu").id == "sent"


def test_a_visit_that_is_over_stays_over_when_its_service_is_removed() -> None:
    bench = busy()
    bench.do(c.Finish, counter="empat")
    assert "in-npwp" not in named(configure(bench, without_service("npwp")))
    assert bench.ticket("in-npwp").status == "served"


def test_the_ticket_in_hand_of_a_removed_counter_waits_again_in_its_old_place() -> None:
    bench = busy()
    events = configure(bench, without_counter("satu"))
    assert named(events) == {"in-paspor": "TicketReturned"}
    assert [type(event).__name__ for event in events] == [
        "TicketReturned",
        "CounterClosed",
        "AnnouncementExpired",
        "SiteConfigured",
    ]
    assert bench.call("dua").id == "in-paspor"
    with pytest.raises(UnknownCounter):
        bench.do(c.CallNext, counter="satu")


def test_what_waited_for_a_removed_counter_alone_waits_for_its_service() -> None:
    bench = busy()
    assert bench.ticket("in-npwp-2").target == "empat"
    configure(bench, without_counter("empat"))
    assert bench.ticket("in-npwp-2").target is None
    assert [bench.call("tiga").id for _ in range(2)] == ["in-npwp", "in-npwp-2"]


def test_a_ticket_sent_to_a_counter_that_is_gone_when_it_is_returned_waits_for_its_service() -> None:
    """Sent to "empat", parked there; "empat" is removed; "dua" resumes it and returns it."""
    bench = busy()
    bench.do(c.Finish, counter="empat")
    bench.call("empat")
    bench.do(c.Park, counter="empat")
    configure(bench, without_counter("empat"))
    bench.do(c.Resume, counter="dua", ticket="in-npwp-2")
    bench.do(c.Return, counter="dua")
    every_view(bench)
    assert bench.call("tiga").id == "in-npwp-2"


def test_a_counter_that_comes_back_is_closed_and_empty() -> None:
    bench = busy()
    configure(bench, without_counter("satu"))
    configure(bench, SITE)
    assert bench.state.desk("satu").status == "closed"
    assert bench.state.desk("satu").ticket is None


def test_the_announcements_of_a_removed_zone_end_with_that_reason() -> None:
    bench = busy()
    pending = set(bench.state.announcements["selatan"].waiting)
    events = configure(bench, without_zone("selatan", moved_to="utara"))
    ended = [event for event in events if isinstance(event, e.AnnouncementExpired)]
    assert {event.announcement for event in ended} == pending
    assert {event.reason for event in ended} == {"site-changed"}
    assert bench.ticket("in-npwp").status == "serving"
    bench.call("tiga")
    assert list(bench.state.announcements) == ["utara"]
    with pytest.raises(UnknownZone):
        bench.do(c.MarkSpoken, zone="selatan", announcement=1)


def test_a_counter_that_moves_to_another_zone_keeps_its_visit() -> None:
    bench = busy()
    moved = site_with(counters=tuple(replace(counter, zone="selatan") for counter in SITE.counters))
    assert named(configure(bench, moved)) == {}
    bench.do(c.Recall, counter="satu")
    assert bench.state.seq in bench.state.announcements["selatan"].waiting
    bench.do(c.Start, counter="satu")
    said = [a for queue in bench.state.announcements.values() for a in queue if isinstance(a, CallAnnouncement)]
    dropped = [a for a in said if a.ticket == "in-paspor"]
    assert len(dropped) == 2
    assert all(a.dropped_at for a in dropped)


def test_a_counter_that_no_longer_serves_a_service_ends_the_visit_it_has() -> None:
    bench = busy()
    changed = site_with(counters=tuple(replace(counter, services=("stnk",)) for counter in SITE.counters))
    configure(bench, changed)
    bench.do(c.Finish, counter="satu")
    assert bench.call("satu").id == "wait-stnk"


def test_a_service_that_moves_to_another_agency_takes_its_visitors_with_it() -> None:
    """They keep their numbers, and count and are called for the agency that serves them now."""
    bench = busy()
    number = bench.ticket("wait-ganti").number
    said = next(iter(bench.state.announcements["utara"].waiting))
    events = configure(bench, without_agency("imigrasi", heir="samsat"))
    ended = [event for event in events if isinstance(event, e.AnnouncementExpired)]
    assert [(event.announcement, event.reason) for event in ended] == [(said, "site-changed")]
    waiting = bench.ticket("wait-ganti")
    assert (waiting.number, waiting.agency) == (number, "samsat")
    bench.do(c.Finish, counter="satu")
    called = bench.call("satu")
    assert called.agency_name == "Samsat"
    assert bench.issue("paspor").number == "SM-002"


def test_changed_hours_hold_at_once() -> None:
    bench = busy()
    closed = tuple(replace(agency, hours={"sun": OFFICE}) for agency in SITE.agencies)
    configure(bench, site_with(agencies=closed, always_open=False))
    with pytest.raises(ServiceClosed) as caught:
        bench.issue("paspor")
    assert caught.value.opens_next is not None
    assert caught.value.opens_next.strftime("%a %H:%M") == "Sun 08:00"
    configure(bench, SITE)
    bench.issue("paspor")


def prefixed(**prefixes: str) -> Site:
    return site_with(agencies=tuple(replace(a, prefix=prefixes.get(a.id, a.prefix)) for a in SITE.agencies))


def test_a_new_prefix_begins_at_001_and_an_old_one_goes_on_where_it_was() -> None:
    bench = Bench()
    assert [bench.issue("paspor").number, bench.issue("ganti").number] == ["A-001", "A-002"]
    configure(bench, prefixed(imigrasi="X"))
    assert bench.issue("paspor").number == "X-001"
    configure(bench, prefixed(imigrasi="B", pajak="A"))
    assert bench.issue("npwp").number == "A-003"
    configure(bench, SITE)
    assert bench.issue("paspor").number == "A-004"


def test_a_number_beyond_999_has_four_digits() -> None:
    bench = Bench()
    numbers = [bench.issue("stnk").number for _ in range(1002)]
    assert numbers[998:] == ["SM-999", "SM-1000", "SM-1001", "SM-1002"]
    bench.check()


def test_a_new_head_start_holds_for_those_who_come_from_now_on() -> None:
    """Whoever has a number keeps the place that it was given with."""
    bench = Bench()
    bench.open()
    regular = bench.issue("paspor")
    bench.wait(600)
    hurried = bench.issue("paspor", "elderly")
    configure(bench, site_with(head_start=dict.fromkeys(HEAD_START, 0.0)))
    later = bench.issue("paspor", "elderly")
    assert bench.state.tickets[later.id].place[0] == later.issued_at
    assert bench.state.tickets[hurried.id].place[0] == hurried.issued_at - timedelta(seconds=900)
    assert [bench.call("satu").id for _ in range(3)] == [hurried.id, regular.id, later.id]
    bench.check()


def test_a_lower_recall_limit_holds_at_once() -> None:
    bench = busy()
    bench.do(c.Recall, counter="satu")
    configure(bench, site_with(recall_limit=1))
    with pytest.raises(NotAllowedNow):
        bench.do(c.Recall, counter="satu")


@pytest.mark.parametrize(
    "change",
    [
        lambda: without_service("paspor"),
        lambda: without_counter("satu", without_counter("empat", without_service("stnk"))),
        lambda: without_zone("utara", moved_to="selatan"),
        lambda: site_with(timezone="America/Los_Angeles", day_begins=6),
        lambda: site_with(closed_days={}, always_open=False),
        lambda: site_with(counters=tuple(reversed(SITE.counters)), zones=tuple(reversed(SITE.zones))),
    ],
)
def test_every_screen_works_after_a_change_and_after_all_that_can_follow(change: Callable[[], Site]) -> None:
    bench = busy()
    configure(bench, change())
    for counter in bench.state.hall.counter:
        bench.do(c.OpenCounter, counter=counter)
        for _ in range(4):
            bench.do(c.CallNext, counter=counter)
            every_view(bench)
        for ticket in list(bench.state.aside)[:1]:
            if bench.state.in_hand(counter):
                bench.do(c.Finish, counter=counter)
            bench.do(c.Resume, counter=counter, ticket=ticket)
    bench.check()
    bench.wait(86_400)
    bench.do(c.Tick)
    every_view(bench)
    bench.check()
