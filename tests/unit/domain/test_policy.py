"""Who is next, how many are ahead, how long it may take."""

from datetime import timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from server.domain import commands as c
from server.domain import policy
from tests.unit.domain.builders import HEAD_START, SITE, Bench, examples, site_with
from tests.unit.domain.model import Model, Visitor

COUNTERS = tuple(SITE.counter)
ARRIVAL = st.tuples(
    st.sampled_from(tuple(SITE.service)),
    st.sampled_from((None, *HEAD_START)),
    st.integers(0, 600),
    st.sampled_from((None, None, *COUNTERS)),
)


def crowd(arrivals: list[tuple[str, str | None, int, str | None]]) -> Bench:
    """A hall with these visitors: service, priority, seconds since the one before, counter they were sent to."""
    bench = Bench()
    bench.open()
    for service, priority, seconds, target in arrivals:
        bench.wait(seconds)
        ticket = bench.issue(service, priority)
        if target:
            resumer = COUNTERS[0]
            # Parked and resumed by way of a call: the only way to `target` leads over a hand.
            while bench.do(c.CallNext, counter=SITE.serving[service][0]).ticket is not None:
                counter = SITE.serving[service][0]
                held = bench.state.desk(counter).ticket
                if held == ticket.id:
                    bench.do(c.Transfer, counter=counter, to_counter=target)
                    break
                bench.do(c.Park, counter=counter)
            aside = list(bench.state.aside)
            for parked in aside:
                bench.do(c.Resume, counter=resumer, ticket=parked)
                bench.do(c.Return, counter=resumer)
    return bench


def mirrored(bench: Bench) -> Model:
    """The naive model with the same waiting tickets."""
    model = Model(bench.state.hall)
    for order, ticket in enumerate(bench.state.tickets.values()):
        hurry = timedelta(seconds=HEAD_START[ticket.priority] if ticket.priority else 0)
        model.visitors.append(
            Visitor(
                ticket.id,
                ticket.number,
                ticket.service,
                ticket.issued_at,
                order,
                hurry,
                ticket.status,
                ticket.counter,
                ticket.target,
            )
        )
    return model


@given(st.lists(ARRIVAL, min_size=1, max_size=25))
@examples(100)
def test_ahead_is_what_a_count_over_all_waiting_tickets_gives(
    arrivals: list[tuple[str, str | None, int, str | None]],
) -> None:
    bench = crowd(arrivals)
    model = mirrored(bench)
    for visitor in model.visitors:
        if visitor.status == "waiting":
            assert policy.ahead(bench.state, bench.ticket(visitor.id)) == model.ahead(visitor)
    for counter in COUNTERS:
        order = [v.id for v in sorted(model.callable_by(counter), key=lambda v: v.rank)]
        assert [ticket.id for ticket in policy.waiting_order(bench.state, counter)] == order
        following = policy.next_ticket(bench.state, counter)
        assert (following.id if following else None) == (order[0] if order else None)


@given(st.lists(ARRIVAL, min_size=1, max_size=25), st.sets(st.sampled_from(COUNTERS)))
@examples(60)
def test_an_estimate_is_a_range_that_grows_with_those_ahead(
    arrivals: list[tuple[str, str | None, int, str | None]], closed: set[str]
) -> None:
    bench = crowd(arrivals)
    for counter in closed:
        if bench.state.in_hand(counter) is None:
            bench.do(c.CloseCounter, counter=counter)
    waiting = [ticket for ticket in bench.state.tickets.values() if ticket.status == "waiting"]
    assume(waiting)
    for ticket in waiting:
        counters = (ticket.target,) if ticket.target else SITE.serving[ticket.service]
        ranges = [policy.wait_estimate(bench.state, ticket, before) for before in range(12)]
        if all(bench.state.desk(counter).status != "open" for counter in counters):
            assert ranges == [None] * 12
            continue
        found = [r for r in ranges if r]
        assert len(found) == 12
        assert all(0 <= r.low <= r.high for r in found)
        assert [r.low for r in found] == sorted(r.low for r in found)
        assert [r.high for r in found] == sorted(r.high for r in found)
        assert found[-1].high <= 2 * 13 * 12 * 60


def test_an_estimate_does_not_fall_when_one_more_comes_before() -> None:
    """With four free counters and one service, being fifth must not look quicker than being first."""
    everywhere = tuple(replace(counter, services=("paspor",)) for counter in SITE.counters)
    bench = Bench(site_with(counters=everywhere))
    bench.open()
    ticket = bench.ticket(bench.issue("paspor").id)
    highs = [r.high for before in range(8) if (r := policy.wait_estimate(bench.state, ticket, before))]
    assert highs == sorted(highs)
    assert len(highs) == 8


def test_an_estimate_begins_at_now_only_while_a_counter_is_free_for_everybody_ahead() -> None:
    bench = Bench()
    bench.open("satu", "dua")
    ticket = bench.ticket(bench.issue("paspor").id)
    found = [policy.wait_estimate(bench.state, ticket, before) for before in range(3)]
    assert [(r.low, r.high) for r in found if r] == [(0, 150), (0, 150), (150, 450)]


def test_a_priority_group_without_a_head_start_waits_like_everybody() -> None:
    bench = Bench(site_with(head_start={}))
    ticket = bench.issue("paspor", "elderly")
    assert bench.ticket(ticket.id).place[0] == ticket.issued_at


def test_an_estimate_halves_when_a_second_counter_opens() -> None:
    bench = Bench()
    bench.open("satu")
    for _ in range(9):
        bench.issue("paspor")
    bench.call("satu")
    alone = bench.issue("paspor").wait_estimate
    bench.open("dua")
    bench.call("dua")
    both = bench.issue("paspor").wait_estimate
    assert alone is not None
    assert both is not None
    assert alone.high == 9 * 600 * 1.5
    assert both.high == alone.high / 2


@pytest.mark.parametrize(("priority", "start"), HEAD_START.items())
def test_a_priority_visitor_overtakes_those_within_the_head_start_and_no_others(priority: str, start: float) -> None:
    bench = Bench()
    bench.open()
    early = bench.issue("paspor")
    bench.wait(1)
    late = bench.issue("paspor")
    bench.wait(start - 1)  # exactly the head start after `early`, who stays before
    hurried = bench.issue("paspor", priority)
    assert hurried.ahead == 1
    assert [bench.call("satu").id for _ in range(3)] == [early.id, hurried.id, late.id]


def test_a_later_priority_arrival_raises_the_number_of_those_ahead() -> None:
    bench = Bench()
    ticket = bench.issue("paspor")
    assert ticket.ahead == 0
    bench.wait(60)
    bench.issue("paspor", "elderly")
    assert policy.ahead(bench.state, bench.ticket(ticket.id)) == 1


def test_a_transferred_ticket_keeps_its_number_its_issue_time_and_its_place() -> None:
    bench = Bench()
    bench.open()
    first = bench.issue("paspor")
    bench.wait(600)
    bench.issue("npwp")
    bench.call("satu")
    got = bench.do(c.Transfer, counter="satu", service="npwp").ticket
    assert got is not None
    assert (got.number, got.issued_at, got.agency, got.ahead) == (first.number, first.issued_at, "pajak", 0)
    assert (got.called_at, got.started_at, got.counter) == (None, None, None)
    assert bench.call("tiga").id == first.id


def test_a_returned_ticket_is_next_again() -> None:
    bench = Bench()
    bench.open()
    first = bench.issue("paspor")
    bench.issue("paspor")
    bench.call("satu")
    bench.wait(60)
    got = bench.do(c.Return, counter="satu").ticket
    assert got is not None
    assert (got.status, got.ahead, got.called_at, got.counter) == ("waiting", 0, None, None)
    assert bench.call("satu").id == first.id


def test_a_ticket_sent_to_a_counter_is_called_by_that_counter_only() -> None:
    """It keeps its service, though that counter does not serve it, and counts among those ahead there."""
    bench = Bench()
    bench.open()
    sent = bench.issue("paspor")
    bench.call("satu")
    bench.do(c.Transfer, counter="satu", to_counter="tiga")
    bench.wait(60)
    behind = bench.issue("spt")
    assert behind.ahead == 1
    assert bench.do(c.CallNext, counter="dua").ticket is None
    called = bench.call("tiga")
    assert (called.id, called.service) == (sent.id, "paspor")


def test_a_ticket_sent_to_a_counter_waits_for_its_service_again_when_that_closes() -> None:
    bench = Bench()
    bench.open()
    sent = bench.issue("paspor")
    bench.call("satu")
    bench.do(c.Transfer, counter="satu", to_counter="tiga")
    bench.do(c.PauseCounter, counter="tiga")
    assert bench.do(c.CallNext, counter="dua").ticket is None
    bench.do(c.CloseCounter, counter="tiga")
    assert bench.call("dua").id == sent.id
    bench.check()


def test_a_ticket_sent_to_a_closed_counter_waits_for_its_service_at_once() -> None:
    bench = Bench()
    bench.open("satu")
    sent = bench.issue("paspor")
    bench.call("satu")
    bench.do(c.Transfer, counter="satu", to_counter="tiga")
    bench.open("tiga")
    assert bench.do(c.CallNext, counter="tiga").ticket is None
    assert bench.call("satu").id == sent.id


def test_a_ticket_resumed_elsewhere_never_waits_for_a_counter_that_has_closed() -> None:
    """Sent to "tiga", parked there; "tiga" closes; "dua" resumes it and returns it by mistake."""
    bench = Bench()
    bench.open()
    sent = bench.issue("paspor")
    bench.call("satu")
    bench.do(c.Transfer, counter="satu", to_counter="tiga")
    bench.call("tiga")
    bench.do(c.Park, counter="tiga")
    bench.do(c.CloseCounter, counter="tiga")
    bench.do(c.Resume, counter="dua", ticket=sent.id)
    bench.do(c.Return, counter="dua")
    assert bench.call("satu").id == sent.id
    bench.check()
