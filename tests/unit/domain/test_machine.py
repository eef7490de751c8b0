"""Any sequence of commands, beside a naive model: what must hold of every hall, always."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

from server.domain import commands as c
from server.domain import errors, policy, views
from server.domain.answers import Answer
from server.domain.decide import decide, next_due
from server.domain.evolve import fold
from tests.unit.domain import builders
from tests.unit.domain.builders import SITE, Bench, examples, site_with
from tests.unit.domain.model import Model, Refused, compare, numbers_of

SITES = (
    SITE,
    site_with(head_start=dict.fromkeys(builders.HEAD_START, 60.0), recall_limit=0),
    builders.without_service("npwp"),
    builders.without_counter("dua"),
    builders.without_counter("empat", builders.without_service("stnk")),
    builders.without_zone("selatan", moved_to="utara"),
    site_with(agencies=tuple(replace(agency, prefix=agency.prefix + "Q") for agency in SITE.agencies)),
    site_with(counters=tuple(replace(counter, services=tuple(SITE.service)) for counter in SITE.counters)),
    builders.without_agency("imigrasi", heir="samsat"),
    site_with(timezone="Asia/Jayapura", day_begins=4),
)
COUNTERS = ("satu", "dua", "tiga", "empat")
SERVICES = st.sampled_from(tuple(SITE.service))
PICK = st.integers(0, 200)

Press = tuple[int, bool, str, str]
PRESS = st.tuples(PICK, st.sampled_from((False, False, False, False, True)), st.sampled_from(COUNTERS), SERVICES)
DESK: dict[str, type[c.Command]] = {"open": c.OpenCounter, "paused": c.PauseCounter, "closed": c.CloseCounter}
ENDINGS: dict[str, tuple[Any, ...]] = {
    "start": (c.Start, "serving", "called"),
    "finish": (c.Finish, "served", "called", "serving"),
    "no-show": (c.NoShow, "no-show", "called"),
    "park": (c.Park, "parked", "called", "serving"),
}
EITHER = ("call-next", "finish", "park", "return", "transfer-service", "transfer-counter", "transfer-counter")
BUTTONS = {
    "nothing": ("call-next", "call-next", "call-next", "resume"),
    "called": ("start", "start", "recall", "recall", "no-show", *EITHER),
    "serving": EITHER,
    "surprise": ("call-next", "recall", "resume", "return", "transfer-service", "transfer-counter", *ENDINGS),
}


@dataclass
class Given:
    """A command that changed something, and what it was answered."""

    command: c.Command
    answer: Answer


def told(expect: Callable[[Model], str | None], model: Model) -> str | Refused | None:
    try:
        return expect(model)
    except Refused as refused:
        return refused


class Hall(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.bench = Bench()
        self.model = Model(SITE)
        self.given: list[Given] = []
        self.day = self.bench.state.day

    def act(self, kind: type[c.Command], expect: Callable[[Model], str | None], **fields: Any) -> None:
        """Give a command to both; they agree on the refusal, or on the ticket that is answered."""
        bench = self.bench
        self.pass_time()
        command = bench.make(kind, **fields)
        before = bench.state.seq
        ticket = told(expect, self.model)
        if isinstance(ticket, Refused):
            copy = bench.state.copy()
            with pytest.raises(errors.Rejected) as caught:
                bench.run(command)
            assert (caught.value.code, getattr(caught.value, "status", None)) == ticket.args
            assert bench.state == copy
            return
        got = bench.run(command)
        assert (got.ticket.id if got.ticket else None) == ticket
        assert got.seq == bench.state.seq
        if bench.state.seq > before and kind not in (c.MarkSpoken, c.ExpireAnnouncement, c.ConfigureSite):
            self.given.append(Given(command, got))

    def pass_time(self) -> None:
        """The `Tick` that a Hall gives when something is due, or not."""
        bench = self.bench
        bench.do(c.Tick)
        if bench.state.day != self.day:
            self.day = bench.state.day
            self.model.new_day()
        self.model.tick(self.at)
        due = next_due(bench.state)
        assert due is not None
        assert due > self.at, "one Tick does all that is due"

    @property
    def at(self) -> Any:
        """The time that the next event gets."""
        return max(self.bench.now, self.bench.state.at or self.bench.now)

    def pick(self, choice: int, any_ticket: bool) -> str:
        """A ticket that was put aside, or any of today, more often a late one; or one that does not exist."""
        aside, visitors = self.model.aside, self.model.visitors
        if aside and not any_ticket:
            return aside[choice % len(aside)]
        return visitors[-1 - choice % len(visitors)].id if visitors and choice < 180 else "siapa"

    @initialize(seconds=st.integers(0, 86_400), closed=st.sets(st.sampled_from(COUNTERS), max_size=2))
    def some_time_of_the_day(self, seconds: int, closed: set[str]) -> None:
        self.bench.wait(seconds)
        for counter in COUNTERS:
            if counter not in closed:
                self.desk("open", counter)

    @rule(seconds=st.sampled_from((0, 1, 20, 61, 150, 300, 900)))
    def wait(self, seconds: int) -> None:
        self.bench.wait(seconds)

    @precondition(lambda self: self.bench.given % 5 == 0)
    @rule(hours=st.sampled_from((-1, 1, 1, 1, 5, 25, 80)))
    def sleep_or_jump(self, hours: int) -> None:
        self.bench.wait(hours * 3600)

    @rule(
        services=st.lists(SERVICES, min_size=1, max_size=5),
        priority=st.sampled_from((None, None, *builders.HEAD_START)),
        seconds=st.integers(0, 400),
        keyed=st.booleans(),
    )
    def arrive(self, services: list[str], priority: str | None, seconds: int, keyed: bool) -> None:
        """Some visitors, every other one of the priority group."""
        for i, service in enumerate(services):
            self.bench.wait(seconds)
            ticket = f"t{self.bench.given}"
            group = priority if i % 2 else None
            self.act(
                c.IssueTicket,
                lambda m, t=ticket, s=service, g=group: m.issue(t, s, g, self.at),  # type: ignore[misc]  # untypable
                ticket=ticket,
                service=service,
                priority=group,
                keyed=keyed,
            )

    @precondition(lambda self: self.bench.given % 3 == 0)
    @rule(verb=st.sampled_from(("open", "open", "open", "paused", "closed")), counter=st.sampled_from(COUNTERS))
    def desk(self, verb: str, counter: str) -> None:
        self.act(DESK[verb], lambda m: m.desk(verb, counter), counter=counter)

    @precondition(lambda self: self.bench.given % 3 == 1)
    @rule(choice=PICK, any_ticket=st.booleans())
    def cancel(self, choice: int, any_ticket: bool) -> None:
        ticket = self.pick(choice, any_ticket)
        self.act(c.CancelTicket, lambda m: m.cancel(ticket, self.at), ticket=ticket)

    @rule(press=PRESS)
    def work_at_one(self, press: Press) -> None:
        self.work("satu", *press)

    @rule(press=PRESS)
    def work_at_two(self, press: Press) -> None:
        self.work("dua", *press)

    @rule(press=PRESS)
    def work_at_three(self, press: Press) -> None:
        self.work("tiga", *press)

    @rule(press=PRESS)
    def work_at_four(self, press: Press) -> None:
        self.work("empat", *press)

    @rule(press=PRESS, counter=st.sampled_from(COUNTERS))
    def work_anywhere(self, press: Press, counter: str) -> None:
        self.work(counter, *press)

    def work(self, counter: str, choice: int, surprise: bool, to: str, service: str) -> None:
        """A press of a button: one of those that are allowed now and do something, or by surprise any."""
        self.pass_time()
        model, hand = self.model, self.model.hand(counter)
        if not surprise and counter in model.site.counter:
            if model.status.get(counter) != "open":
                self.desk("open", counter)
            elif hand is None and not model.callable_by(counter):
                self.arrive([*model.site.counter[counter].services, service], "elderly", choice, keyed=surprise)
            self.pass_time()
            hand = model.hand(counter)
        buttons = BUTTONS["surprise" if surprise else hand.status if hand else "nothing"]
        verb = buttons[choice % len(buttons)]
        if verb == "resume" and not surprise and not model.aside:
            verb = "call-next"
        at, seq = self.at, self.bench.state.seq + 1
        match verb:
            case "call-next":
                self.call_next(counter, keyed=bool(choice % 2))
            case "recall":
                self.act(c.Recall, lambda m: m.recall(counter, at, seq), counter=counter)
            case "resume":
                ticket = self.pick(choice, any_ticket=choice % 5 == 0)
                self.act(c.Resume, lambda m: m.resume(counter, ticket, at, seq), counter=counter, ticket=ticket)
            case "return":
                self.act(c.Return, lambda m: m.put_back(counter, at), counter=counter)
            case "transfer-service":
                expect = partial(Model.transfer, counter=counter, service=service, to_counter=None, at=at)
                self.act(c.Transfer, expect, counter=counter, service=service)
            case "transfer-counter":
                expect = partial(Model.transfer, counter=counter, service=None, to_counter=to, at=at)
                self.act(c.Transfer, expect, counter=counter, to_counter=to)
            case _:
                kind, becomes, *needs = ENDINGS[verb]
                self.act(kind, lambda m: m.end_in_hand(counter, becomes, at, *needs), counter=counter)

    def call_next(self, counter: str, keyed: bool) -> None:
        waiting = self.model.callable_by(counter) if counter in self.model.site.counter else []
        seq = self.bench.state.seq + 1 + (self.bench.state.desk(counter).ticket is not None)
        self.act(c.CallNext, lambda m: m.call_next(counter, self.at, seq), counter=counter, keyed=keyed)
        called = self.model.hand(counter)
        if called and called in waiting:
            overtaken = [v for v in waiting if v.issued < called.issued - called.hurry]
            assert not overtaken, "nobody is overtaken by more than the head start"

    @precondition(lambda self: self.bench.given % 4 == 3)
    @rule(zones=st.sampled_from(((), ("utara",), ("selatan",))))
    def notice(self, zones: tuple[str, ...]) -> None:
        self.pass_time()
        seq = self.bench.state.seq + 1
        self.act(c.AnnounceNotice, lambda m: m.notice(zones, self.at, seq), notice="n", zones=zones)

    @precondition(lambda self: self.model.sayings)
    @rule(choice=PICK, first=st.booleans())
    def speak(self, choice: int, first: bool) -> None:
        self.pass_time()
        sayings = self.model.sayings
        if not sayings:
            return
        saying = sayings[0 if first else choice % len(sayings)]
        self.act(c.MarkSpoken, lambda m: m.spoken(saying.zone, saying.id), zone=saying.zone, announcement=saying.id)

    @precondition(lambda self: self.model.sayings)
    @rule(choice=PICK)
    def expire(self, choice: int) -> None:
        self.pass_time()
        if not self.model.sayings:
            return
        saying = self.model.sayings[choice % len(self.model.sayings)]
        self.act(
            c.ExpireAnnouncement,
            lambda m: m.expire(saying.zone, saying.id, self.at),
            zone=saying.zone,
            announcement=saying.id,
        )

    @precondition(lambda self: self.bench.given % 5 == 1)
    @rule(which=st.sampled_from((0, 0, 0, *range(len(SITES)))))
    def configure(self, which: int) -> None:
        self.pass_time()
        before = self.bench.state.seq
        same = SITES[which] == self.bench.state.site
        self.act(c.ConfigureSite, lambda m: m.configure(SITES[which], self.at), site=SITES[which])
        assert (self.bench.state.seq == before) == same, "the same configuration is no event"

    @precondition(lambda self: self.given)
    @rule(choice=PICK, digest=st.sampled_from(("d", "d", "e")))
    def repeat(self, choice: int, digest: str) -> None:
        """A known id changes nothing and gets the first answer; with another request it is refused."""
        given = self.given[-1 - choice % len(self.given)]
        age = self.at - given.command.at
        if age > (timedelta(hours=24) if given.command.keyed else timedelta(minutes=10)):
            return
        again = replace(given.command, at=self.bench.now, digest=digest)
        if digest == given.command.digest:
            self.pass_time()
            assert decide(self.bench.state, again) == ()
            assert self.bench.run(again) == given.answer
        else:
            with pytest.raises(errors.KeyReused):
                self.bench.run(again)
            self.pass_time()

    @precondition(lambda self: self.bench.given % 9 == 0)
    @rule()
    def look(self) -> None:
        self.act(c.Look, lambda m: None)

    @invariant()
    def agrees_with_the_model(self) -> None:
        compare(self.model, self.bench.state)

    @invariant()
    def views_never_raise_and_tell_how_many_are_ahead(self) -> None:
        state, model = self.bench.state, self.model
        for visitor in model.visitors:
            if visitor.status == "waiting":
                assert policy.ahead(state, state.tickets[visitor.id]) == model.ahead(visitor)
        if self.bench.given % 3:
            return
        for zone in model.site.zone:
            views.tv(zone)(state)
        for counter in model.site.counter:
            assert views.counter(counter)(state)["waiting_count"] == len(model.callable_by(counter))

    @precondition(lambda self: self.bench.given % 4 == 0)
    @invariant()
    def a_fold_from_the_last_day_opened_is_the_live_state(self) -> None:
        assert self.bench.refolded() == self.bench.state

    def teardown(self) -> None:
        bench = self.bench
        assert fold(bench.log) == bench.state
        for numbers in numbers_of(bench.log).values():
            assert numbers == list(range(1, len(numbers) + 1)), "no number twice, and no gap"
        times = [entry.event.at for entry in bench.log]
        assert times == sorted(times)
        assert [entry.seq for entry in bench.log] == list(range(1, len(bench.log) + 1))


TestHall = Hall.TestCase
TestHall.settings = examples(120, steps=80)
