"""The checks of the campaign see what they are for: each is given one small wrong thing."""

from typing import Any

from server.domain import events as e
from server.domain import views
from server.domain.days import local
from server.domain.events import Cause, Entry
from server.domain.evolve import fold
from tests.faults.invariants import i1_once, i2_numbers, i3_one_place, i5_screens, i6_speech, not_shown
from tests.faults.outside import Outside, plain
from tests.faults.records import Attempt, Heard, Records, Request, Screen, Trouble
from tests.unit.domain.builders import MONDAY, SITE

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


def spoken(*heard: Heard, troubles: tuple[Trouble, ...] = ()) -> list[str]:
    """What is wrong with a log in which two calls were spoken, when this was heard of it."""
    said = [e.AnnouncementSpoken(at=AT, cause=by(f"said {seq}"), zone="utara", announcement=seq) for seq in (4, 5)]
    log = told(
        issued("t", "A-001"), issued("u", "A-002"), called("t", "A-001", "satu"), called("u", "A-002", "dua"), *said
    )
    return list(i6_speech(Records(heard=list(heard), troubles=list(troubles)), log))


def test_what_is_said_at_once_twice_or_never() -> None:
    first, second = Heard("utara", "life", 4, 10.0, 11.0), Heard("utara", "life", 5, 12.0, 13.0)
    assert not spoken(first, second)
    assert "had ended" in spoken(first, Heard("utara", "life", 5, 10.5, 11.5))[0]
    assert "nobody has heard it" in spoken(first)[0]
    again = Heard("utara", "life", 5, 20.0, 21.0)
    assert "said twice" in spoken(first, second, again)[0]
    assert not spoken(first, second, again, troubles=(Trouble("reply cut off", 12.5, 14.0),))


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
