"""Whether a command costs the same late in a long day as in the morning: decide + evolve, no I/O."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count

from bench.figures import Figure
from server.domain.commands import CallNext, Command, ConfigureSite, IssueTicket, OpenCounter, Tick
from server.domain.decide import decide, next_due
from server.domain.events import Entry
from server.domain.evolve import evolve
from server.domain.site import Agency, Announcing, Counter, Service, Site, Zone
from server.domain.state import State

FEW, MANY, MEASURED, ROUNDS = 100, 10_000, 200, 5
WAITING = 50  # people in the queue at both times
MOST_GROWTH = 2.0


def measure() -> Iterator[Figure]:
    rounds = [{done: _cost(done) for done in (FEW, MANY)} for _ in range(ROUNDS)]
    costs = {done: min(costs[done] for costs in rounds) for done in (FEW, MANY)}
    yield Figure(
        f"a command after {MANY} tickets of the day, to one after {FEW}",
        costs[MANY] / costs[FEW],
        MOST_GROWTH,
        "x",
        "the cost of a command does not grow with the day's tickets",
    )


def _cost(done: int) -> float:
    """Seconds per issue and call once `done` tickets were served and WAITING wait."""
    hall = _Hall()
    for _ in range(WAITING):
        hall.issue()
    for _ in range(done):
        hall.issue()
        hall.call()
    begun = time.perf_counter()
    for _ in range(MEASURED):
        hall.issue()
        hall.call()
    return (time.perf_counter() - begun) / MEASURED


class _Hall:
    def __init__(self) -> None:
        self.state = State()
        self.ids = count(1)
        self.now = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
        self.give(ConfigureSite(at=self.now, by="bench", id="configure", site=SITE))
        self.give(OpenCounter(at=self.now, by="bench", id="open", counter="c"))

    def give(self, command: Command) -> None:
        due = next_due(self.state)
        if due and due <= self.now:
            self._apply(Tick(at=self.now, by="bench", id=f"k{next(self.ids)}"))
        self._apply(command)

    def _apply(self, command: Command) -> None:
        for event in decide(self.state, command):
            evolve(self.state, Entry(self.state.seq + 1, event))

    def issue(self) -> None:
        n = next(self.ids)
        self.now += timedelta(seconds=1)
        self.give(IssueTicket(at=self.now, by="bench", id=f"i{n}", ticket=f"t{n}", service="s", keyed=True))

    def call(self) -> None:
        self.now += timedelta(seconds=1)
        self.give(CallNext(at=self.now, by="bench", id=f"c{next(self.ids)}", counter="c"))


SITE = Site(
    id="bench",
    name="Bench",
    timezone="Asia/Makassar",
    day_begins=0,
    number_style="digits",
    head_start={},
    recall_limit=3,
    announcement=Announcing(repeat=False, agency=True, expires=5.0),
    notice="",
    zones=(Zone("z", "Z"),),
    agencies=(Agency("a", "A", "A", "A", "a", {}),),
    services=(Service("s", "a", "S", 5.0),),
    counters=(Counter("c", "Loket 1", "loket satu", "z", ("s",)),),
    always_open=True,
)
