"""How long the history takes to catch up with a log it has never read, to draw it once more, and what it weighs."""

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from msgspec import convert

from bench.figures import Figure
from config.settings import CHECKOUT
from config.sites import load_sites
from server.domain import commands as c
from server.domain.decide import decide
from server.domain.events import Entry, encode
from server.domain.evolve import evolve
from server.domain.site import Site
from server.domain.state import State
from server.history.engine import connect
from server.history.migrate import migrate
from server.history.record import catch_up
from server.history.replay import replay
from server.log.memory import MemoryLog

SITE_FILE = CHECKOUT / "config" / "sites" / "mpp-kukar.toml"
VISITORS, DAYS, YEAR = 300, 28, 365
MORNING = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
LONGEST_YEAR = 300.0  # seconds
MOST_BYTES = 2 * 2**30  # a year; a small machine's card holds ten


def measure() -> Iterator[Figure]:
    site = convert(load_sites([SITE_FILE], always_open=True)[0], Site)
    entries = days(site)
    log = MemoryLog(site.id)
    with TemporaryDirectory() as folder:
        file = Path(folder, "history.sqlite3")
        migrate(f"sqlite:///{file}")
        engine = connect(f"sqlite:///{file}")
        asyncio.run(_fill(log, entries))
        recorded = _seconds(lambda: asyncio.run(catch_up(engine, log)))
        drawn = _seconds(lambda: asyncio.run(replay(engine, log.site, log)))
        engine.dispose()
        weight = file.stat().st_size
    share = YEAR / DAYS
    per_day = sum(len(encode(entry.event)) for entry in entries) / DAYS / 1e6
    of = f"{VISITORS} visitors a day, from {DAYS} days"
    yield Figure(f"catching up with a year ({of})", recorded * share, LONGEST_YEAR, "s", "SQL lost: back in minutes")
    yield Figure(f"a replay of a year ({of})", drawn * share, 2 * LONGEST_YEAR, "s", "it may be asked on any day")
    yield Figure(f"SQLite after a year ({of})", weight * share / 1e6, MOST_BYTES / 1e6, "MB", "a small card holds ten")
    yield Figure(f"the stream, a day ({of})", per_day, 3.0, "MB", "four weeks stay in memory")


def _seconds(work: Any) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


async def _fill(log: MemoryLog, entries: list[Entry]) -> None:
    await log.append(await log.position(), entries)


def days(site: Site) -> list[Entry]:
    """Every visitor takes a number, is called, heard, served and finished; all of it asked with keys."""
    state, entries, ids = State(), [], count(1)
    now = MORNING

    def give(command: type[c.Command], **fields: Any) -> None:
        key = command not in (c.Tick, c.MarkSpoken, c.ConfigureSite)
        given = command(at=now, by="account-1", id=f"{next(ids):032x}", digest=f"{now}", keyed=key, **fields)
        for event in decide(state, given):
            evolve(state, entry := Entry(state.seq + 1, event))
            entries.append(entry)

    give(c.ConfigureSite, site=site)
    for day in range(DAYS):
        now = MORNING + timedelta(days=day)
        give(c.Tick)
        for counter in site.counters:
            give(c.OpenCounter, counter=counter.id)
        for visitor in range(VISITORS):
            counter = site.counters[visitor % len(site.counters)]
            now += timedelta(seconds=80)
            give(c.IssueTicket, ticket=f"{next(ids):022x}", service=counter.services[0])
            give(c.CallNext, counter=counter.id)
            if (queue := state.announcements.get(counter.zone)) and queue.in_hand:
                give(c.MarkSpoken, zone=counter.zone, announcement=queue.in_hand.id)
            give(c.Start, counter=counter.id)
            give(c.Finish, counter=counter.id)
    return entries
