"""What must hold of the entries of a log, whoever wrote them: judged by a small model of its own, not by the rules that
decided them.

Numbers run 1, 2, 3 … per agency prefix and business day; a ticket is in one state and in one counter's hand, a counter
has one ticket in hand; a new day begins with nothing of the old one.
"""

from collections.abc import Iterator

from server.domain import events as e

WAITS, AT_HAND, LASTING = ("waiting",), ("called", "serving"), ("waiting", "called", "serving", "parked")
STEPS: dict[type[e.TicketEvent], tuple[tuple[str, ...], str]] = {  # from which states, and to which one
    e.TicketIssued: ((), "waiting"),
    e.TicketCalled: (WAITS, "called"),
    e.TicketResumed: (("parked", "no-show"), "called"),
    e.TicketRecalled: (("called",), "called"),
    e.TicketStarted: (("called",), "serving"),
    e.TicketServed: (AT_HAND, "served"),
    e.TicketNoShow: (("called",), "no-show"),
    e.TicketParked: (AT_HAND, "parked"),
    e.TicketReturned: (AT_HAND, "waiting"),
    e.TicketTransferred: (AT_HAND, "waiting"),
    e.TicketCancelled: (("waiting", "parked"), "cancelled"),
}
CANCELS = {"day-ended": ("waiting", "called", "parked"), "service-removed": (*LASTING, "no-show")}


class Numbers:
    """The numbers of a business day, from its first entry on."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}  # by prefix

    def take(self, event: e.Event) -> Iterator[str]:
        if isinstance(event, e.DayOpened):
            self._last.clear()
        if isinstance(event, e.TicketIssued):
            prefix, _, digits = event.number.partition("-")
            last = self._last.get(prefix, 0)
            if not digits.isdecimal() or int(digits) != last + 1:
                before = f"after {prefix}-{last:03d}" if last else "as the first of the day"
                yield f"the number {event.number} was given {before}"
            self._last[prefix] = int(digits) if digits.isdecimal() else last


class Hands:
    """The tickets of a business day, each in one state, and in whose hand they are, from its first entry on."""

    def __init__(self) -> None:
        self._status: dict[str, str] = {}
        self._number: dict[str, str] = {}
        self._hand: dict[str, str] = {}  # counter to ticket

    def take(self, event: e.Event) -> Iterator[str]:
        if isinstance(event, e.DayOpened):
            yield from self._day_begins()
        elif isinstance(event, e.TicketEvent):
            yield from self._called_by_its_number(event)
            yield from self._step(event)

    def _day_begins(self) -> Iterator[str]:
        left = [self._name(ticket) for ticket, status in self._status.items() if status in LASTING]
        for known in (self._status, self._number, self._hand):
            known.clear()
        if left:
            yield f"the day begins with {', '.join(left)} of the day before"

    def _called_by_its_number(self, event: e.TicketEvent) -> Iterator[str]:
        if isinstance(event, e.TicketIssued):
            self._number.setdefault(event.ticket, event.number)
        elif isinstance(event, e.TicketCalled | e.TicketRecalled | e.TicketResumed):
            known = self._number.get(event.ticket, event.number)
            if known != event.number:
                yield f"the number {known} is called as {event.number}"

    def _step(self, event: e.TicketEvent) -> Iterator[str]:
        what = f"{type(event).__struct_config__.tag} of {self._name(event.ticket)}"
        before = self._status.get(event.ticket)
        allowed, after = STEPS[type(event)]
        if isinstance(event, e.TicketCancelled):
            allowed = CANCELS.get(event.reason, allowed)
            self._let_go(event.ticket)
        if isinstance(event, e.TicketIssued):
            if before:
                yield f"{what}, which was issued before"
        elif before not in allowed:
            yield f"{what}, which is {before or 'not known'}"
        if isinstance(event, e.TicketCalled | e.TicketResumed):
            held = self._hand.get(event.counter)
            if held:
                yield f"{what} to {event.counter}, which has {self._name(held)} in hand"
            for counter in [one for one, ticket in self._hand.items() if ticket == event.ticket]:
                yield f"{what} to {event.counter}, while it is in hand at {counter}"
            self._let_go(event.ticket)
            self._hand[event.counter] = event.ticket
        elif isinstance(event, e.AtCounter):
            if self._hand.get(event.counter) != event.ticket:
                yield f"{what} at {event.counter}, where it is not in hand"
            if after not in AT_HAND:
                self._let_go(event.ticket)
        self._status[event.ticket] = after

    def _name(self, ticket: str) -> str:
        return self._number.get(ticket, f"ticket {ticket}")

    def _let_go(self, ticket: str) -> None:
        self._hand = {counter: held for counter, held in self._hand.items() if held != ticket}


class Soundness:
    """Takes the entries of one life of a log in order and tells, in words, what cannot be.

    What stands before the first entry it is given is unknown, so it judges from the next business day on, or from the
    first entry of all.
    """

    def __init__(self) -> None:
        self.judged = 0  # entries
        self._seq = -1
        self._day: tuple[Numbers, Hands] | None = None

    def take(self, entry: e.Entry) -> list[str]:
        if entry.seq != self._seq + 1:
            self._day = None
        self._seq = entry.seq
        if self._day is None and (entry.seq == 1 or isinstance(entry.event, e.DayOpened)):
            self._day = Numbers(), Hands()
        if self._day is None:
            return []
        self.judged += 1
        return [f"entry {entry.seq}: {one}" for judge in self._day for one in judge.take(entry.event)]
