"""What becomes of events: tickets and visits, one story a test."""

from datetime import date, timedelta

from server.domain import commands as c
from server.domain import events as e
from server.history.visits import OUTCOMES, RULES, Book, Visit
from tests.unit.history.driver import MORNING, Driver, make_site


def told(driver: Driver) -> Book:
    book = Book(None)
    for entry in driver.entries:
        book.apply(entry)
    return book


def visits_of(driver: Driver, ticket: str) -> list[Visit]:
    book = told(driver)
    return [visit for (of, _), visit in sorted(book.visits.items()) if of == ticket]


def only(driver: Driver, ticket: str) -> Visit:
    (visit,) = visits_of(driver, ticket)
    return visit


def test_a_plain_visit_has_its_wait_its_way_and_its_service() -> None:
    hall = Driver()
    ticket = hall.issue(priority="elderly", channel="staff")
    hall.later(minutes=12)
    hall.call()
    hall.later(seconds=45)
    hall.do(c.Start, counter="c1")
    hall.later(minutes=7)
    hall.do(c.Finish, counter="c1")
    visit = only(hall, ticket)
    assert (visit.wait_seconds, visit.way_seconds, visit.service_seconds) == (720, 45, 420)
    assert (visit.outcome, visit.number, visit.counter, visit.agency) == ("served", "A-001", "c1", "tax")
    assert (visit.service, visit.priority, visit.channel) == ("a", "elderly", "staff")
    assert visit.day == date(2026, 3, 2)
    assert visit.ended_at == MORNING + timedelta(minutes=19, seconds=45)


def test_a_visit_that_lasts_has_no_outcome() -> None:
    hall = Driver()
    ticket = hall.issue()
    hall.call()
    assert only(hall, ticket).outcome is None
    assert told(hall).open.keys() == {ticket}


def test_a_visit_never_started_has_no_way_and_no_service_time() -> None:
    hall = Driver()
    first, second = hall.issue(), hall.issue()
    hall.call()
    hall.later(minutes=3)
    hall.call()
    visit = only(hall, first)
    assert (visit.outcome, visit.way_seconds, visit.service_seconds) == ("served", None, None)
    assert only(hall, second).outcome is None


def test_after_a_transfer_the_wait_begins_anew_and_the_origin_is_known() -> None:
    hall = Driver()
    ticket = hall.issue()
    hall.later(minutes=10)
    hall.call()
    hall.do(c.Start, counter="c1")
    hall.later(minutes=2)
    hall.do(c.Transfer, counter="c1", service="b")
    hall.later(minutes=4)
    hall.call("c3")
    first, second = visits_of(hall, ticket)
    assert (first.outcome, first.wait_seconds, first.service_seconds) == ("transferred", 600, 120)
    assert (second.wait_seconds, second.transferred_from) == (240, "c1")
    assert (second.agency, second.service, second.number) == ("police", "b", "A-001")
    assert second.issued_at == first.issued_at


def test_a_wrong_press_keeps_the_former_time_of_joining() -> None:
    hall = Driver()
    ticket = hall.issue()
    hall.later(minutes=5)
    hall.call()
    hall.later(minutes=1)
    hall.do(c.Return, counter="c1")
    hall.later(minutes=1)
    hall.call("c2")
    first, second = visits_of(hall, ticket)
    assert (first.outcome, second.wait_seconds, second.transferred_from) == ("returned", 420, None)


def test_a_wrong_press_after_a_transfer_keeps_its_origin() -> None:
    hall = Driver()
    ticket = hall.issue()
    hall.call()
    hall.do(c.Transfer, counter="c1", to_counter="c2")
    hall.later(minutes=1)
    hall.call("c2")
    hall.do(c.Return, counter="c2")
    hall.call("c2")
    assert [visit.transferred_from for visit in visits_of(hall, ticket)] == [None, "c1", "c1"]
    assert visits_of(hall, ticket)[2].wait_seconds == 60


def test_a_resumed_ticket_has_a_second_visit_without_a_wait() -> None:
    hall = Driver()
    ticket = hall.issue()
    hall.later(minutes=5)
    hall.call()
    hall.do(c.Start, counter="c1")
    hall.later(minutes=1)
    hall.do(c.Park, counter="c1")
    hall.later(minutes=30)
    hall.do(c.Resume, counter="c1", ticket=ticket)
    hall.later(seconds=20)
    hall.do(c.Start, counter="c1")
    hall.later(minutes=2)
    hall.do(c.Finish, counter="c1")
    first, second = visits_of(hall, ticket)
    assert (first.outcome, first.wait_seconds, first.service_seconds) == ("parked", 300, 60)
    assert (second.outcome, second.resumed, second.wait_seconds) == ("served", True, None)
    assert (second.way_seconds, second.service_seconds) == (20, 120)


def test_a_visit_resumed_after_a_transfer_did_not_come_from_the_transfer() -> None:
    hall = Driver()
    ticket = hall.issue()
    hall.call()
    hall.do(c.Transfer, counter="c1", service="b")
    hall.call("c3")
    hall.do(c.Park, counter="c3")
    hall.do(c.Resume, counter="c3", ticket=ticket)
    hall.do(c.Return, counter="c3")
    hall.call("c3")
    assert [visit.transferred_from for visit in visits_of(hall, ticket)] == [None, "c1", None, None]


def test_a_ticket_returned_after_it_was_resumed_joins_the_queue_then() -> None:
    hall = Driver()
    ticket = hall.issue()
    hall.call()
    hall.do(c.NoShow, counter="c1")
    hall.later(minutes=30)
    hall.do(c.Resume, counter="c1", ticket=ticket)
    hall.do(c.Return, counter="c1")
    hall.later(minutes=2)
    hall.call()
    assert [visit.outcome for visit in visits_of(hall, ticket)] == ["no-show", "returned", None]
    assert visits_of(hall, ticket)[2].wait_seconds == 120


def test_recalls_are_counted_and_a_no_show_ends_the_ticket_until_it_is_resumed() -> None:
    hall = Driver()
    ticket = hall.issue()
    hall.call()
    hall.do(c.Recall, counter="c1")
    hall.do(c.Recall, counter="c1")
    hall.later(minutes=1)
    hall.do(c.NoShow, counter="c1")
    assert (only(hall, ticket).recalls, only(hall, ticket).outcome) == (2, "no-show")
    assert told(hall).tickets[ticket].ended_at == hall.now
    hall.do(c.Resume, counter="c2", ticket=ticket)
    assert told(hall).tickets[ticket].ended_at is None


def test_the_end_of_the_day_leaves_visits_unfinished_and_without_service_time() -> None:
    hall = Driver()
    serving, called, waiting, parked = (hall.issue() for _ in range(4))
    hall.call("c1")
    hall.do(c.Start, counter="c1")
    hall.call("c2")
    hall.do(c.OpenCounter, counter="c1")
    hall.end_day()
    assert (only(hall, serving).outcome, only(hall, serving).service_seconds) == ("unfinished", None)
    assert only(hall, serving).way_seconds == 0
    assert only(hall, called).outcome == "unfinished"
    book = told(hall)
    assert [book.tickets[one].status for one in (serving, called, waiting, parked)] == [
        "served",
        "cancelled",
        "cancelled",
        "cancelled",
    ]
    assert book.tickets[waiting].reason == "day-ended"
    assert book.day == date(2026, 3, 3)
    assert not book.open


def test_a_cancelled_ticket_has_no_visit() -> None:
    hall = Driver()
    ticket = hall.issue()
    hall.do(c.CancelTicket, ticket=ticket)
    assert visits_of(hall, ticket) == []
    assert (told(hall).tickets[ticket].status, told(hall).tickets[ticket].reason) == ("cancelled", "asked")


def test_a_service_removed_from_the_site_cancels_the_visit() -> None:
    hall = Driver()
    ticket = hall.issue("b")
    hall.call("c3")
    hall.do(c.Start, counter="c3")
    site = make_site()
    without = type(site)(
        **{field: getattr(site, field) for field in site.__struct_fields__}
        | {"services": site.services[:1], "counters": site.counters[:2]}
    )
    hall.do(c.ConfigureSite, site=without)
    assert (only(hall, ticket).outcome, only(hall, ticket).service_seconds) == ("cancelled", None)


def test_the_business_day_is_the_hall_s_where_it_begins_at_four() -> None:
    night = MORNING.replace(hour=19)  # three in the morning of the 3rd in Tenggarong
    hall = Driver(make_site(day_begins=4), night)
    early = hall.issue()
    hall.later(hours=2)
    hall.do(c.Tick)
    late = hall.issue()
    tickets = told(hall).tickets
    assert (tickets[early].day, tickets[late].day) == (date(2026, 3, 2), date(2026, 3, 3))


def test_events_of_a_ticket_that_nobody_knows_are_passed_over() -> None:
    hall = Driver()
    hall.issue()
    hall.call()
    hall.do(c.Recall, counter="c1")
    hall.do(c.Start, counter="c1")
    hall.do(c.Transfer, counter="c1", service="b")
    book = Book(None)
    for entry in hall.entries:
        if not isinstance(entry.event, e.TicketIssued):
            book.apply(entry)
    assert (book.tickets, book.visits, book.open) == ({}, {}, {})


def test_every_event_of_a_ticket_has_its_rule() -> None:
    of_tickets = {kind for kind in e.Event.__args__ if issubclass(kind, e.TicketEvent)}
    assert of_tickets <= RULES.keys()
    assert None not in OUTCOMES
