"""I1–I8: what must hold whatever befell the hall. Each a pure function that tells, in words, what is wrong.

Read are what clients noted (`Records`) and what stands there in the end (`Outside`).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from msgspec.structs import asdict

from server.domain import events as e
from server.domain import views
from server.domain.events import Entry
from server.domain.evolve import fold
from server.domain.state import State
from server.keeping.soundness import Hands, Numbers
from tests.faults.answers import answers_that_cannot_be, ran, what_was_answered
from tests.faults.outside import LATEST, Outside, Told, plain
from tests.faults.records import UNKNOWN, Records, Request, Screen
from tests.faults.spoken import i6_speech

Wrong = Iterator[str]
ONCE: dict[type, tuple[str, ...]] = {  # what one command may bring once for each of these
    e.TicketIssued: (),
    e.TicketCalled: (),
    e.TicketResumed: (),
    e.TicketRecalled: (),
    e.TicketTransferred: (),
    e.TicketServed: ("ticket",),
    e.TicketCancelled: ("ticket",),
    e.CounterOpened: ("counter",),
    e.CounterPaused: ("counter",),
    e.CounterClosed: ("counter",),
    e.NoticeAnnounced: (),
    e.AnnouncementSpoken: ("zone", "announcement"),
    e.AnnouncementExpired: ("zone", "announcement"),
}
BRINGS = {
    "issue", "cancel", "recall", "start", "finish", "no-show", "park", "resume", "return", "transfer", "announce"
}  # fmt: skip
MOST_TOLD = 3
LONGEST = 400  # characters told of one thing that is wrong


def i1_once(records: Records, outside: Outside) -> Wrong:
    """Every acknowledged command stands in the log exactly once; one without an answer at most once; a repeat with the
    same key gives the first answer."""
    if outside.ids != [f"{n}-0" for n in range(1, len(outside.ids) + 1)]:
        yield "the log's entries are not 1, 2, 3 …"
    brought: dict[str, list[Entry]] = defaultdict(list)
    for entry in outside.entries:
        brought[entry.event.cause.command].append(entry)
    for command, entries in brought.items():
        if [entry.seq for entry in entries] != list(range(entries[0].seq, entries[0].seq + len(entries))):
            yield f"command {command} ran more than once: entries {[entry.seq for entry in entries]}"
        seen = set()
        for entry in entries:
            names = ONCE.get(type(entry.event))
            if names is None:
                continue
            what = (type(entry.event).__name__, *(getattr(entry.event, name) for name in names))
            if what in seen:
                yield f"command {command} brought {what} twice, again in entry {entry.seq}"
            seen.add(what)
    for request in records.requests:
        done = request.done
        for answer in request.strange:
            yield f"{request} was answered {answer.status}: {answer.body}"
        if request.command in brought:
            yield from _answered_otherwise(request, brought[request.command][0].seq)
        if done and request.verb in BRINGS and request.command not in brought:
            yield f"{request} was answered as done and is not in the log: {done[0].body}"
        called = done[0].body.get("ticket") if done else None
        if request.verb == "call-next" and called and request.command not in brought:
            yield f"{request} was answered with {called['number']} and is not in the log"


def _answered_otherwise(request: Request, since: int) -> Wrong:
    """What was said to a repetition, once the client had been told what came of the entry `since`."""
    told = request.told(since)
    for again in request.attempts[request.attempts.index(told[0]) + 1 :] if told else ():
        if again.status in UNKNOWN:
            continue
        if again.status != told[0].status:
            yield f"{request} was answered {told[0].status}, and {again.status} when it was repeated: {again.body}"
        elif differ := sorted(name for name in again.body if again.body[name] != told[0].body.get(name)):
            yield f"{request} got different answers to one key: in {differ}"


def i2_numbers(records: Records, outside: Outside) -> Wrong:
    """Numbers are unique and without gaps per agency and business day."""
    yield from _judged(Numbers(), outside)
    given: dict[str, str] = {}
    for request in records.requests:
        for answer in request.done if request.verb == "issue" else ():
            ticket, shown = answer.body["id"], f"{answer.body['issued_at'][:10]} {answer.body['number']}"
            given.setdefault(ticket, shown)
            if given[ticket] != shown:
                yield f"ticket {ticket} was told as {given[ticket]} and as {shown}"


def i3_one_place(records: Records, outside: Outside) -> Wrong:
    """No ticket is called by two counters; no counter has two tickets; every ticket has exactly one state."""
    yield from _judged(Hands(), outside)


def _judged(judge: Numbers | Hands, outside: Outside) -> Wrong:
    for entry in outside.entries:
        yield from (f"entry {entry.seq}: {wrong}" for wrong in judge.take(entry.event))


def i4_order(records: Records, outside: Outside) -> Wrong:
    """If A was answered before B was sent, seq(A) < seq(B); replaying the log reproduces every answer given."""
    first = outside.first
    answered = sorted((found[0].answered, seq) for r, seq in ran(records, outside) if (found := r.told(seq)))[::-1]
    seen = 0
    for request in sorted(records.requests, key=lambda request: request.sent):
        while answered and answered[-1][0] < request.sent:
            seen = max(seen, answered.pop()[1])
        if first.get(request.command, seen + 1) <= seen:
            yield f"{request} was sent after entry {seen} had been answered, and stands before it"
    yield from what_was_answered(records, outside)
    yield from answers_that_cannot_be(records, outside)


def i5_screens(records: Records, outside: Outside) -> Wrong:
    """Every TV that stayed or came back holds exactly the view folded from the log, its recent calls without a hole;
    none ever showed a call that is not in the log."""
    state = outside.state
    called = {
        entry.seq: (entry.event.number, entry.event.counter)
        for entry in outside.entries
        if isinstance(entry.event, e.TicketCalled | e.TicketRecalled | e.TicketResumed)
    }
    for screen in records.screens:
        for (epoch, seq), call in screen.shown.items():
            if epoch == outside.epoch and called.get(seq) != call:
                yield f"TV {screen.name} showed {call} as entry {seq}, which is {called.get(seq)}"
            if epoch != outside.epoch:
                yield f"TV {screen.name} showed {call} in the life {epoch} of the log, which is over"
                break
        yield from not_shown(screen, state, records)


def not_shown(screen: Screen, state: State, records: Records) -> Wrong:
    """What is not on the TV as it stands in the hall."""
    wanted = plain(views.tv(screen.zone)(state))
    assert isinstance(wanted, dict)
    texts = {notice["seq"]: records.texts.get(notice.pop("notice")) for notice in wanted["notices"]}
    shown = {**screen.view, "notices": [dict(notice) for notice in screen.view.get("notices", ())]}
    for notice in shown["notices"]:
        del notice["language"]
        text = notice.pop("text")
        if texts.get(notice["seq"]) not in (None, text):
            yield f"TV {screen.name}: notice {notice['seq']} is {text!r}, not {texts[notice['seq']]!r}"
    for name, value in wanted.items():
        if shown.get(name) != value:
            yield f"TV {screen.name} (at {screen.seq} of {state.seq}): {name} is {shown.get(name)}, not {value}"


def i7_history(records: Records, outside: Outside) -> Wrong:
    """`visits` and `events` in SQL equal a fresh fold of the log; running every job twice changes nothing."""
    for wrong in outside.history:
        yield f"history: {wrong}"


def i8_live(records: Records, outside: Outside) -> Wrong:
    """The state folded from the last `day-opened` = the state folded from the beginning = the live state."""
    entries = outside.entries
    last = max(n for n, entry in enumerate(entries) if isinstance(entry.event, e.DayOpened))
    whole, short = outside.state, fold(entries[last:])
    for name, value in asdict(whole).items():
        if getattr(short, name) != value:
            yield f"folded from the last day-opened, {name} is different"
    for told in outside.told:
        yield from _told_otherwise(told, entries, whole)


def _told_otherwise(told: Told, entries: list[Entry], state: State) -> Wrong:
    """What one server tells, and the log does not."""
    if told.silent:
        yield f"{told.server} does not tell: {told.silent}"
        return
    for ticket in told.tickets:
        wanted = plain(views.ticket_view(state, str(ticket["id"]))) if ticket["id"] in state.tickets else None
        if {name: value for name, value in ticket.items() if name != "url"} != wanted:
            yield f"{told.server} says {ticket}, the log {wanted}"
    events = [(event["seq"], event["type"], event["at"]) for event in told.events]
    wanted_events = [(one.seq, one.event.__struct_config__.tag, plain(one.event.at)) for one in entries[-LATEST:]]
    if events != wanted_events:
        yield f"{told.server} tells {len(events)} events, {events[:1]} to {events[-1:]}, the log {wanted_events[-1]}"


INVARIANTS: dict[str, Callable[[Records, Outside], Wrong]] = {
    "I1": i1_once,
    "I2": i2_numbers,
    "I3": i3_one_place,
    "I4": i4_order,
    "I5": i5_screens,
    "I6": i6_speech,
    "I7": i7_history,
    "I8": i8_live,
}


LOG_ALONE = ("I1", "I2", "I3")  # those that need no hall that works


def broken(records: Records, outside: Outside, checked: Iterable[str] = INVARIANTS) -> list[str]:
    """What is wrong, in words, at most MOST_TOLD of each invariant; nothing when all hold."""
    found = []
    for name in checked:
        wrong = list(INVARIANTS[name](records, outside))
        found += [f"{name} {one}"[:LONGEST] for one in wrong[:MOST_TOLD]]
        if len(wrong) > MOST_TOLD:
            found.append(f"{name} … and {len(wrong) - MOST_TOLD} more")
    return found
