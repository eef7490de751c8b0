"""A hall driven by commands, for tests: what the commands bring is kept as entries and can be given to a log."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from server.domain import commands as c
from server.domain.decide import decide
from server.domain.events import Entry, decode, encode
from server.domain.evolve import evolve
from server.domain.site import Agency, Announcing, Counter, Service, Site, Zone
from server.domain.state import State
from server.log.base import Log

MORNING = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)  # eight o'clock in Tenggarong


def make_site(site: str = "hall", *, timezone: str = "Asia/Makassar", day_begins: int = 0) -> Site:
    """Two agencies with a service each, three counters: c1 and c2 serve a, c3 serves b."""
    return Site(
        id=site,
        name="MPP Uji",
        timezone=timezone,
        day_begins=day_begins,
        number_style="digits",
        head_start={"elderly": 900.0},
        recall_limit=3,
        announcement=Announcing(repeat=False, agency=True, expires=180.0),
        notice="",
        zones=(Zone("z", "Zona"),),
        agencies=(
            Agency("tax", "Pajak", "Pajak", "A", "Pajak", {}),
            Agency("police", "Polres", "Polres", "B", "Polres", {}),
        ),
        services=(Service("a", "tax", "NPWP", 5.0), Service("b", "police", "SKCK", 9.0)),
        counters=(
            Counter("c1", "Loket 1", "loket satu", "z", ("a",)),
            Counter("c2", "Loket 2", "loket dua", "z", ("a",)),
            Counter("c3", "Loket 3", "loket tiga", "z", ("b",)),
        ),
        always_open=True,
    )


class Driver:
    """Gives commands at a clock that only moves when told to."""

    def __init__(self, site: Site | None = None, at: datetime = MORNING) -> None:
        self.state = State()
        self.entries: list[Entry] = []
        self.now = at
        self._ids = count(1)
        self.do(c.ConfigureSite, site=site or make_site())

    def do(self, command: type[c.Command], **fields: Any) -> list[Entry]:
        """Decide and apply; what it brought. Raises Rejected."""
        given = command(at=self.now, by="test", id=f"command-{next(self._ids)}", **fields)
        brought = []
        for event in decide(self.state, given):
            entry = Entry(self.state.seq + 1, decode(encode(event)))
            evolve(self.state, entry)
            brought.append(entry)
        self.entries += brought
        return brought

    def later(self, **fields: float) -> None:
        self.now += timedelta(**fields)

    def issue(self, service: str = "a", **fields: Any) -> str:
        ticket = f"ticket-{next(self._ids)}"
        self.do(c.IssueTicket, ticket=ticket, service=service, **fields)
        return ticket

    def call(self, counter: str = "c1") -> str | None:
        """Open the counter and call the next; the ticket called."""
        self.do(c.OpenCounter, counter=counter)
        self.do(c.CallNext, counter=counter)
        return self.state.desk(counter).ticket

    def end_day(self) -> None:
        self.later(days=1)
        self.do(c.Tick)


async def fill(log: Log, entries: list[Entry]) -> None:
    await log.append(await log.position(), entries)
