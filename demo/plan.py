"""The plan of a day: who comes when for what, what becomes of each visit, and when each counter is staffed.

Pure: the same hall and the same random numbers give the same day. Minutes are counted from the opening at 8 o'clock.
The shares follow FIELD.md: 300 visitors a day, most of them for tax, immigration, Samsat and Disdukcapil.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import accumulate
from random import Random
from typing import TypeVar

from demo.hall import Hall, Service

T = TypeVar("T")

VISITORS = 300
OPENS = 8 * 60  # minutes after midnight
DAY = 8 * 60  # minutes from opening to closing
LAST_ARRIVAL = DAY - 10
LAST_TRANSFER = DAY - 30  # after that nobody is sent to a counter that may have closed
BUSIEST = 0.6  # a small hall gets so few visitors that its counters are in use for this part of the day
SHIFT_BEGINS, LUNCHES, LUNCH = (-3.0, 4.0), (220.0, 262.0, 304.0), 40.0
AT_COUNTER = 1.5  # minutes that a visit takes beside its service

# Share of the day's arrivals in each half hour from 8 o'clock on: the peak lies between 9 and 11.
ARRIVALS = (4, 7, 13, 14, 13.5, 11, 7, 5, 2, 2.5, 5, 5.5, 5, 4, 1.5, 1)
POPULAR = {"disdukcapil": 0.19, "samsat": 0.16, "pajak": 0.125, "imigrasi": 0.105}
OTHERS = 0.42
CHANNELS = {"kiosk": 93, "staff": 5, "online": 2}
PRIORITIES = {None: 92.0, "elderly": 4.0, "disability": 1.0, "pregnant": 1.5, "infant": 1.5}


class Fate(Enum):
    """What becomes of a visit, beside being called and served."""

    ORDINARY = "ordinary"
    UNSTARTED = "served, but the operator does not press start"
    SLOW = "comes after a recall"
    ABSENT = "does not come"
    LATE = "comes after being marked absent"
    PARKED = "is parked for a missing paper and comes back with it"
    GAVE_UP = "is parked for a missing paper, goes home and cancels"
    ELSEWHERE = "is transferred to another service"
    NEXT_DESK = "is transferred to another counter"
    WRONG_PRESS = "is called by a wrong press and returned"
    CANCELS = "cancels by phone while waiting"


FATES = {
    Fate.ORDINARY: 75.5,
    Fate.UNSTARTED: 5.0,
    Fate.SLOW: 4.0,
    Fate.ABSENT: 3.2,
    Fate.LATE: 0.8,
    Fate.PARKED: 3.0,
    Fate.GAVE_UP: 0.5,
    Fate.ELSEWHERE: 2.2,
    Fate.NEXT_DESK: 0.8,
    Fate.WRONG_PRESS: 1.5,
    Fate.CANCELS: 3.5,
}


@dataclass(frozen=True)
class Visit:
    """One visitor.

    way: seconds from the call to the counter. minutes: at the counter. away: minutes until the visitor who is
    late, fetches a paper or cancels does so. recalls: how often an absent one is recalled.
    onward: the service or the counter a transfer leads to.
    """

    minute: float
    agency: str
    service: str
    priority: str | None
    channel: str
    fate: Fate
    way: float
    minutes: float
    away: float
    recalls: int
    onward: str | None = None


@dataclass(frozen=True)
class Shift:
    """An operator's day at a counter, in minutes from opening."""

    counter: str
    begins: float
    lunch: float

    def is_lunch(self, minute: float) -> bool:
        return self.lunch <= minute < self.lunch + LUNCH


@dataclass(frozen=True)
class Day:
    visits: tuple[Visit, ...]
    shifts: tuple[Shift, ...]


def plan_day(hall: Hall, random: Random, visitors: int = VISITORS) -> Day:
    """At most `visitors`: a hall with few counters gets fewer."""
    shifts = tuple(
        Shift(counter, random.uniform(*SHIFT_BEGINS), LUNCHES[i % len(LUNCHES)] + random.uniform(-1, 1))
        for i, counter in enumerate(hall.counters)
    )
    if not hall.services:
        return Day((), shifts)
    demand = shares(hall)
    usual = sum(share * _usual_minutes(hall.services[agency]) for agency, share in demand.items())
    able = len(hall.counters) * DAY / (usual + AT_COUNTER)
    number = min(visitors, round(able * BUSIEST))
    agencies = random.choices(list(demand), list(demand.values()), k=number)
    minutes = sorted(_arrival(random) for _ in range(number))
    return Day(tuple(_visit(hall, random, *one) for one in zip(minutes, agencies, strict=True)), shifts)


def shares(hall: Hall) -> dict[str, float]:
    """The part of the visitors that each agency gets; the later an agency stands in the site file, the fewer."""
    popular = {a: share for a in hall.services for word, share in POPULAR.items() if a.split("-")[0] == word}
    others = [agency for agency in hall.services if agency not in popular]
    weight = {agency: 1 / (rank + 4) for rank, agency in enumerate(others)}
    found = {a: popular.get(a) or OTHERS * weight[a] / sum(weight.values()) for a in hall.services}
    return {agency: share / sum(found.values()) for agency, share in found.items()}


def unplanned(service: Service | None, random: Random) -> Visit:
    """What becomes of somebody whom the plan does not know, or whose visit already took its turn."""
    agency, name, usual = (service.agency, service.id, service.minutes) if service else ("", "", 8.0)
    return Visit(0, agency, name, None, "kiosk", Fate.ORDINARY, _way(random), _length(random, usual), 0.0, recalls=0)


def _visit(hall: Hall, random: Random, minute: float, agency: str) -> Visit:
    services = hall.services[agency]
    service = random.choices(services, list(_common(len(services))))[0]
    fate = _one_of(random, FATES)
    away = {Fate.CANCELS: random.uniform(2, 10), Fate.LATE: random.uniform(3, 8)}
    return Visit(
        minute=minute,
        agency=agency,
        service=service.id,
        priority=_one_of(random, PRIORITIES),
        channel=_one_of(random, CHANNELS),
        fate=fate,
        way=_way(random),
        minutes=_length(random, service.minutes),
        away=away.get(fate) or random.uniform(6, 18),
        recalls=random.choice((1, 1, 2)),
        onward=_onward(hall, random, service, fate),
    )


def _onward(hall: Hall, random: Random, service: Service, fate: Fate) -> str | None:
    if fate is Fate.NEXT_DESK:
        return random.choice(hall.at[service.agency])
    if fate is Fate.ELSEWHERE:
        agency = random.choice((service.agency, random.choice(list(hall.services))))
        others = [other.id for other in hall.services[agency] if other.id != service.id]
        return random.choice(others or [service.id])
    return None


def _arrival(random: Random) -> float:
    half_hour = random.choices(range(len(ARRIVALS)), ARRIVALS)[0]
    return min(30 * (half_hour + random.random()), LAST_ARRIVAL)


def _common(n: int) -> Iterator[float]:
    """How often the services of an agency are asked for: the first of its list most."""
    return (1 / (rank + 1) for rank in range(n))


def _usual_minutes(services: tuple[Service, ...]) -> float:
    weights = list(_common(len(services)))
    return sum(s.minutes * w for s, w in zip(services, weights, strict=True)) / sum(weights)


def _length(random: Random, usual: float) -> float:
    """Lognormal with the usual time as its mean: many short visits, a few very long ones."""
    spread = 0.45
    factor = math.exp(random.gauss(-spread * spread / 2, spread))
    return usual * min(max(factor, 0.3), 3.0)


def _way(random: Random) -> float:
    return random.triangular(10, 40, 18)


def _one_of(random: Random, weights: Mapping[T, float]) -> T:
    return random.choices(list(weights), cum_weights=list(accumulate(weights.values())))[0]
