"""What becomes of announcements: how long from call or notice until it was spoken, one story a test."""

from msgspec.structs import replace

from server.domain import commands as c
from server.domain import events as e
from server.domain.site import Zone
from server.history.announcements import Announcement, Announcements
from tests.unit.history.driver import MORNING, Driver, make_site


def told(hall: Driver) -> list[Announcement]:
    book = Announcements("life", None, None)
    for entry in hall.entries:
        book.apply(entry)
    return list(book.rows.values())


def in_hand(hall: Driver, zone: str = "z") -> int:
    return next(iter(hall.state.announcements[zone])).id


def test_a_call_that_was_spoken_has_its_delay() -> None:
    hall = Driver()
    ticket = hall.issue()
    hall.call()
    hall.later(seconds=9)
    hall.do(c.MarkSpoken, zone="z", announcement=in_hand(hall))
    (row,) = told(hall)
    assert (row.kind, row.zone, row.ticket, row.number, row.counter) == ("call", "z", ticket, "A-001", "c1")
    assert (row.asked_at, row.ended_at, row.outcome, row.delay_seconds) == (MORNING, hall.now, "spoken", 9)
    assert (row.seq, row.day, row.epoch) == (hall.entries[-2].seq, MORNING.date(), "life")


def test_what_waits_has_no_outcome_and_a_recall_and_a_resumed_call_are_announced_anew() -> None:
    hall = Driver()
    ticket = hall.issue()
    hall.call()
    hall.do(c.Recall, counter="c1")
    hall.do(c.Park, counter="c1")
    hall.do(c.Resume, counter="c2", ticket=ticket)
    assert [(row.counter, row.outcome) for row in told(hall)] == [("c1", None), ("c1", None), ("c2", None)]


def test_what_expired_has_no_delay() -> None:
    hall = Driver()
    hall.issue()
    hall.call()
    hall.do(c.Start, counter="c1")
    hall.do(c.ExpireAnnouncement, zone="z", announcement=in_hand(hall))
    (row,) = told(hall)
    assert (row.outcome, row.ended_at, row.delay_seconds) == ("expired", hall.now, None)


def test_a_hall_that_slept_for_days_leaves_no_absurd_delay() -> None:
    hall = Driver()
    hall.issue()
    hall.call()
    hall.later(days=5)
    hall.do(c.Tick)
    (row,) = told(hall)
    assert (row.outcome, row.delay_seconds, row.day) == ("expired", None, MORNING.date())


def test_a_notice_is_announced_once_in_each_zone() -> None:
    site = make_site()
    hall = Driver(replace(site, zones=(*site.zones, Zone("y", "Lain"))))
    hall.do(c.AnnounceNotice, notice="notice-1", zones=("z", "y"))
    hall.later(seconds=4)
    hall.do(c.MarkSpoken, zone="y", announcement=in_hand(hall, "y"))
    rows = {row.zone: row for row in told(hall)}
    assert {zone: (row.kind, row.outcome, row.delay_seconds) for zone, row in rows.items()} == {
        "z": ("notice", None, None),
        "y": ("notice", "spoken", 4),
    }
    assert {row.ticket for row in rows.values()} == {None}


def test_the_zone_is_the_counter_s_at_the_time_of_the_call() -> None:
    site = make_site()
    hall = Driver(replace(site, zones=(*site.zones, Zone("y", "Lain"))))
    hall.issue()
    hall.issue()
    hall.call()
    moved = tuple(replace(counter, zone="y") for counter in site.counters)
    hall.do(c.ConfigureSite, site=replace(hall.state.hall, counters=moved))
    hall.call("c2")
    assert [(row.zone, row.outcome) for row in told(hall)] == [("z", None), ("y", None)]


def test_what_was_asked_for_before_the_log_begins_is_passed_over() -> None:
    hall = Driver()
    hall.issue()
    hall.call()
    hall.do(c.MarkSpoken, zone="z", announcement=in_hand(hall))
    book = Announcements("life", None, None)
    for entry in hall.entries:
        if not isinstance(entry.event, e.SiteConfigured | e.DayOpened):
            book.apply(entry)
    assert book.rows == {}
