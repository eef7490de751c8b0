"""Entries to fill a log with; what they say does not matter."""

from server.domain.days import local
from server.domain.events import Cause, CounterOpened, DayOpened, Entry
from tests.unit.domain.builders import MONDAY, SITE

AT = local(SITE, MONDAY)


def opened(after: int, count: int = 1, by: str = "u1") -> list[Entry]:
    """The next `count` entries after the seq `after`; `by` tells them apart."""
    return [
        Entry(seq, CounterOpened(at=AT, cause=Cause(by, f"k{seq}", "d", "open"), counter="satu"))
        for seq in range(after + 1, after + 1 + count)
    ]


def day(after: int) -> list[Entry]:
    cause = Cause("system", "~", "", "tick")
    return [Entry(after + 1, DayOpened(at=AT, cause=cause, day=AT.date(), site=SITE))]
