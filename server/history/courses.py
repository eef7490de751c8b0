"""How a day, or a month of days, went: what the charts of a report show. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from server.domain.days import wall
from server.domain.site import Site
from server.history.facts import Facts

STEP = 600  # seconds
STEPS = 24 * 3600 // STEP
WIDTHS = (60, 120, 180, 300, 600, 900, 1800, 3600)  # of a bar of the distribution, in seconds
MOST_BARS = 30


class Moment(NamedTuple):
    """Ten minutes of the day. start: seconds from the beginning of the business day.

    mean: people who waited, averaged over the ten minutes and over the days on which anybody came.
    most: the most who waited at any moment of them, on any of these days.
    """

    start: int
    mean: float
    most: int


class Bar(NamedTuple):
    """Waits of at least `start` and less than `end` seconds; end None: of any length from there."""

    start: int
    end: int | None
    people: int


class Day(NamedTuple):
    day: date
    issued: int
    no_shows: int


def waiting(facts: Facts, site: Site) -> list[Moment]:
    """From the first to the last ten minutes in which somebody waited; empty when nobody did."""
    by_day = defaultdict(list)
    for day, since, until in _waits(facts):
        by_day[day].append((since, min(until, facts.now)))
    seconds, most = [0.0] * STEPS, [0] * STEPS
    for day, waits in by_day.items():
        begins = wall(site, day, time(site.day_begins))
        _sweep([((a - begins).total_seconds(), (b - begins).total_seconds()) for a, b in waits], seconds, most)
    used = [step for step in range(STEPS) if most[step]]
    if not used:
        return []
    days = len({number.day for number in facts.numbers} | {call.day for call in facts.calls})
    return [Moment(n * STEP, seconds[n] / STEP / days, most[n]) for n in range(used[0], used[-1] + 1)]


def distribution(waits: Sequence[float]) -> list[Bar]:
    """Bars of one width; the last holds all that is longer."""
    if not waits:
        return []
    longest = sorted(waits)[(98 * len(waits) - 1) // 100]  # a few very long waits would press all others together
    width = next((width for width in WIDTHS if longest < width * MOST_BARS), WIDTHS[-1])
    found = Counter(min(int(wait // width), MOST_BARS) for wait in waits)
    bars = [Bar(n * width, (n + 1) * width, found[n]) for n in range(min(MOST_BARS, int(longest // width) + 1))]
    beyond = len(waits) - sum(bar.people for bar in bars)
    return [*bars, Bar(len(bars) * width, None, beyond)] if beyond else bars


def visits_by_hour(facts: Facts, site: Site) -> dict[tuple[int, int], float]:
    """(weekday of the business day, 0 is Monday; hour of issue) to numbers issued, per such weekday with any."""
    zone = ZoneInfo(site.timezone)
    found = Counter((number.day.weekday(), number.issued_at.astimezone(zone).hour) for number in facts.numbers)
    days = Counter(day.weekday() for day in {number.day for number in facts.numbers})
    return {key: count / days[key[0]] for key, count in found.items()}


def days(facts: Facts) -> list[Day]:
    """The days on which numbers were issued, in order."""
    issued = Counter(number.day for number in facts.numbers)
    missed = Counter(number.day for number in facts.numbers if number.end == "no-show")
    return [Day(day, issued[day], missed[day]) for day in sorted(issued)]


def _waits(facts: Facts) -> Iterator[tuple[date, datetime, datetime]]:
    """From when to when somebody waited in a queue, by business day.

    Nobody knows when those went home whom the end of the day found waiting: they count until its last call.
    """
    last_call: dict[date, datetime] = {}
    for call in facts.calls:
        last_call[call.day] = max(call.called_at, last_call.get(call.day, call.called_at))
        if call.wait is not None:
            yield call.day, call.joined_at, call.called_at
    for number in facts.numbers:
        if number.waits:
            yield number.day, number.joined_at, facts.now
        elif number.left is not None:
            until = last_call.get(number.day, number.joined_at) if number.end == "unfinished" else number.left
            yield number.day, number.joined_at, until


def _sweep(waits: Iterable[tuple[float, float]], seconds: list[float], most: list[int]) -> None:
    """Add one day's waits (seconds from its beginning) to the person-seconds and the highest count of each step."""
    changes = sorted(change for since, until in waits if until > since for change in ((since, 1), (until, -1)))
    here, before = 0, 0.0
    for moment, change in changes:
        while here and before < moment:
            step = int(before // STEP)
            edge = min(moment, (step + 1) * STEP)
            if 0 <= step < STEPS:
                seconds[step] += here * (edge - before)
                most[step] = max(most[step], here)
            before = edge
        here, before = here + change, moment
