"""The checks of the campaign see what they are for: each is given one small wrong thing."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from threading import Barrier, BrokenBarrierError
from typing import Any, cast

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection

from server.domain import events as e
from server.domain import views
from server.domain.days import local
from server.domain.events import Cause, Entry
from server.domain.evolve import APPLY, fold
from server.domain.state import State
from server.history import record
from server.history import tables as t
from server.history.compare import compare
from server.history.engine import connect, reading
from server.history.record import Cursor, cursor_in, move
from server.log.memory import MemoryLog
from tests.faults.invariants import i1_once, i2_numbers, i3_one_place, i4_order, i5_screens, i8_live, not_shown
from tests.faults.outcomes import Outcome
from tests.faults.outside import Outside, Told, at_once, plain
from tests.faults.records import JSON, Attempt, Heard, Records, Request, Screen, Trouble
from tests.faults.spoken import i6_speech
from tests.unit.domain.builders import MONDAY, SITE
from tests.unit.history.driver import fill
from tests.unit.history.test_catching_up import busy_hall

AT = local(SITE, MONDAY)


def told(*happened: e.Event) -> Outside:
    """A log of these events after the opening of a day, each by a command of its own."""
    opened = e.DayOpened(at=AT, cause=by("day"), day=AT.date(), site=SITE)
    entries = [Entry(seq, event) for seq, event in enumerate((opened, *happened), 1)]
    return Outside("life", entries, [f"{entry.seq}-0" for entry in entries])


def by(command: str) -> Cause:
    return Cause("u1", command, "", "any")


def issued(ticket: str, number: str, command: str = "") -> e.TicketIssued:
    return e.TicketIssued(
        at=AT, cause=by(command or f"issue {ticket}"), ticket=ticket, number=number, service="paspor", agency="imigrasi",
        priority=None, channel="kiosk",
    )  # fmt: skip


def called(ticket: str, number: str, counter: str) -> e.TicketCalled:
    return e.TicketCalled(
        at=AT, cause=by(f"call {ticket} {counter}"), ticket=ticket, number=number, service="paspor", agency="imigrasi",
        counter=counter,
    )  # fmt: skip


def request(seq: int | None, **body: Any) -> Request:
    asked = Request("u1", "k", "issue", "/api/sites/balai/tickets", {}, 1.0)
    if seq:
        asked.attempts.append(Attempt(1.0, 2.0, 201, {"id": "t", "number": "A-001", "seq": seq, **body}))
    return asked


def test_an_acknowledged_command_that_is_not_in_the_log() -> None:
    assert "is not in the log" in next(i1_once(Records([request(2)]), told()))
    assert not list(i1_once(Records([request(None)]), told()))


def test_a_command_that_ran_twice_or_was_answered_in_two_ways() -> None:
    asked = request(2)
    asked.attempts.append(Attempt(3.0, 4.0, 201, {"id": "t", "number": "A-002", "seq": 2}))
    wrong = list(i1_once(Records([asked]), told(issued("t", "A-001", asked.command))))
    assert wrong == [f"{asked} got different answers to one key: in ['number']"]
    twice = told(issued("t", "A-001", "c"), issued("u", "A-002"), issued("v", "A-003", "c"))
    assert "ran more than once" in next(i1_once(Records(), twice))


def test_an_answer_that_nobody_should_get() -> None:
    asked = request(None)
    asked.attempts = [Attempt(1.0, 2.0, 503, {}), Attempt(2.0, 3.0, 500, {"code": "internal"})]
    assert list(i1_once(Records([asked]), told())) == [f"{asked} was answered 500: {{'code': 'internal'}}"]


def at_counter(verb: str, *answers: Attempt) -> Request:
    """What somebody pressed at the counter "satu"."""
    return Request("u1", verb, verb, f"/api/sites/balai/counters/satu/{verb}", {}, answers[0].sent, list(answers))


def line(status: str, seq: int) -> JSON:
    """What is answered there while nothing is in hand."""
    return {
        "counter": {"id": "satu", "label": "Loket 1", "zone": "utara", "status": status},
        "ticket": None,
        "seq": seq,
    }


def refused(sent: float) -> Attempt:
    return Attempt(sent, sent + 1.0, 409, {"code": "not-allowed-now"})


def test_a_repetition_that_is_refused_though_it_had_been_done() -> None:
    finished = at_counter("finish", Attempt(10.0, 11.0, 200, {"seq": 4}), refused(12.0))
    late = at_counter("finish", refused(8.0), Attempt(10.0, 11.0, 200, {"seq": 4}))
    cause = by(finished.command)
    served = e.TicketServed(at=AT, cause=cause, ticket="t", counter="satu", reason="finished")
    log = told(issued("t", "A-001"), called("t", "A-001", "satu"), served)
    assert "200, and 409 when it was repeated" in next(i1_once(Records([finished]), log))
    assert not list(i1_once(Records([late]), log))
    never = [wrong for wrong in i4_order(Records([finished]), log) if "never was so" in wrong]
    assert never == [f"{finished} was answered not-allowed-now between 4 and 4, which never was so"]
    assert not [wrong for wrong in i4_order(Records([late]), log) if "never was so" in wrong]


def test_a_counter_that_was_said_to_be_open_and_was_not() -> None:
    opened = e.CounterOpened(at=AT, cause=by("open"), counter="satu")
    for status, verb in (("open", "open"), ("paused", "pause")):
        asked = at_counter(verb, Attempt(10.0, 11.0, 200, line(status, 2)))
        log = told(opened if verb == "open" else e.CounterPaused(at=AT, cause=by("pause"), counter="satu"))
        assert not list(i4_order(Records([asked]), log))
        assert "never was so" in next(i4_order(Records([asked]), told(issued("t", "A-001"))))
    asked = at_counter("close", Attempt(10.0, 11.0, 200, line("closed", 2)))
    assert "never was so" in next(i4_order(Records([asked]), told(opened)))


def test_an_answer_from_before_what_had_been_answered() -> None:
    before, after = request(3), at_counter("open", Attempt(3.0, 4.0, 200, line("open", 2)))
    opened = e.CounterOpened(at=AT, cause=by("open"), counter="satu")
    log = told(opened, issued("t", "A-001", before.command))
    assert any("between 3 and 3, which never was so" in wrong for wrong in i4_order(Records([before, after]), log))
    assert not [wrong for wrong in i4_order(Records([after]), log) if "never" in wrong]


def test_nobody_waits_though_somebody_does() -> None:
    opened = e.CounterOpened(at=AT, cause=by("open"), counter="satu")
    asked = at_counter("call-next", Attempt(10.0, 11.0, 200, line("open", 3)))
    npwp = replace(issued("u", "B-001"), service="npwp", agency="pajak")
    assert not list(i4_order(Records([asked]), told(npwp, opened)))
    assert "never was so" in next(i4_order(Records([asked]), told(issued("t", "A-001"), opened)))


def test_what_stands_in_another_order_than_it_was_answered_in() -> None:
    first = request(3)
    later = Request("u1", "later", "issue", "/api/sites/balai/tickets", {}, 3.0)
    log = told(issued("u", "A-001", later.command), issued("t", "A-002", first.command))
    assert f"{later} was sent after entry 3 had been answered, and stands before it" in i4_order(
        Records([first, later]), log
    )


def test_another_number_answered_than_the_log_has() -> None:
    asked = request(2)
    assert "was answered {'id': 't', 'number': 'A-001', 'seq': 2}, the log says" in next(
        i4_order(Records([asked]), told(issued("t", "A-001", asked.command)))
    )


def test_a_number_twice_and_a_number_left_out() -> None:
    assert not list(i2_numbers(Records(), told(issued("t", "A-001"), issued("u", "A-002"))))
    assert list(i2_numbers(Records(), told(issued("t", "A-001"), issued("u", "A-001"))))
    assert list(i2_numbers(Records(), told(issued("t", "A-002"))))


def test_a_ticket_at_two_counters_and_a_counter_with_two_tickets() -> None:
    one, other = issued("t", "A-001"), issued("u", "A-002")
    assert not list(
        i3_one_place(Records(), told(one, other, called("t", "A-001", "satu"), called("u", "A-002", "dua")))
    )
    assert list(i3_one_place(Records(), told(one, called("t", "A-001", "satu"), called("t", "A-001", "dua"))))
    assert list(i3_one_place(Records(), told(one, other, called("t", "A-001", "satu"), called("u", "A-002", "satu"))))


def test_a_tv_that_shows_what_never_was() -> None:
    screen = Screen("utara 1", "utara", shown={("life", 2): ("A-009", "satu")})
    assert "which is None" in next(i5_screens(Records(screens=[screen]), told()))


def spoken(*heard: Heard, troubles: tuple[Trouble, ...] = (), asked: tuple[Request, ...] = ()) -> list[str]:
    """What is wrong with a log in which two calls were spoken, in its entries 6 and 7, when this was heard of it."""
    said = [e.AnnouncementSpoken(at=AT, cause=by(f"said {seq}"), zone="utara", announcement=seq) for seq in (4, 5)]
    log = told(
        issued("t", "A-001"), issued("u", "A-002"), called("t", "A-001", "satu"), called("u", "A-002", "dua"), *said
    )
    return list(i6_speech(Records(list(asked), list(heard), troubles=list(troubles)), log))


def test_what_is_said_at_once_twice_or_never() -> None:
    first, second = Heard("utara", "life", 4, 10.0, 11.0), Heard("utara", "life", 5, 12.0, 13.0)
    assert not spoken(first, second)
    assert "had ended" in spoken(first, Heard("utara", "life", 5, 10.5, 11.5))[0]
    assert "nobody has heard it" in spoken(first)[0]
    again = Heard("utara", "life", 5, 20.0, 21.0)
    assert "said twice" in spoken(first, second, again)[0]
    assert not spoken(first, second, again, troubles=(Trouble("reply cut off", 12.5, 14.0),))
    assert spoken(first, second, again, troubles=(Trouble("metrics killed with a job", 12.5, 14.0),))


def test_what_is_said_again_though_somebody_was_answered_what_came_after_it() -> None:
    first, second = Heard("utara", "life", 4, 10.0, 11.0), Heard("utara", "life", 5, 12.0, 13.0)
    asked = request(None)
    asked.attempts = [Attempt(13.0, 13.2, 201, {"seq": 8})]
    for began, wrong in ((16.0, False), (24.0, True)):
        again = Heard("utara", "life", 5, began, began + 1)
        assert bool(spoken(first, second, again, troubles=(Trouble("clients cut", 12.5),), asked=(asked,))) is wrong
        assert not spoken(first, second, again, troubles=(Trouble("clients cut", 12.5),))


def expired(reason: str, after: timedelta, *between: e.Event) -> list[str]:
    """What is wrong when a call expires for this reason, so long after it was made."""
    ended = e.AnnouncementExpired(at=AT + after, cause=by("expire"), zone="utara", announcement=3, reason=reason)
    return list(i6_speech(Records(), told(issued("t", "A-001"), called("t", "A-001", "satu"), *between, ended)))


def test_a_call_that_is_given_up_without_need() -> None:
    moment, long = timedelta(seconds=1), timedelta(seconds=SITE.announcement.expires)
    assert not expired("too-old", long)
    assert expired("too-old", moment) == ["entry 4: 3 expired in utara, too-old, and need not have"]
    assert expired("day-ended", long)
    assert not expired("day-ended", timedelta(days=1))
    assert expired("unspeakable", moment)
    started = e.TicketStarted(at=AT, cause=by("start"), ticket="t", counter="satu")
    assert not expired("no-longer-called", moment, started)
    assert expired("no-longer-called", moment)
    assert expired("too-old", moment, started)


def test_a_notice_that_nobody_says_or_that_is_shown_with_other_words() -> None:
    log = told(e.NoticeAnnounced(at=AT, cause=by("notice"), notice="n", zones=("utara",)))
    assert list(i6_speech(Records(), log)) == ["nobody has spoken or expired [2] in utara"]
    state = fold(log.entries)
    view: Any = plain(views.tv("utara")(state))
    view["notices"] = [
        {"seq": 2, "text": "Tutup.", "language": "id", "at": plain(AT), "ended_at": None, "outcome": None}
    ]
    screen, told_so = Screen("utara 1", "utara", view=view), Records(texts={"n": "Tutup."})
    assert not list(not_shown(screen, state, told_so))
    assert "is 'Tutup.', not 'Buka.'" in next(not_shown(screen, state, Records(texts={"n": "Buka."})))
    view["notices"] = []
    assert "notices is []" in next(not_shown(screen, state, told_so))


def live(*servers: Told) -> list[str]:
    """What is wrong when servers tell this of a log of one ticket."""
    log = told(issued("t", "A-001"))
    log.told = list(servers)
    return list(i8_live(Records(), log))


def test_a_server_that_tells_something_else_than_the_log() -> None:
    log = told(issued("t", "A-001"))
    ticket: Any = plain(views.ticket_view(log.state, "t"))
    events: list[JSON] = [
        {"seq": entry.seq, "type": entry.event.__struct_config__.tag, "at": plain(AT)} for entry in log.entries
    ]
    assert not live(Told("server 1", events, [ticket | {"url": "/t/t"}]), Told("server 2", events))
    assert live(Told("server 1", events), Told("server 2", events, [ticket | {"status": "called"}]))
    assert "tells 0 events" in live(Told("server 1", events), Told("server 2"))[0]
    assert "tells 1 events" in live(Told("server 1", events[1:]))[0]
    assert live(Told("server 1", silent="500")) == ["server 1 does not tell: 500"]


def test_a_day_that_does_not_begin_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    log = told(issued("t", "A-001"), e.DayOpened(at=AT, cause=by("tick"), day=AT.date(), site=SITE))
    assert not list(i8_live(Records(), log))

    def keeps_numbers(state: State, event: e.DayOpened) -> None:
        numbers = state.numbers
        begin(state, event)
        state.numbers = numbers

    begin = APPLY[e.DayOpened]
    monkeypatch.setitem(cast(dict[Any, Any], APPLY), e.DayOpened, keeps_numbers)
    assert list(i8_live(Records(), Outside("life", log.entries))) == [
        "folded from the last day-opened, numbers is different"
    ]


class Together(MemoryLog):
    """The first two who read it read the same at once."""

    def __init__(self) -> None:
        super().__init__("hall")
        self._both = Barrier(2)

    async def read(self, after: int, limit: int = 1000) -> list[Entry]:
        with suppress(BrokenBarrierError):
            self._both.wait(30)
            self._both.abort()
        return await super().read(after, limit)


@pytest.mark.parametrize("planted", [False, True])
def test_a_job_that_is_not_the_same_when_done_twice(
    planted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planted: the cursor moves on by as many entries as were read, from wherever it stands."""

    def moved(db: Connection, site: str, before: Cursor | None, after: Cursor) -> bool:
        stands = cursor_in(db, site)
        beyond = stands.seq - before.seq if stands and before else 0
        return move(db, site, stands, replace(after, seq=after.seq + beyond))

    async def recorded_twice() -> list[str]:
        log, engines = Together(), [connect(f"sqlite:///{tmp_path}/{name}.sqlite3") for name in ("twice", "once")]
        await fill(log, busy_hall().entries)
        for engine in engines:
            t.metadata.create_all(engine)
        with monkeypatch.context() as patches:
            if planted:
                patches.setattr(record, "move", moved)
            await at_once(str(engines[0].url), lambda: log)
        await record.read_on(engines[1], log)
        with reading(engines[0]) as twice, reading(engines[1]) as again:
            return list(map(str, compare(twice, again, "hall")))

    assert bool(asyncio.run(recorded_twice())) is planted


def test_a_hall_that_only_broke_has_not_shown_what_is_wrong_with_it() -> None:
    broke = Outcome("power cut", 1, 0, 60.0, 60.0, 7, "everysec", ["it did not recover"])
    assert (broke.broken, broke.invariants) == (["recovery"], [])
    assert Outcome("power cut", 1, 0, 60.0, 60.0, 7, "everysec", [*broke.wrong, "I1 lost"]).invariants == ["I1"]
