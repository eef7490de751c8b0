"""A command runs once: what a repeated id gets, and for how long."""

from datetime import timedelta

import pytest

from server.domain import commands as c
from server.domain.answers import Answer
from server.domain.decide import decide
from server.domain.errors import KeyReused, NotAllowedNow
from tests.unit.domain.builders import Bench


def issued(keyed: bool, seconds: float) -> tuple[Bench, c.Command, Answer]:
    """A ticket that was issued some seconds ago, in a hall where somebody else has come since."""
    bench = Bench()
    command = bench.make(c.IssueTicket, service="paspor", ticket="x", keyed=keyed)
    answer = bench.run(command)
    bench.wait(seconds)
    bench.issue("npwp")
    return bench, command, answer


def test_a_repeat_gets_the_first_answer_though_the_ticket_went_on() -> None:
    bench, command, answer = issued(True, 60)
    bench.open()
    bench.call("satu")
    seq = bench.state.seq
    assert bench.run(command) == answer
    assert answer.ticket is not None
    assert answer.ticket.status == "waiting"
    assert bench.state.seq == seq


def test_the_same_id_with_another_request_is_refused() -> None:
    bench, _, _ = issued(True, 60)
    with pytest.raises(KeyReused):
        bench.do(c.IssueTicket, id="k2", digest="other", service="paspor", ticket="y", keyed=True)


@pytest.mark.parametrize(("keyed", "hold"), [(True, timedelta(hours=25)), (False, timedelta(minutes=10))])
def test_an_answer_is_kept_for_its_time_and_forgotten_after_it(keyed: bool, hold: timedelta) -> None:
    bench, command, answer = issued(keyed, hold.total_seconds())
    assert bench.run(command) == answer
    bench.wait(1)
    bench.issue("npwp")
    assert bench.state.answered(command.id) is None
    bench.check()


@pytest.mark.parametrize("hours", [0.1, 8, 23.9])
def test_a_key_still_holds_after_the_day_has_changed(hours: float) -> None:
    """The ticket itself is over, but its caller still learns what became of the request."""
    bench, command, answer = issued(True, 0)
    bench.wait(14.9 * 3600)  # 23:54 in the hall
    late = bench.make(c.IssueTicket, service="npwp", ticket="late", keyed=True)
    last = bench.run(late)
    bench.wait(hours * 3600)
    bench.do(c.Tick)
    assert "x" not in bench.state.tickets
    assert bench.run(late) == last
    if hours < 9:
        assert bench.run(command) == answer
    else:
        assert bench.state.answered(command.id) is None
    bench.check()


def test_the_day_change_carries_unkeyed_answers_for_ten_minutes_only() -> None:
    bench, command, _ = issued(False, 0)
    bench.wait(14.95 * 3600)  # 23:57
    late = bench.make(c.IssueTicket, service="npwp", ticket="late")
    last = bench.run(late)
    bench.wait(5 * 60)
    bench.do(c.Tick)
    assert bench.run(late) == last
    assert bench.state.answered(command.id) is None


def test_a_repeat_needs_neither_ticket_nor_counter_any_more() -> None:
    bench, _, _ = issued(True, 0)
    bench.open()
    finish = bench.make(c.CallNext, counter="satu", keyed=True)
    first = bench.run(finish)
    bench.wait(86_000)
    assert bench.run(finish) == first


def test_refusals_and_answers_that_changed_nothing_are_decided_anew() -> None:
    bench = Bench()
    call = bench.make(c.CallNext, counter="satu", keyed=True)
    with pytest.raises(NotAllowedNow):
        bench.run(call)
    bench.open()
    assert bench.run(call).ticket is None
    again = bench.make(c.OpenCounter, counter="satu", keyed=True)
    bench.run(again)
    assert bench.state.answered(again.id) is None
    bench.issue("paspor", ticket="x")
    called = bench.run(call).ticket
    assert called is not None
    assert called.id == "x"
    bench.do(c.Finish, counter="satu")
    repeat = bench.run(call).ticket
    assert repeat == called


def test_the_answer_of_a_call_is_that_of_its_last_event() -> None:
    bench = Bench()
    bench.open()
    bench.issue("paspor", ticket="x")
    bench.issue("paspor", ticket="y")
    bench.call("satu")
    command = bench.make(c.CallNext, counter="satu", keyed=True)
    first = bench.run(command)
    assert first.ticket is not None
    assert (first.ticket.id, first.seq) == ("y", bench.state.seq)
    assert decide(bench.state, command) == ()
    assert bench.run(command) == first


def test_no_more_answers_are_kept_than_a_day_needs() -> None:
    bench = Bench()
    for _ in range(60):
        bench.issue("paspor", keyed=True)
        bench.issue("npwp")
        bench.wait(3600)
    assert len(bench.state.keyed) <= 26
    assert len(bench.state.unkeyed) <= 2
