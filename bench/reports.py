"""How long a report takes on SQLite: a month and a year of a hall with 27 agencies and 300 visitors a day.

One month is lived through the domain; the year is that month, moved and written twelve times.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func, select

from bench.figures import Figure
from server.history import tables as t
from server.history.engine import connect, put, writing
from server.history.figures import DIMENSIONS
from server.history.migrate import migrate
from server.history.period import Period
from server.history.reports import report
from server.web.pages import words
from server.web.study import tell
from tests.support.days import happened, load_site

DAYS, MONTHS, VISITORS = 30, 12, 460  # of the planned visitors some come on a day on which their agency is closed
FIRST = date(2026, 1, 1)
MONTH, YEAR = 1.0, 5.0  # seconds
TRIES = 3
NOW = datetime(2027, 6, 1, tzinfo=UTC)


def measure() -> Iterator[Figure]:
    site = load_site()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder)}/history.sqlite3"
        migrate(url)
        engine = connect(url)
        happened(engine, site, FIRST, DAYS, VISITORS)
        for n in range(1, MONTHS):
            _again(engine, n)
        with engine.connect() as db:
            numbers = db.execute(select(func.count()).select_from(t.tickets)).scalar_one()
        month, year = (Period(FIRST, FIRST + timedelta(days=days - 1)) for days in (DAYS, DAYS * MONTHS))
        print(f"{numbers} numbers in {DAYS * MONTHS} days, {len(site.agencies)} agencies")
        for name, period, limit in (("a month", month, MONTH), ("a year", year, YEAR)):
            for by in DIMENSIONS:
                taken = _fastest(partial(report, engine, site, period, by, now=NOW))
                yield Figure(f"the report of {name}, by {by}", taken, limit, "s", "a head of hall waits for it")
        page = _fastest(lambda: tell(engine, site, month, "agency", NOW, words("id")))
        yield Figure("the page of a month with its charts", page, MONTH, "s", "a head of hall waits for it")
        engine.dispose()


def _fastest(work: Callable[[], Any]) -> float:
    """Seconds; the least of some tries, for the machine has other things to do."""
    taken = []
    for _ in range(TRIES):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return min(taken)


def _again(engine: Engine, n: int) -> None:
    """The first month once more, `n` months of DAYS later."""
    later = timedelta(days=DAYS * n)
    last = FIRST + timedelta(days=DAYS - 1)
    for table in (t.tickets, t.visits):
        with engine.connect() as db:
            rows = [dict(row) for row in db.execute(select(table).where(table.c.day <= last)).mappings()]
        for row in rows:
            row["ticket"] = f"{row['ticket']}-{n}"
            row |= {name: value + later for name, value in row.items() if isinstance(value, date)}
        with writing(engine) as db:
            put(db, table, rows)
