"""A small hall (a service at two counters, a counter of two agencies) and a bench to drive it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import settings
from msgspec.structs import replace

from server.domain import commands as c
from server.domain import events as e
from server.domain.answers import Answer, TicketView
from server.domain.decide import answer, decide, next_due
from server.domain.evolve import evolve, fold
from server.domain.site import Agency, Announcing, Counter, Service, Site, Zone
from server.domain.state import State, Ticket

MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # 09:00 in Makassar
Hours = tuple[tuple[str, str], ...]

HEAD_START = {"elderly": 900.0, "disability": 900.0, "pregnant": 600.0, "infant": 300.0}
OFFICE: Hours = (("08:00", "12:00"), ("13:00", "16:00"))
FRIDAY: Hours = (("08:00", "11:30"), ("13:30", "16:00"))
WEEK = dict.fromkeys(("mon", "tue", "wed", "thu"), OFFICE) | {"fri": FRIDAY}

SITE = Site(
    id="mpp-uji",
    name="MPP Uji",
    timezone="Asia/Makassar",
    day_begins=0,
    number_style="digits",
    head_start=HEAD_START,
    recall_limit=2,
    announcement=Announcing(repeat=False, agency=True, expires=180.0),
    notice="Selamat datang",
    zones=(Zone("utara", "Zona Utara"), Zone("selatan", "Zona Selatan")),
    agencies=(
        Agency("imigrasi", "Kantor Imigrasi", "Imigrasi", "A", "Imigrasi", WEEK),
        Agency("pajak", "Kantor Pajak Pratama", "Pajak", "B", "Pajak", WEEK),
        Agency("samsat", "Samsat Tenggarong", "Samsat", "SM", "Samsat", {"tue": OFFICE}),
    ),
    services=(
        Service("paspor", "imigrasi", "Paspor baru", 10.0, ("jalan",)),
        Service("ganti", "imigrasi", "Ganti paspor", 5.0),
        Service("npwp", "pajak", "NPWP", 6.0),
        Service("spt", "pajak", "SPT tahunan", 12.0),
        Service("stnk", "samsat", "Perpanjangan STNK", 4.0),
    ),
    counters=(
        Counter("satu", "Loket 1", "loket satu", "utara", ("paspor", "ganti")),
        Counter("dua", "Loket 2", "loket dua", "utara", ("paspor",)),
        Counter("tiga", "Loket 3", "loket tiga", "selatan", ("npwp", "spt")),
        Counter("empat", "Loket 4", "loket empat", "selatan", ("stnk", "npwp")),
    ),
    closed_days={"2026-12-25": "Hari Raya Natal"},
    always_open=True,
)


def site_with(site: Site = SITE, **changes: Any) -> Site:
    return replace(site, **changes)


def without_service(service: str, site: Site = SITE) -> Site:
    """The site without a service, at its counters too."""
    return site_with(
        site,
        services=tuple(s for s in site.services if s.id != service),
        counters=tuple(
            replace(counter, services=tuple(s for s in counter.services if s != service)) for counter in site.counters
        ),
    )


def without_counter(counter: str, site: Site = SITE) -> Site:
    return site_with(site, counters=tuple(found for found in site.counters if found.id != counter))


def without_zone(zone: str, moved_to: str, site: Site = SITE) -> Site:
    """The site without a zone; its counters stand in another."""
    return site_with(
        site,
        zones=tuple(found for found in site.zones if found.id != zone),
        counters=tuple(replace(found, zone=moved_to) if found.zone == zone else found for found in site.counters),
    )


def without_agency(agency: str, heir: str, site: Site = SITE) -> Site:
    """The site without an agency; its services belong to another."""
    return site_with(
        site,
        agencies=tuple(found for found in site.agencies if found.id != agency),
        services=tuple(replace(found, agency=heir) if found.agency == agency else found for found in site.services),
    )


def examples(count: int, steps: int = 50) -> settings:
    """How much Hypothesis tries."""
    return settings(max_examples=count, stateful_step_count=steps)


class Bench:
    """A hall with its log: gives commands as a Hall does, sends every event through JSON, keeps every entry."""

    def __init__(self, site: Site = SITE, at: datetime = MONDAY) -> None:
        self.state = State()
        self.log: list[e.Entry] = []
        self.now = at
        self.given = 0
        self.do(c.ConfigureSite, site=site)

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def make(self, kind: type[c.Command], **fields: Any) -> c.Command:
        """A command of now with an id of its own, unless `fields` say otherwise."""
        self.given += 1
        given: dict[str, Any] = {"at": self.now, "by": "u1", "id": f"k{self.given}", "digest": "d"}
        return kind(**(given | fields))

    def do(self, kind: type[c.Command], **fields: Any) -> Answer:
        return self.run(self.make(kind, **fields))

    def run(self, command: c.Command) -> Answer:
        """Give a command, with the `Tick` that is due before it. Raises Rejected."""
        due = next_due(self.state)
        if due and command.at >= due and not isinstance(command, c.Tick):
            self.run(self.make(c.Tick, at=command.at))
        self.apply(decide(self.state, command))
        return answer(self.state, command)

    def apply(self, events: tuple[e.Event, ...]) -> None:
        for event in events:
            entry = e.Entry(self.state.seq + 1, e.decode(e.encode(event)))
            assert entry.event == event, "whoever reads the log sees what the writer sees"
            self.log.append(entry)
            evolve(self.state, entry)

    def issue(self, service: str = "paspor", priority: str | None = None, **fields: Any) -> TicketView:
        view = self.do(c.IssueTicket, service=service, priority=priority, **({"ticket": f"t{self.given}"} | fields))
        assert view.ticket is not None
        return view.ticket

    def open(self, *counters: str) -> None:
        for counter in counters or tuple(self.state.hall.counter):
            self.do(c.OpenCounter, counter=counter)

    def call(self, counter: str) -> TicketView:
        """Call the next ticket, of which there must be one."""
        called = self.do(c.CallNext, counter=counter).ticket
        assert called is not None
        return called

    def ticket(self, ticket: str) -> Ticket:
        return self.state.tickets[ticket]

    def types(self, since: int = 0) -> list[str]:
        """The types of the events after `since`, in order."""
        return [str(type(entry.event).__struct_config__.tag) for entry in self.log if entry.seq > since]

    def last(self) -> e.Event:
        return self.log[-1].event

    def refolded(self) -> State:
        """The state as a process finds it that starts now: folded from the last `day-opened`."""
        start = max(i for i, entry in enumerate(self.log) if isinstance(entry.event, e.DayOpened))
        return fold(self.log[start:])

    def check(self) -> None:
        """The live state is what the whole log says, and what its last day says."""
        assert self.refolded() == self.state
        assert fold(self.log) == self.state
