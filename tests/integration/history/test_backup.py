"""Backup and restore between both databases and a real Valkey: the same hall under a new life, or nothing at all."""

import asyncio
import multiprocessing
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import redis
from sqlalchemy import Engine, event, select

from server.domain import commands as c
from server.domain import events as e
from server.domain.evolve import fold
from server.history import tables as t
from server.history.accounts import create_account, create_token, find_token, sign_in
from server.history.engine import connect, writing
from server.history.migrate import migrate
from server.history.notices import Notice, keep_notice
from server.history.record import catch_up
from server.history.trimming import trim
from server.keeping.backup import backup
from server.keeping.errors import KeepingError, Occupied, Unsound
from server.keeping.form import opened
from server.keeping.mark import must_be_whole
from server.keeping.reading import LogOfBackup
from server.keeping.restore import laid_out, restore
from server.keeping.rows import TRUTH
from server.keeping.verify import verify
from server.log.redis_log import RedisLog
from tests.support.halls import entries_of, issue, living, numbers
from tests.support.patience import wait_long
from tests.unit.history.driver import Driver, fill
from tests.unit.history.test_catching_up import busy_hall, everything
from tests.unit.history.test_trimming import weeks

pytestmark = pytest.mark.usefixtures("patient")

FIRST_LOOKS = 5  # at the accounts, and before and after what is read of SQL before the logs and after them

spawn = multiprocessing.get_context("spawn")


@contextmanager
def connected(url: str) -> Iterator[Engine]:
    engine = connect(url)
    try:
        yield engine
    finally:
        engine.dispose()


def live(database: str, redis_url: str, hall: Driver, *, recorded: int | None = None) -> tuple[str, str]:
    """A hall with an account and a token, its history recorded up to an entry; password and token."""
    migrate(database)

    async def happen() -> None:
        log = RedisLog("hall", redis_url)
        await fill(log, hall.entries[:recorded])
        await catch_up(engine, log)
        await trim(engine, log)
        await log.append(await log.position(), hall.entries[len(hall.entries[:recorded]) :])
        await log.aclose()

    with connected(database) as engine:
        asyncio.run(happen())
        notice(engine, "n1")
        return create_account(engine, "kepala", "admin"), create_token(engine, "kiosk", "hall")


def notice(engine: Engine, id: str, at: datetime = datetime(2026, 11, 22, 1, 2, 3, 456789, UTC)) -> None:
    keep_notice(engine, Notice(id, "hall", "Kepada …", "id", True, "u1", at))


def keep(path: Path, database: str, redis_url: str, clips: Path | None = None) -> tuple[str, ...]:
    """What was doubtful about it."""
    with connected(database) as engine:
        return asyncio.run(backup(path, engine, redis_url, clips, force=True)).doubts


def give_back(path: Path, database: str, redis_url: str, data: Path) -> str | None:
    """The new life of the hall; None when it had been restored already."""
    data.mkdir(exist_ok=True)
    with opened(path) as kept:
        kept.check()
        mark = asyncio.run(restore(kept, database, redis_url, data, data / "clips"))
    return mark.epochs["hall"] if mark else None


def wrong(database: str, redis_url: str) -> tuple[str, ...]:
    async def ask() -> tuple[str, ...]:
        log = RedisLog("hall", redis_url)
        try:
            return (await verify(engine, log)).wrong
        finally:
            await log.aclose()

    with connected(database) as engine:
        return asyncio.run(ask())


def read_all(redis_url: str) -> tuple[str, list[tuple[int, str]], int]:
    async def ask() -> tuple[str, list[tuple[int, str]], int]:
        log = RedisLog("hall", redis_url)
        first = await log.first_seq()
        found: list[tuple[int, str]] = []
        while entries := await log.read(found[-1][0] if found else first - 1):
            found += [(entry.seq, repr(entry.event)) for entry in entries]
        epoch, day = (await log.position()).epoch, await log.day_start()
        await log.aclose()
        return epoch, found, day

    return asyncio.run(ask())


def rows_of_truth(database: str) -> dict[str, list[str]]:
    with connected(database) as engine, engine.connect() as db:
        return {
            table.name: sorted(repr(row) for row in db.execute(select(table)) if row[0] != "restored")
            for table in TRUTH
        }


def empty(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()


@pytest.mark.parametrize("source", ["sqlite", "postgresql"])
def test_restored_into_the_other_database_it_is_the_same_hall_in_a_new_life(
    source: str, sqlite: str, postgresql: str, redis_url: str, tmp_path: Path
) -> None:
    """The log was trimmed, and its last entries are not recorded yet."""
    here, there = (sqlite, postgresql) if source == "sqlite" else (postgresql, sqlite)
    hall, path = weeks(), tmp_path / "hall.backup"
    password, token = live(here, redis_url, hall, recorded=len(hall.entries) - 7)
    clip = tmp_path / "from" / "phrases" / ("0a" * 32 + ".wav")
    clip.parent.mkdir(parents=True)
    clip.write_bytes(b"sound")
    epoch, entries, day = read_all(redis_url)
    keep(path, here, redis_url, tmp_path / "from")
    empty(redis_url)
    new = give_back(path, there, redis_url, tmp_path / "to")
    assert new != epoch
    assert read_all(redis_url) == (new, entries, day)
    assert rows_of_truth(there) == rows_of_truth(here)
    assert (tmp_path / "to/clips/phrases" / clip.name).read_bytes() == b"sound"
    must_be_whole(tmp_path / "to")
    with connected(here) as old, connected(there) as restored:
        assert everything(restored, "epoch") == everything(old, "epoch")
        assert sign_in(restored, "kepala", password)
        assert find_token(restored, token)
    assert entries[0][0] > 1, "the log was not trimmed"
    assert wrong(there, redis_url) == ()

    async def go_on() -> int:
        log = RedisLog("hall", redis_url)
        recorded = await catch_up(restored, log)
        await log.aclose()
        return recorded

    with connected(there) as restored:
        assert asyncio.run(go_on()) == 7
        with restored.connect() as db:
            assert db.execute(select(t.lives.c.epoch)).scalars().all() == [new]
    assert wrong(there, redis_url) == ()


def test_a_restored_hall_goes_on_with_the_next_number(sqlite: str, redis_url: str, tmp_path: Path) -> None:
    async def open_for_three(log: RedisLog) -> list[str]:
        async with living(log) as hall:
            for _ in range(3):
                await issue(hall)
            return numbers(await entries_of(log))

    migrate(sqlite)
    with connected(sqlite) as engine:
        create_account(engine, "kepala", "admin")
    before = asyncio.run(open_for_three(RedisLog("mpp", redis_url)))
    keep(tmp_path / "hall.backup", sqlite, redis_url)
    empty(redis_url)
    with opened(tmp_path / "hall.backup") as kept:
        other = sqlite.replace("history", "other")
        asyncio.run(restore(kept, other, redis_url, tmp_path, tmp_path / "clips"))
    after = asyncio.run(open_for_three(RedisLog("mpp", redis_url)))
    assert after[:3] == before
    assert [int(number[2:]) for number in after] == [1, 2, 3, 4, 5, 6]


def test_a_place_that_is_not_empty_is_left_as_it_is(sqlite: str, redis_url: str, tmp_path: Path) -> None:
    path, other = tmp_path / "hall.backup", sqlite.replace("history", "other")
    live(sqlite, redis_url, busy_hall())
    keep(path, sqlite, redis_url)
    before = read_all(redis_url)
    with pytest.raises(Occupied, match="the log of hall"):
        give_back(path, other, redis_url, tmp_path / "to")
    assert read_all(redis_url) == before
    empty(redis_url)
    with pytest.raises(Occupied, match="1 accounts"):
        give_back(path, sqlite, redis_url, tmp_path / "to")
    assert redis.Redis.from_url(redis_url).keys() == []
    must_be_whole(tmp_path / "to")
    give_back(path, other, redis_url, tmp_path / "to")


def test_a_history_of_a_later_step_is_refused(sqlite: str, redis_url: str, tmp_path: Path) -> None:
    live(sqlite, redis_url, busy_hall())
    with connected(sqlite) as engine, writing(engine) as db:
        db.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    keep(tmp_path / "hall.backup", sqlite, redis_url)
    empty(redis_url)
    with pytest.raises(KeepingError, match="newer version"):
        give_back(tmp_path / "hall.backup", sqlite.replace("history", "other"), redis_url, tmp_path)
    must_be_whole(tmp_path)


def test_a_backup_of_nothing_is_refused(sqlite: str, redis_url: str, tmp_path: Path) -> None:
    migrate(sqlite)
    with pytest.raises(KeepingError, match="knows no account"):
        keep(tmp_path / "hall.backup", sqlite, redis_url)
    assert not (tmp_path / "hall.backup").exists()


def test_what_does_not_belong_together_is_kept_with_a_word(sqlite: str, redis_url: str, tmp_path: Path) -> None:
    path, strange, hall = tmp_path / "hall.backup", sqlite.replace("history", "strange"), weeks()
    live(sqlite, redis_url, hall)
    assert keep(path, sqlite, redis_url) == ()
    migrate(strange)
    with connected(strange) as engine:
        create_account(engine, "kepala", "admin")
    nothing, gone = keep(path, strange, redis_url)
    assert nothing == "hall: nothing of this log is recorded in the database"
    assert gone.startswith("hall: the entries 1–")
    with redis.Redis.from_url(redis_url) as client:
        client.set("antrean:{hall}:epoch", "another")
        assert keep(path, sqlite, redis_url) == ("hall: the database has recorded another life of this log",)
        client.delete("antrean:{hall}:events")
    assert keep(path, sqlite, redis_url) == ("hall: there is a history and no log",)


@pytest.mark.parametrize(
    ("change", "table"),
    [
        ("UPDATE visits SET called_at = 'x'", "visits"),
        ("UPDATE tickets SET day = 'x'", "tickets"),
        ("UPDATE cursors SET day = 'x'", "cursors"),
        ("UPDATE events SET seq = 'zz' WHERE seq = 7", "events"),
        ("UPDATE events SET data = CAST(data AS BLOB)", "events"),
        ("UPDATE tokens SET created_at = 'x'", "tokens"),
    ],
)
def test_what_could_not_be_read_back_is_refused(
    sqlite: str, redis_url: str, tmp_path: Path, change: str, table: str
) -> None:
    live(sqlite, redis_url, busy_hall())
    with connected(sqlite) as engine, writing(engine) as db:
        db.exec_driver_sql(change)
    with pytest.raises(Unsound, match=f"The table {table} holds a value that cannot be read"):
        keep(tmp_path / "hall.backup", sqlite, redis_url)
    assert not (tmp_path / "hall.backup").exists()


def _killed_at(commit: int, path: Path, database: str, redis_url: str, data: Path) -> None:
    """Restores, and dies just before SQL's n-th commit."""
    wait_long()
    commits = 0

    @event.listens_for(Engine, "commit")
    def die(_connection: object) -> None:
        nonlocal commits
        commits += 1
        if commits == commit:
            os._exit(9)

    give_back(path, database, redis_url, data)


def test_a_restore_that_was_killed_is_completed_by_a_second_one(sqlite: str, redis_url: str, tmp_path: Path) -> None:
    hall, path = busy_hall(), tmp_path / "hall.backup"
    live(sqlite, redis_url, hall)
    keep(path, sqlite, redis_url)
    outcomes = []
    for commit in (1, 2, 3):
        empty(redis_url)
        other, data = sqlite.replace("history", f"other{commit}"), tmp_path / f"to{commit}"
        child = spawn.Process(target=_killed_at, args=(commit, path, other, redis_url, data))
        child.start()
        child.join(120)
        begun = (data / "restoring.json").exists()
        assert child.exitcode == 9
        if begun:
            with pytest.raises(Occupied, match="restore FILE` again"):
                must_be_whole(data)
        new = give_back(path, other, redis_url, data)
        outcomes.append((begun, new is not None))
        must_be_whole(data)
        assert wrong(other, redis_url) == ()
        with connected(other) as restored, connected(sqlite) as old:
            assert everything(restored, "epoch") == everything(old, "epoch")
    assert outcomes == [(False, True), (True, True), (True, False)], "before, amidst, after all was done"


def test_what_is_written_meanwhile_never_breaks_a_backup(url: str, redis_url: str, tmp_path: Path) -> None:
    """Before and after each look into SQL a day passes: a notice comes, the log grows and is recorded. While it is
    looked at for the first time the log is trimmed, too, and the texts of its notices go, so it is begun anew."""
    hall = Driver()
    for day in range(35):
        hall.issue()
        hall.do(c.AnnounceNotice, notice=f"day-{day}", zones=("z",))
        hall.end_day()
    live(url, redis_url, hall)
    with connected(url) as engine:
        for entry in hall.entries:
            if isinstance(entry.event, e.NoticeAnnounced):
                notice(engine, entry.event.notice, entry.event.at)
    passed: list[int] = []

    async def a_day(engine: Engine) -> None:
        notice(engine, f"n{len(passed)}", hall.now)
        hall.do(c.AnnounceNotice, notice=f"n{len(passed)}", zones=("z",))
        hall.issue()
        hall.end_day()
        log = RedisLog("hall", redis_url)
        end = await log.position()
        await log.append(end, hall.entries[end.seq :])
        await catch_up(engine, log)
        if len(passed) < FIRST_LOOKS:
            await trim(engine, log)
        await log.aclose()

    def live_on(_connection: object) -> None:
        with connected(url) as elsewhere:
            passing = threading.Thread(target=lambda: asyncio.run(a_day(elsewhere)))
            passing.start()
            passing.join()
        passed.append(len(hall.entries))

    with connected(url) as engine:
        event.listen(engine, "begin", live_on)
        event.listen(engine, "commit", live_on)
        assert asyncio.run(backup(tmp_path / "hall.backup", engine, redis_url, None, force=False)).doubts == ()
    assert len(passed) > FIRST_LOOKS, "the first attempt was kept"
    with opened(tmp_path / "hall.backup") as kept:
        assert passed[0] < kept.manifest.logs["hall"].last < passed[-1]
        (tmp_path / "laid").mkdir()
        with laid_out(kept, tmp_path / "laid") as laid:
            assert asyncio.run(verify(laid, LogOfBackup(kept, "hall"))).wrong == ()


def test_a_recording_that_the_hall_clears_away_meanwhile_is_left_out(
    sqlite: str, redis_url: str, tmp_path: Path
) -> None:
    """The first recording is a pipe: who opens its other end knows that the second was seen and is not read yet."""
    first, gone, last = (tmp_path / "phrases" / f"{digit * 64}.wav" for digit in "abc")
    first.parent.mkdir()
    os.mkfifo(first)
    for file in (gone, last):
        file.write_bytes(b"last")

    def clear_away() -> None:
        with first.open("wb") as sound:
            gone.unlink()
            sound.write(b"first")

    live(sqlite, redis_url, busy_hall())
    clearing = threading.Thread(target=clear_away, daemon=True)
    clearing.start()
    keep(tmp_path / "hall.backup", sqlite, redis_url, tmp_path)
    clearing.join(60)
    assert not clearing.is_alive()
    with opened(tmp_path / "hall.backup") as kept:
        assert kept.manifest.lines("clips").keys() == {first.stem, last.stem}
        assert kept.content(f"clips/{first.name}") == b"first"


def test_a_log_of_two_halls_comes_back_whole(sqlite: str, redis_url: str, tmp_path: Path) -> None:
    hall = busy_hall()
    live(sqlite, redis_url, hall)

    async def another() -> None:
        log = RedisLog("given-up", redis_url)
        await fill(log, hall.entries)
        await log.aclose()

    asyncio.run(another())
    keep(tmp_path / "hall.backup", sqlite, redis_url)
    empty(redis_url)
    give_back(tmp_path / "hall.backup", sqlite.replace("history", "other"), redis_url, tmp_path)

    async def state() -> object:
        log = RedisLog("given-up", redis_url)
        entries = await entries_of(log)
        await log.aclose()
        return fold(entries)

    assert asyncio.run(state()) == hall.state
