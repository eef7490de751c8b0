"""The figures of a report: counts and, of times, a few numbers computed exactly from all of them."""

from collections.abc import Sequence
from datetime import date, datetime
from statistics import fmean, median

from msgspec import Struct

DIMENSIONS = ("agency", "service", "counter", "hour", "priority")


class Spread(Struct, frozen=True):
    """Seconds; None when nothing was measured.

    p50: the middle, or the mean of the two in the middle. p90: the smallest measured value that at least nine of ten
    do not exceed (nearest rank).
    """

    count: int = 0
    mean: float | None = None
    p50: float | None = None
    p90: float | None = None
    max: float | None = None


class Row(Struct, frozen=True):
    """One agency, service, counter, hour of issue or priority group; or all numbers together (`id` "all").

    issued: numbers handed out. Each of them is in one of the next five, by what has become of it:
    served: its visit ended in order. no_shows: its visitor did not come, nor later. cancelled: it became void before
    the end of the day. unfinished: the end of the day found it waiting, put aside or at a counter. open: it waits, is
    put aside or at a counter now.
    wait: of every call but those made by mistake and those from aside. way, service: of the visits that were served,
    if they were started.

    A number counts as issued where it was taken, and as the rest where it was in the end. What has no counter (to be
    issued, to wait, to be cancelled) is None for a counter.
    """

    id: str
    name: str
    issued: int | None
    served: int
    no_shows: int
    cancelled: int | None
    unfinished: int
    open: int | None
    wait: Spread
    way: Spread
    service: Spread


class Report(Struct, frozen=True):
    """The figures of one site on the business days from `first` to `last`, by one of DIMENSIONS.

    timezone: of the hall; hours and days are its own. made_at: nothing later than this was counted.
    """

    site: str
    name: str
    timezone: str
    first: date
    last: date
    by: str
    made_at: datetime
    rows: list[Row]
    total: Row


def spread(seconds: Sequence[float]) -> Spread:
    if not seconds:
        return Spread()
    ranked = sorted(seconds)
    nine_tenths = (9 * len(ranked) + 9) // 10  # rounded up, in whole numbers
    return Spread(
        len(ranked),
        *(round(value, 3) for value in (fmean(ranked), median(ranked), ranked[nine_tenths - 1], ranked[-1])),
    )
