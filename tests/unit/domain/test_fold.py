"""State + later events = a fresh fold, checked for every event type; a type that is not covered here fails."""

import typing
from collections.abc import Callable

import pytest

from server.domain import commands as c
from server.domain import events as e
from server.domain.answers import Answer
from server.domain.decide import decide, next_due
from server.domain.evolve import APPLY, OutOfOrder, evolve, fold
from server.domain.state import State
from tests.unit.domain.builders import Bench, site_with, without_counter


def morning(bench: Bench | None = None) -> Bench:
    """Yesterday is over; "satu" has "x" in hand, three others wait or are parked."""
    bench = bench or Bench()
    bench.issue("spt")
    bench.wait(86_400)
    bench.open()
    bench.issue("paspor", ticket="x", keyed=True)
    bench.issue("npwp", "elderly", ticket="y")
    bench.call("satu")
    bench.call("empat")
    bench.do(c.Park, counter="empat")
    bench.issue("ganti", ticket="z")
    bench.issue("stnk", ticket="w")
    bench.wait(10)
    return bench


def announcement(bench: Bench) -> int:
    in_hand = bench.state.announcements["utara"].in_hand
    assert in_hand
    return in_hand.id


def speak(bench: Bench) -> None:
    bench.do(c.MarkSpoken, zone="utara", announcement=announcement(bench))


def expire(bench: Bench) -> None:
    bench.wait(200)
    bench.do(c.ExpireAnnouncement, zone="utara", announcement=announcement(bench))


def close(bench: Bench) -> None:
    bench.do(c.Transfer, counter="satu", to_counter="dua")
    bench.do(c.CloseCounter, counter="dua")


def configure(bench: Bench) -> None:
    bench.do(c.ConfigureSite, site=without_counter("satu", site_with(notice="Baru")))


def next_day(bench: Bench) -> None:
    due = next_due(bench.state)
    while due and "day-opened" not in bench.types(since=bench.log[-1].seq - 1):
        bench.wait((due - bench.now).total_seconds())
        bench.do(c.Tick)
        due = next_due(bench.state)


ACTIONS: dict[type[object], Callable[[Bench], object]] = {
    e.TicketIssued: lambda b: b.issue("paspor", "pregnant"),
    e.TicketCalled: lambda b: b.call("empat"),
    e.TicketRecalled: lambda b: b.do(c.Recall, counter="satu", keyed=True),
    e.TicketStarted: lambda b: b.do(c.Start, counter="satu"),
    e.TicketServed: lambda b: b.do(c.CallNext, counter="satu", keyed=True),
    e.TicketNoShow: lambda b: b.do(c.NoShow, counter="satu"),
    e.TicketParked: lambda b: b.do(c.Park, counter="satu"),
    e.TicketResumed: lambda b: b.do(c.Resume, counter="dua", ticket="y"),
    e.TicketReturned: lambda b: b.do(c.Return, counter="satu"),
    e.TicketTransferred: lambda b: b.do(c.Transfer, counter="satu", to_counter="tiga"),
    e.TicketCancelled: lambda b: b.do(c.CancelTicket, ticket="z", keyed=True),
    e.CounterOpened: lambda b: (b.do(c.PauseCounter, counter="dua"), b.do(c.OpenCounter, counter="dua")),
    e.CounterPaused: lambda b: b.do(c.PauseCounter, counter="satu"),
    e.CounterClosed: close,
    e.NoticeAnnounced: lambda b: b.do(c.AnnounceNotice, notice="n", keyed=True),
    e.AnnouncementSpoken: speak,
    e.AnnouncementExpired: expire,
    e.SiteConfigured: configure,
    e.DayOpened: next_day,
}


def test_every_event_type_is_covered_by_the_equality_check() -> None:
    types = set(typing.get_args(e.Event))
    assert set(ACTIONS) == types
    assert set(APPLY) == types


@pytest.mark.parametrize("event", ACTIONS, ids=lambda event: event.__name__)
def test_the_live_state_is_a_fresh_fold_of_the_log(event: type[object]) -> None:
    """Live = the log's last day folded = the whole log folded = an earlier copy with the later entries."""
    bench = morning()
    bench.check()
    copy, seq = bench.state.copy(), bench.state.seq
    ACTIONS[event](bench)
    assert event in {type(entry.event) for entry in bench.log[seq:]}
    bench.check()
    for entry in bench.log[seq:]:
        evolve(copy, entry)
    assert copy == bench.state


@pytest.mark.parametrize("event", ACTIONS, ids=lambda event: event.__name__)
def test_a_copy_does_not_feel_what_happens_to_the_original(event: type[object]) -> None:
    bench = morning()
    copy = bench.state.copy()
    before = fold(bench.log)
    assert copy == before
    ACTIONS[event](bench)
    assert copy == before
    assert copy != bench.state


def test_a_copy_carries_every_field_and_shares_no_container() -> None:
    bench = morning()
    bench.do(c.AnnounceNotice, notice="n")
    bench.issue("paspor", ticket="v")
    bench.do(c.Transfer, counter="satu", to_counter="tiga")
    state, copy = bench.state, bench.state.copy()
    for field in State.__struct_fields__:
        value, copied = getattr(state, field), getattr(copy, field)
        assert value == copied
        if field not in ("seq", "at", "site", "day"):
            assert value, f"{field} is empty here, so nothing is shown"
            assert value is not copied
    assert copy.calls["utara"].maxlen == state.calls["utara"].maxlen


def test_an_entry_out_of_order_is_not_applied() -> None:
    bench = morning()
    before = bench.state.copy()
    for seq in (bench.state.seq, bench.state.seq + 2, 1):
        with pytest.raises(OutOfOrder):
            evolve(bench.state, e.Entry(seq, bench.last()))
    assert bench.state == before


class Careful(Bench):
    """A bench that decides each command once more than needed, to see that this leaves no trace."""

    def run(self, command: c.Command) -> Answer:
        before = self.state.copy()
        decide(self.state, command)
        assert self.state == before
        return super().run(command)


@pytest.mark.parametrize("event", ACTIONS, ids=lambda event: event.__name__)
def test_decide_changes_nothing(event: type[object]) -> None:
    ACTIONS[event](morning(Careful()))
