"""The figures of a report: counts and, of times, a few numbers computed exactly from all of them."""

from collections.abc import Sequence
from statistics import fmean, median

from msgspec import Struct


class Spread(Struct, frozen=True):
    """Seconds; None when nothing was measured.

    median: the middle, or the mean of the two in the middle. p90: the smallest measured value that at least nine of
    ten do not exceed (nearest rank).
    """

    count: int = 0
    mean: float | None = None
    median: float | None = None
    p90: float | None = None
    longest: float | None = None


class Row(Struct, frozen=True):
    """One agency, or all of them together (`agency` None).

    issued: numbers handed out for it. served: visits that ended in order. unfinished: visits that nobody ended.
    cancelled: numbers that became void, those that the end of the day found waiting included. waiting: numbers that
    wait now. wait, way, service: seconds; way and service of the visits that were served, if they were started.
    """

    agency: str | None
    name: str
    issued: int
    served: int
    no_shows: int
    unfinished: int
    cancelled: int
    waiting: int
    wait: Spread
    way: Spread
    service: Spread


def spread(seconds: Sequence[float]) -> Spread:
    if not seconds:
        return Spread()
    ranked = sorted(seconds)
    nine_tenths = (9 * len(ranked) + 9) // 10  # rounded up, in whole numbers
    return Spread(len(ranked), fmean(ranked), median(ranked), ranked[nine_tenths - 1], ranked[-1])
