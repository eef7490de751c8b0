"""How long a backup takes, its proof and its restore, and what they weigh: memory must not grow with the years."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec import convert

from bench.figures import Figure
from bench.history import DAYS, SITE_FILE, VISITORS, YEAR, days
from config.sites import load_sites
from server.domain.events import Entry
from server.domain.site import Site
from server.history.accounts import create_account
from server.history.engine import connect
from server.history.migrate import migrate
from server.history.record import catch_up
from server.log.redis_log import RedisLog
from tests.processes import ANTREAN_UP
from tests.support.own_valkey import OwnValkey

LONGEST_BACKUP, LONGEST_RESTORE = 120.0, 300.0  # seconds for a year
MOST_MEMORY = 300.0  # MB: the logs' last weeks and the program itself
AT_ONCE = 500
# A process begins with the memory of the one that started it as its most, so a small one has to.
MEASURED = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def measure() -> Iterator[Figure]:
    site = convert(load_sites([SITE_FILE], always_open=True)[0], Site)
    entries = days(site)
    with TemporaryDirectory(prefix="antrean-") as name, OwnValkey(Path(name)) as valkey:
        folder = Path(name)
        asyncio.run(_fill(f"sqlite:///{folder}/history.sqlite3", RedisLog(site.id, valkey.url), entries))
        env = {**os.environ, "ANTREAN_DATA": name, "ANTREAN_REDIS_URL": valkey.url}
        file = folder / "hall.backup"
        start, _ = _ran(env, "verify", "--help")
        kept, most_to_keep = _ran(env, "backup", str(file))
        proved, most_to_prove = _ran(env, "verify", str(file))
        with valkey.client() as client:
            client.flushall()
        restored, most_to_restore = _ran({**env, "ANTREAN_DATA": str(folder / "other")}, "restore", str(file))
        weight = file.stat().st_size / 1e6
    of = f"{VISITORS} visitors a day, from {DAYS} days"
    share = YEAR / DAYS
    yield Figure(
        f"a backup of a year ({of})", (kept - start) * share, LONGEST_BACKUP, "s", "the hall goes on meanwhile"
    )
    yield Figure(f"the proof of such a backup ({of})", (proved - start) * share, LONGEST_RESTORE, "s", "each night")
    yield Figure(
        f"its restore ({of})", (restored - start) * share, LONGEST_RESTORE, "s", "the hall is closed meanwhile"
    )
    yield Figure(f"its size ({of})", weight * share, 500.0, "MB", "seven of them on a small card")
    most = max(most_to_keep, most_to_prove, most_to_restore)
    yield Figure("memory of the largest of these programs", most, MOST_MEMORY, "MB", "beside an open hall")


async def _fill(url: str, log: RedisLog, entries: list[Entry]) -> None:
    migrate(url)
    engine = connect(url)
    create_account(engine, "kepala", "admin")
    for at in range(0, len(entries), AT_ONCE):
        await log.append(await log.position(), entries[at : at + AT_ONCE])
    await catch_up(engine, log)
    await log.aclose()
    engine.dispose()


def _ran(env: dict[str, str], *command: str) -> tuple[float, float]:
    """Seconds, and MB at most."""
    begun = time.perf_counter()
    argv = [sys.executable, "-c", MEASURED, *ANTREAN_UP[:2], *command]
    most = int(subprocess.run(argv, env=env, check=True, capture_output=True, text=True).stdout)
    return time.perf_counter() - begun, most / (1e3 if sys.platform == "linux" else 1e6)
