"""The table of verbs in CONTRACT.md, to the letter: every verb in every state."""

from itertools import product
from typing import Any

import pytest

from server.domain import commands as c
from server.domain import errors
from server.domain.decide import decide
from tests.unit.domain.builders import Bench

BOTH = ("called", "serving")

# verb: (command, its fields, what must be in hand, the ticket's status afterwards, the events)
IN_HAND: dict[str, tuple[type[c.Command], dict[str, Any], tuple[str, ...], str, list[str]]] = {
    "recall": (c.Recall, {}, ("called",), "called", ["ticket-recalled"]),
    "start": (c.Start, {}, ("called",), "serving", ["ticket-started"]),
    "finish": (c.Finish, {}, BOTH, "served", ["ticket-served"]),
    "no-show": (c.NoShow, {}, ("called",), "no-show", ["ticket-no-show"]),
    "park": (c.Park, {}, BOTH, "parked", ["ticket-parked"]),
    "return": (c.Return, {}, BOTH, "waiting", ["ticket-returned"]),
    "transfer-service": (c.Transfer, {"service": "npwp"}, BOTH, "waiting", ["ticket-transferred"]),
    "transfer-counter": (c.Transfer, {"to_counter": "dua"}, BOTH, "waiting", ["ticket-transferred"]),
}
DESK = {"open": (c.OpenCounter, "counter-opened"), "pause": (c.PauseCounter, "counter-paused")}
BECOMES = {"open": "open", "pause": "paused", "close": "closed"}
STATUSES = ("closed", "open", "paused")
HANDS = ("nothing", "called", "serving")
TICKET_STATUSES = ("waiting", "called", "serving", "served", "no-show", "parked", "cancelled")


def hall(status: str, hand: str) -> Bench:
    """Counter "satu" of that status with that in hand; "besok" waits, "taruh" is parked by "dua"."""
    bench = Bench()
    bench.open("dua")
    bench.issue("paspor", ticket="taruh")
    bench.call("dua")
    bench.do(c.Park, counter="dua")
    bench.issue("paspor", ticket="ini")
    if hand != "nothing":
        # A closed counter comes to a ticket only by `resume`, which needs no open counter.
        bench.call("dua")
        bench.do(c.Park, counter="dua")
        bench.do(c.Resume, counter="satu", ticket="ini")
    if hand == "serving":
        bench.do(c.Start, counter="satu")
    bench.issue("paspor", ticket="besok")
    if status != "closed":
        bench.do({"open": c.OpenCounter, "paused": c.PauseCounter}[status], counter="satu")
    bench.wait(5)
    assert bench.state.desk("satu").status == status
    assert (bench.state.desk("satu").ticket is not None) == (hand != "nothing")
    return bench


def refused(bench: Bench, kind: type[c.Command], **fields: Any) -> errors.Rejected:
    """The refusal of a command, which must leave no trace."""
    before = bench.state.copy()
    with pytest.raises(errors.Rejected) as caught:
        bench.do(kind, **fields)
    assert bench.state == before
    return caught.value


def forbidden_by(bench: Bench, kind: type[c.Command], **fields: Any) -> str:
    """The status that the refusal `not-allowed-now` names."""
    refusal = refused(bench, kind, **fields)
    assert refusal.code == "not-allowed-now"
    assert isinstance(refusal, errors.NotAllowedNow)
    return refusal.status


@pytest.mark.parametrize(("verb", "status", "hand"), list(product(IN_HAND, STATUSES, HANDS)))
def test_a_verb_on_the_ticket_in_hand_needs_the_status_of_the_table(verb: str, status: str, hand: str) -> None:
    kind, fields, needs, becomes, events = IN_HAND[verb]
    bench = hall(status, hand)
    if hand not in needs:
        assert forbidden_by(bench, kind, counter="satu", **fields) == (status if hand == "nothing" else hand)
        return
    seq = bench.state.seq
    got = bench.do(kind, counter="satu", **fields)
    assert bench.types(since=seq) == events
    assert got.seq == bench.state.seq
    assert got.ticket is not None
    assert (got.ticket.id, got.ticket.status) == ("ini", becomes)
    assert got.counter is not None
    assert (got.counter.id, got.counter.status) == ("satu", status)
    assert (bench.state.desk("satu").ticket is None) == (becomes not in BOTH)
    bench.check()


@pytest.mark.parametrize(("verb", "status", "hand"), list(product(DESK, STATUSES, HANDS)))
def test_open_and_pause_are_always_allowed(verb: str, status: str, hand: str) -> None:
    bench = hall(status, hand)
    kind, event = DESK[verb]
    seq = bench.state.seq
    got = bench.do(kind, counter="satu")
    assert bench.types(since=seq) == ([] if status == BECOMES[verb] else [event])
    assert got.counter is not None
    assert got.counter.status == BECOMES[verb]
    assert (got.ticket.id if got.ticket else None) == (None if hand == "nothing" else "ini")
    bench.check()


@pytest.mark.parametrize(("status", "hand"), list(product(STATUSES, HANDS)))
def test_close_needs_an_empty_hand(status: str, hand: str) -> None:
    bench = hall(status, hand)
    if hand != "nothing":
        assert forbidden_by(bench, c.CloseCounter, counter="satu") == hand
        return
    seq = bench.state.seq
    got = bench.do(c.CloseCounter, counter="satu")
    assert bench.types(since=seq) == ([] if status == "closed" else ["counter-closed"])
    assert got.counter is not None
    assert (got.counter.status, got.ticket) == ("closed", None)


@pytest.mark.parametrize(("status", "hand"), list(product(STATUSES, HANDS)))
def test_call_next_needs_an_open_counter_ends_the_visit_and_calls(status: str, hand: str) -> None:
    bench = hall(status, hand)
    if status != "open":
        assert forbidden_by(bench, c.CallNext, counter="satu") == status
        return
    seq = bench.state.seq
    started = bench.ticket("ini").started_at
    got = bench.do(c.CallNext, counter="satu")
    assert got.ticket is not None
    assert got.ticket.status == "called"
    if hand == "nothing":
        assert (got.ticket.id, bench.types(since=seq)) == ("ini", ["ticket-called"])
        return
    assert (got.ticket.id, bench.types(since=seq)) == ("besok", ["ticket-served", "ticket-called"])
    served = bench.ticket("ini")
    assert (served.status, served.started_at, served.ended_at) == ("served", started, bench.now)
    assert (started is None) == (hand == "called")


@pytest.mark.parametrize("hand", HANDS)
def test_call_next_with_nobody_waiting_still_ends_the_visit_and_answers_no_ticket(hand: str) -> None:
    bench = hall("open", hand)
    for ticket in ("ini", "besok"):
        if bench.ticket(ticket).status == "waiting":
            bench.do(c.CancelTicket, ticket=ticket)
    seq = bench.state.seq
    got = bench.do(c.CallNext, counter="satu")
    assert got.ticket is None
    assert got.counter is not None
    assert got.counter.id == "satu"
    assert bench.types(since=seq) == ([] if hand == "nothing" else ["ticket-served"])
    assert got.seq == bench.state.seq


@pytest.mark.parametrize(("status", "hand"), list(product(STATUSES, HANDS)))
def test_resume_needs_no_visit_open_here(status: str, hand: str) -> None:
    bench = hall(status, hand)
    if hand != "nothing":
        assert forbidden_by(bench, c.Resume, counter="satu", ticket="taruh") == hand
        return
    seq = bench.state.seq
    got = bench.do(c.Resume, counter="satu", ticket="taruh")
    assert bench.types(since=seq) == ["ticket-resumed"]
    assert got.ticket is not None
    assert (got.ticket.id, got.ticket.status, got.ticket.counter) == ("taruh", "called", "satu")
    assert "taruh" not in bench.state.aside


def ticket_in(status: str) -> Bench:
    """A hall in which ticket "x" has that status and "satu" is open with nothing in hand."""
    bench = Bench()
    bench.open()
    bench.issue("paspor", ticket="x")
    if status not in ("waiting", "cancelled"):
        bench.call("dua")
    then: dict[str, type[c.Command]] = {
        "serving": c.Start,
        "served": c.Finish,
        "no-show": c.NoShow,
        "parked": c.Park,
    }
    if status in then:
        bench.do(then[status], counter="dua")
    if status == "cancelled":
        bench.do(c.CancelTicket, ticket="x")
    assert bench.ticket("x").status == status
    return bench


@pytest.mark.parametrize("status", TICKET_STATUSES)
def test_cancel_needs_a_waiting_or_parked_ticket(status: str) -> None:
    bench = ticket_in(status)
    if status not in ("waiting", "parked"):
        assert forbidden_by(bench, c.CancelTicket, ticket="x") == status
        return
    got = bench.do(c.CancelTicket, ticket="x")
    assert got.ticket is not None
    assert (got.ticket.status, got.ticket.ended_at, got.counter) == ("cancelled", bench.now, None)
    assert not bench.state.queues
    assert not bench.state.aside


def test_cancelling_a_parked_ticket_leaves_the_counter_that_parked_it_alone() -> None:
    bench = ticket_in("parked")
    bench.issue("paspor", ticket="y")
    bench.call("dua")
    bench.do(c.CancelTicket, ticket="x")
    assert bench.state.desk("dua").ticket == "y"


@pytest.mark.parametrize("status", TICKET_STATUSES)
def test_resume_needs_a_parked_or_absent_ticket(status: str) -> None:
    bench = ticket_in(status)
    if status not in ("parked", "no-show"):
        assert forbidden_by(bench, c.Resume, counter="satu", ticket="x") == status
        return
    got = bench.do(c.Resume, counter="satu", ticket="x")
    assert got.ticket is not None
    assert (got.ticket.status, got.ticket.ended_at) == ("called", None)


COUNTER_VERBS: list[tuple[type[c.Command], dict[str, Any]]] = [
    *[(kind, fields) for kind, fields, *_ in IN_HAND.values()],
    (c.OpenCounter, {}),
    (c.PauseCounter, {}),
    (c.CloseCounter, {}),
    (c.CallNext, {}),
    (c.Resume, {"ticket": "taruh"}),
]


@pytest.mark.parametrize(("kind", "fields"), COUNTER_VERBS)
def test_every_verb_at_a_counter_that_does_not_exist_is_refused(kind: type[c.Command], fields: dict[str, Any]) -> None:
    assert refused(hall("open", "called"), kind, counter="sembilan", **fields).code == "unknown-counter"


@pytest.mark.parametrize(
    ("kind", "fields", "code"),
    [
        (c.IssueTicket, {"service": "sihir", "ticket": "t"}, "unknown-service"),
        (c.CancelTicket, {"ticket": "siapa"}, "unknown-ticket"),
        (c.Resume, {"counter": "dua", "ticket": "siapa"}, "unknown-ticket"),
        (c.Transfer, {"counter": "satu", "service": "sihir"}, "unknown-service"),
        (c.Transfer, {"counter": "satu", "service": ""}, "unknown-service"),
        (c.Transfer, {"counter": "satu", "to_counter": "sembilan"}, "unknown-counter"),
        (c.Transfer, {"counter": "satu", "to_counter": ""}, "unknown-counter"),
        (c.MarkSpoken, {"zone": "bulan", "announcement": 1}, "unknown-zone"),
        (c.ExpireAnnouncement, {"zone": "bulan", "announcement": 1}, "unknown-zone"),
    ],
)
def test_what_does_not_exist_is_refused_by_its_kind(kind: type[c.Command], fields: dict[str, Any], code: str) -> None:
    assert refused(hall("open", "called"), kind, **fields).code == code


def test_a_number_may_be_recalled_up_to_the_limit_of_the_site() -> None:
    bench = hall("open", "called")
    for recall in (1, 2):
        got = bench.do(c.Recall, counter="satu").ticket
        assert got is not None
        assert got.recalls == recall
    assert forbidden_by(bench, c.Recall, counter="satu") == "called"


def test_every_command_has_a_verb_and_a_rule() -> None:
    kinds = {kind for kind in vars(c).values() if isinstance(kind, type) and issubclass(kind, c.Command)}
    abstract = {c.Command, c.CounterCommand}
    assert kinds - abstract == set(c.VERBS)
    bench = Bench()
    for kind in (c.Look, c.Tick):
        assert decide(bench.state, bench.make(kind)) == ()
