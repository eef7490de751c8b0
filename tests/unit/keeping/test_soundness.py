"""The judge of a log: silent about whatever the rules bring, and it names what no rule would."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from msgspec.structs import replace

from server.domain import commands as c
from server.domain import events as e
from server.keeping.soundness import STEPS, Soundness
from tests.unit.history.driver import Driver, make_site
from tests.unit.history.stories import happenings


def judged(entries: Sequence[e.Entry]) -> list[str]:
    sound = Soundness()
    return [one for entry in entries for one in sound.take(entry)]


def busy() -> Driver:
    hall = Driver()
    for _ in range(3):
        hall.issue()
    hall.call("c1")
    hall.call("c2")
    hall.do(c.Finish, counter="c1")
    return hall


def changed(kind: type[e.Event], nth: int, **fields: Any) -> list[str]:
    """What is said of the busy hall when its n-th event of a kind tells something else."""
    entries = busy().entries
    place = [n for n, entry in enumerate(entries) if isinstance(entry.event, kind)][nth]
    entries[place] = replace(entries[place], event=replace(entries[place].event, **fields))
    return judged(entries)


def without(kind: type[e.Event]) -> list[str]:
    """The same when the first event of a kind never happened, and the later ones have moved up."""
    entries = busy().entries
    gone = next(n for n, entry in enumerate(entries) if isinstance(entry.event, kind))
    kept = entries[:gone] + entries[gone + 1 :]
    return judged([replace(entry, seq=n) for n, entry in enumerate(kept, 1)])


@given(happenings())
def test_whatever_the_rules_bring_is_sound_from_any_entry_on(hall: Driver) -> None:
    assert judged(hall.entries) == []
    assert judged(hall.entries[len(hall.entries) // 2 :]) == []


def test_a_service_that_is_removed_ends_its_tickets() -> None:
    hall = busy()
    site = make_site()
    hall.do(c.ConfigureSite, site=replace(site, services=site.services[1:], counters=site.counters[2:]))
    hall.end_day()
    assert any(getattr(one.event, "reason", "") == "service-removed" for one in hall.entries)
    assert judged(hall.entries) == []


def test_every_event_of_a_ticket_is_judged() -> None:
    assert set(STEPS) == set(e.AtCounter.__subclasses__()) | {e.TicketIssued, e.TicketCancelled}


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        (changed(e.TicketIssued, 1, number="A-001"), "the number A-001 was given after A-001"),
        (changed(e.TicketIssued, 1, number="A-003"), "the number A-003 was given after A-001"),
        (changed(e.TicketIssued, 0, number="A-002"), "the number A-002 was given as the first of the day"),
        (without(e.TicketIssued), "which is not known"),
        (changed(e.TicketCalled, 1, counter="c1"), "c1, which has A-001 in hand"),
        (changed(e.TicketCalled, 1, number="A-003"), "the number A-002 is called as A-003"),
        (changed(e.TicketServed, 0, counter="c2"), "at c2, where it is not in hand"),
        (without(e.TicketCalled), "ticket-served of A-001, which is waiting"),
    ],
)
def test_what_no_rule_would_bring_is_named(said: list[str], wrong: str) -> None:
    assert wrong in "\n".join(said)


def test_one_ticket_at_two_counters_is_named() -> None:
    entries = busy().entries
    calls = [(entry, entry.event) for entry in entries if isinstance(entry.event, e.TicketCalled)]
    (_, first), (second, other) = calls[:2]
    again = replace(second, event=replace(other, ticket=first.ticket, number=first.number))
    said = judged([again if entry is second else entry for entry in entries])
    assert any("A-001 to c2, while it is in hand at c1" in one for one in said)


def test_a_day_that_begins_with_tickets_of_the_one_before_is_named() -> None:
    hall = busy()
    hall.end_day()
    kept = [entry for entry in hall.entries if getattr(entry.event, "reason", "") != "day-ended"]
    said = judged([replace(entry, seq=n) for n, entry in enumerate(kept, 1)])
    assert any("the day begins with A-002, A-003 of the day before" in one for one in said)


def test_a_ticket_that_was_never_issued_is_named_when_a_day_begins_with_it() -> None:
    hall = busy()
    hall.end_day()
    call = next(entry for entry in hall.entries if isinstance(entry.event, e.TicketCalled))
    kept = [entry for entry in hall.entries if entry is call or not isinstance(entry.event, e.TicketEvent)]
    said = judged([replace(entry, seq=n) for n, entry in enumerate(kept, 1)])
    assert any("the day begins with ticket " in one for one in said)
