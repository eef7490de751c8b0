"""Whole days of a hall, fast: the demo's plan carried out on the domain itself, into entries or into SQL."""

import asyncio
import heapq
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import msgspec
from sqlalchemy import Engine

from config.sites import load_sites
from demo.hall import Hall, Service
from demo.plan import DAY, OPENS, Fate, Shift, Visit, plan_day, unplanned
from server.domain import commands as c
from server.domain.days import wall
from server.domain.decide import decide, next_due
from server.domain.errors import Rejected
from server.domain.events import Entry
from server.domain.evolve import evolve
from server.domain.site import Site
from server.domain.state import State
from server.history.record import catch_up
from server.log.memory import MemoryLog
from tests.processes import CHECKOUT

KUKAR = CHECKOUT / "config" / "sites" / "mpp-kukar.toml"
LOOKS = 20.0  # seconds after which an idle operator looks for visitors again

Waiting = Iterator[float]  # somebody's day: seconds until the next thing that they do


def load_site(file: Path = KUKAR) -> Site:
    return msgspec.convert(load_sites([file])[0], Site)


def happened(engine: Engine, site: Site, first: date, days: int, visitors: int = 300, seed: int = 1) -> None:
    """`days` calendar days of a hall into the history, and the beginning of the next; closed agencies stay closed."""
    life = Life(site, first, Random(seed))
    for n in range(days):
        life.live(first + timedelta(days=n), visitors)
    life.end(first + timedelta(days=days))
    record(engine, site, life.entries)


def record(engine: Engine, site: Site, entries: list[Entry]) -> None:
    async def all_of_it() -> None:
        log = MemoryLog(site.id)
        for n in range(0, len(entries), 1000):
            await log.append(await log.position(), entries[n : n + 1000])
        await catch_up(engine, log)

    asyncio.run(all_of_it())


class Life:
    """A hall with its visitors and operators, in a time of its own."""

    def __init__(self, site: Site, first: date, random: Random) -> None:
        self.state, self.entries = State(), []  # type: State, list[Entry]
        self._site, self._random = site, random
        self._ids = count(1)
        self._plans: dict[str, Visit] = {}
        self._opens = wall(site, first, time(7))
        self._now = self._opens
        self._people: list[tuple[datetime, int, Waiting]] = []
        self._give(c.ConfigureSite, site=site)
        self._hall = Hall(
            site.id,
            site.name,
            {
                a.id: tuple(Service(s.id, a.id, s.minutes) for s in site.services if s.agency == a.id)
                for a in site.agencies
            },
            {a.id: tuple(k.id for k in site.counters if a.id in site.agencies_at[k.id]) for a in site.agencies},
        )

    def live(self, day: date, visitors: int, until: float = 24 * 60) -> None:
        """A day, as far as minute `until` after opening."""
        self._opens = wall(self._site, day, time(OPENS // 60))
        plan = plan_day(self._hall, self._random, visitors)
        busy = self._random.uniform(0.8, 1.15) * {0: 1.15, 4: 0.8, 5: 0.6}.get(day.weekday(), 1.0)
        for visit in plan.visits:
            if self._random.random() < busy:
                self._begin(self._visitor(visit))
        for shift in plan.shifts:
            self._begin(self._operator(shift))
        while self._people and self._people[0][0] < self._opens + timedelta(minutes=until):
            self._now, n, person = heapq.heappop(self._people)
            wait = next(person, None)
            if wait is not None:
                heapq.heappush(self._people, (self._now + timedelta(seconds=wait), n, person))

    def end(self, day: date) -> None:
        """Let the business day `day` begin."""
        self._people.clear()
        self._now = max(self._now, wall(self._site, day, time(7)))
        self._give(c.Tick)

    @property
    def now(self) -> datetime:
        return self._now

    @property
    def _minute(self) -> float:
        return (self._now - self._opens).total_seconds() / 60

    def _begin(self, person: Waiting) -> None:
        heapq.heappush(self._people, (self._opens - timedelta(minutes=10), next(self._ids), person))

    def _until(self, minute: float) -> float:
        return max(0.0, (minute - self._minute) * 60)

    def _visitor(self, visit: Visit) -> Waiting:
        yield self._until(visit.minute)
        ticket = f"t{next(self._ids)}"
        if not self._give(
            c.IssueTicket, ticket=ticket, service=visit.service, priority=visit.priority, channel=visit.channel
        ):
            return
        self._plans[ticket] = visit
        if visit.fate is Fate.CANCELS:
            yield visit.away * 60
            self._give(c.CancelTicket, ticket=ticket)

    def _operator(self, shift: Shift) -> Waiting:
        yield self._until(shift.begins)
        press = partial(self._give, counter=shift.counter)
        press(c.OpenCounter)
        aside: list[tuple[float, str]] = []
        rested = False
        while self._minute < DAY + 60:
            due = next((one for one in aside if one[0] <= self._minute), None)
            if not rested and shift.is_lunch(self._minute):
                rested = True
                press(c.PauseCounter)
                yield self._until(shift.lunch + 40)
                press(c.OpenCounter)
            elif due:
                aside.remove(due)
                if press(c.Resume, ticket=due[1]):
                    yield from self._attend(shift, aside, resumed=True)
            elif press(c.CallNext) and self.state.desk(shift.counter).ticket:
                yield from self._attend(shift, aside)
                yield self._random.uniform(4, 20)
            elif self._minute >= DAY and not aside:
                break
            else:
                yield LOOKS
        press(c.CloseCounter)

    def _attend(self, shift: Shift, aside: list[tuple[float, str]], resumed: bool = False) -> Waiting:
        """What becomes of the ticket in hand."""
        press = partial(self._give, counter=shift.counter)
        ticket = self.state.desk(shift.counter).ticket
        assert ticket
        service = self._hall.service.get(self.state.tickets[ticket].service)
        visit = self._plans.pop(ticket, None) if not resumed else None
        visit = visit or unplanned(service, self._random)
        if visit.fate is Fate.WRONG_PRESS:
            yield 5
            press(c.Return)
        elif visit.fate in (Fate.ABSENT, Fate.LATE):
            yield 60
            press(c.NoShow)
            if visit.fate is Fate.LATE:
                aside.append((self._minute + visit.away, ticket))
        else:
            yield visit.way
            if visit.fate is not Fate.UNSTARTED:
                press(c.Start)
            if visit.fate is Fate.PARKED:
                yield visit.minutes * 24
                press(c.Park)
                aside.append((self._minute + visit.away, ticket))
            elif visit.onward:
                yield visit.minutes * 24
                to = "service" if visit.fate is Fate.ELSEWHERE else "to_counter"
                press(c.Transfer, **{to: visit.onward}) or press(c.Finish)
            else:
                yield visit.minutes * 60
                press(c.Finish)

    def _give(self, kind: type[c.Command], **fields: Any) -> bool:
        """Whether the hall did it."""
        given = [kind(at=self._now, by="test", id=f"c{next(self._ids)}", **fields)]
        due = next_due(self.state)
        if due and due <= self._now and kind is not c.Tick:
            given.insert(0, c.Tick(at=self._now, by="test", id=f"c{next(self._ids)}"))
        try:
            for command in given:
                for event in decide(self.state, command):
                    entry = Entry(self.state.seq + 1, event)
                    evolve(self.state, entry)
                    self.entries.append(entry)
        except Rejected:
            return False
        return True
