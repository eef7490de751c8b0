"""I6: what the loudspeakers said, by their own notes and by the log."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import pairwise
from math import inf

from server.domain import events as e
from server.domain.announcements import must_expire
from server.domain.days import day_end
from server.domain.evolve import evolve
from server.domain.state import State
from tests.faults.outside import Outside
from tests.faults.records import Heard, Records

Wrong = Iterator[str]
MAY_LAG = 0.1  # seconds by which two clients' notes of one moment may differ here
KNOWN_AFTER = 10.0  # seconds from when the log has it that something was said until nobody begins it any more: a server
# may stand still for its lease of 6 s between asking the log's end and giving the word, which is begun within 1.3 s
ELSEWHERE = ("dispatcher", "horse", "metrics", "slow TV", "voice")  # faults far from speakers, servers and the log


def i6_speech(records: Records, outside: Outside) -> Wrong:
    """Every call and notice of a zone is spoken exactly once, in order, one at a time, or expired because it had to be;
    one is repeated only if its acknowledgement could not reach the log."""
    zone_of = {counter.id: counter.zone for counter in outside.state.hall.counters}
    waits: dict[str, list[int]] = defaultdict(list)
    for entry in outside.entries:
        event = entry.event
        if isinstance(event, e.TicketCalled | e.TicketRecalled | e.TicketResumed):
            waits[zone_of[event.counter]].append(entry.seq)
        elif isinstance(event, e.NoticeAnnounced):
            for zone in event.zones:
                waits[zone].append(entry.seq)
        elif isinstance(event, e.AnnouncementSpoken | e.AnnouncementExpired):
            if event.announcement not in waits[event.zone]:
                yield f"entry {entry.seq} ends announcement {event.announcement}, which is not waiting in {event.zone}"
            elif isinstance(event, e.AnnouncementSpoken) and event.announcement != waits[event.zone][0]:
                yield f"entry {entry.seq}: {event.announcement} was spoken before {waits[event.zone][0]}"
            waits[event.zone] = [one for one in waits[event.zone] if one != event.announcement]
    for zone, left in waits.items():
        if left:
            yield f"nobody has spoken or expired {left} in {zone}"
    yield from _expired_in_vain(outside)
    known = _known_as_spoken(records, outside)
    for zone in waits:
        heard = sorted((one for one in records.heard if one.zone == zone), key=lambda one: one.began)
        yield from _one_at_a_time(heard)
        yield from _not_twice(heard, records, known if all(one.epoch == outside.epoch for one in heard) else {})
    whole = {(one.zone, one.announcement) for one in records.heard if one.ended is not None}
    for zone, announcement in sorted(known.keys() - whole):
        yield f"the log says that {announcement} was spoken in {zone}, and nobody has heard it to its end"


def _expired_in_vain(outside: Outside) -> Wrong:
    """The halls of the campaign keep their site, and their voice can say everything: nothing expires for these reasons."""
    state = State()
    for entry in outside.entries:
        event = entry.event
        if isinstance(event, e.AnnouncementExpired) and not _had_to_expire(state, event):
            yield f"entry {entry.seq}: {event.announcement} expired in {event.zone}, {event.reason}, and need not have"
        evolve(state, entry)


def _had_to_expire(state: State, event: e.AnnouncementExpired) -> bool:
    waiting = state.announcements[event.zone].waiting if event.zone in state.announcements else {}
    announcement = waiting.get(event.announcement)
    if announcement is None or state.day is None:
        return True  # what does not wait is told of elsewhere
    if event.reason == "day-ended":
        return event.at >= day_end(state.hall, state.day)
    reason = "no-longer-called" if announcement.dropped_at else "too-old"
    return event.reason == reason and must_expire(state.hall, announcement, event.at)


def _known_as_spoken(records: Records, outside: Outside) -> dict[tuple[str, int], float]:
    """By zone and announcement: when the log certainly had it that it was spoken, for a client had been answered what
    stands there behind it."""
    answered = sorted((one.body["seq"], one.answered) for request in records.requests for one in request.done)
    known, earliest = {}, inf
    for entry in reversed(outside.entries):
        while answered and answered[-1][0] >= entry.seq:
            earliest = min(earliest, answered.pop()[1])
        if isinstance(entry.event, e.AnnouncementSpoken):
            known[entry.event.zone, entry.event.announcement] = earliest
    return known


def _one_at_a_time(heard: list[Heard]) -> Wrong:
    for before, after in pairwise(heard):
        if before.ended and after.began < before.ended - MAY_LAG:
            late = before.ended - after.began
            yield f"{after.announcement} began {late:.2f} s before {before.announcement} had ended, in {after.zone}"
        if before.epoch == after.epoch and after.announcement < before.announcement:
            yield f"{after.announcement} was said after {before.announcement}, in {after.zone}"


def _not_twice(heard: list[Heard], records: Records, known: Mapping[tuple[str, int], float]) -> Wrong:
    """known: since when the log certainly has it that something was spoken."""
    whole: dict[tuple[str, int], Heard] = {}
    for one in heard:
        before = whole.get((one.epoch, one.announcement))
        if before and before.ended:
            late = one.began > known.get((one.zone, one.announcement), inf) + KNOWN_AFTER
            if late or not _in_trouble(before.ended, records):
                yield f"{one.announcement} was said twice in {one.zone}, though nothing kept its acknowledgement"
        if one.ended:
            whole[one.epoch, one.announcement] = one


def _in_trouble(moment: float, records: Records) -> bool:
    """Whether a fault may have kept from the log what was told then."""
    near = (one for one in records.troubles if one.struck - 4.0 <= moment <= one.recovered + 4.0)
    return any(not one.name.startswith(ELSEWHERE) for one in near)
