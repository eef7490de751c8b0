"""`antrean verify` of a real log and both databases: silent when all is well, and it names what was broken on purpose."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis
from msgspec.structs import replace
from sqlalchemy import Engine, Executable, delete, insert, text, update

from server.domain import commands as c
from server.domain import events as e
from server.history import tables as t
from server.history.engine import connect, writing
from server.history.migrate import migrate
from server.history.record import catch_up
from server.history.trimming import trim
from server.keeping.verify import Verified, verify, words
from server.log.redis_log import RedisLog
from tests.unit.history.driver import Driver, fill
from tests.unit.history.test_catching_up import busy_hall
from tests.unit.history.test_trimming import weeks

pytestmark = pytest.mark.usefixtures("patient")

WILD_SEQ = "SELECT site, epoch, 99999999999, type, at, data FROM events WHERE seq = 7"
EVENTS, DAY = "antrean:{hall}:events", "antrean:{hall}:day"

Break = Callable[[Any, Engine], object]


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    migrate(url)
    engine = connect(url)
    yield engine
    engine.dispose()


def happened(engine: Engine, redis_url: str, hall: Driver | None) -> None:
    async def happen() -> None:
        log = RedisLog("hall", redis_url)
        if hall:
            await fill(log, hall.entries)
        await catch_up(engine, log)
        await trim(engine, log)
        await log.aclose()

    asyncio.run(happen())


def found(engine: Engine, redis_url: str) -> Verified:
    async def ask() -> Verified:
        log = RedisLog("hall", redis_url)
        try:
            return await verify(engine, log)
        finally:
            await log.aclose()

    return asyncio.run(ask())


def entry_of(kind: type[e.Event], nth: int = 0) -> e.Entry:
    return [entry for entry in busy_hall().entries if isinstance(entry.event, kind)][nth]


def written_anew(client: Any, seq: int, data: bytes, field: str = "e") -> None:
    """The log as it was, but for one entry that tells something else."""
    kept = client.xrange(EVENTS)
    client.delete(EVENTS)
    for id, fields in kept:
        client.xadd(EVENTS, {field: data} if id == b"%d-0" % seq else fields, id=id)


def told(kind: type[e.Event], nth: int, **fields: object) -> Break:
    entry = entry_of(kind, nth)
    return lambda client, _: written_anew(client, entry.seq, e.encode(replace(entry.event, **fields)))


def in_sql(statement: Executable) -> Break:
    def break_it(_: Any, engine: Engine) -> None:
        with writing(engine) as db:
            db.execute(statement)

    return break_it


def test_a_hall_in_which_nothing_is_wrong_is_sound(engine: Engine, redis_url: str) -> None:
    """Also one whose log was trimmed: the days before are judged in the archive."""
    hall = weeks()
    happened(engine, redis_url, hall)
    result = found(engine, redis_url)
    assert result.wrong == ()
    assert result.first > 1
    assert result.judged == len(hall.entries)
    assert "sound: " in list(words(result))[-1]


def test_a_hall_that_never_opened_is_sound(engine: Engine, redis_url: str) -> None:
    assert found(engine, redis_url).wrong == ()


@pytest.mark.parametrize(
    ("break_it", "wrong"),
    [
        (told(e.TicketIssued, 1, number="A-001"), "the number A-001 was given after A-001"),
        (told(e.TicketCalled, 1, number="B-077"), "is called as B-077"),
        (told(e.TicketServed, 0, ticket="ticket-of-nobody"), "of ticket ticket-of-nobody, which is not known"),
        (told(e.TicketServed, 0, ticket="ticket-of-nobody"), "cannot follow what stands before it"),
        (lambda client, _: written_anew(client, 9, b"{}"), "entry 9 cannot be read"),
        (lambda client, _: client.xdel(EVENTS, "9-0"), "the entries 9–9 are missing"),
        (lambda client, _: client.set(DAY, 3), "beside the log stands 3"),
        (lambda client, _: client.xtrim(EVENTS, minid="12-0"), "inside a business day"),
        (lambda client, _: client.delete(EVENTS), "it lost its end"),
        (in_sql(update(t.visits).where(t.visits.c.visit == 1).values(wait_seconds=1.5)), "wait_seconds is 1.5, should"),
        (in_sql(update(t.tickets).values(status="served", reason="x")), "history: tickets, "),
        (in_sql(delete(t.announcements)), "is missing in SQL"),
        (in_sql(delete(t.events).where(t.events.c.seq == 7)), "history: events, epoch "),
        (in_sql(update(t.events).where(t.events.c.seq == 7).values(data="{}")), "data is {}, should be"),
        (lambda client, _: client.set(DAY, 99999), "beside the log stands 99999"),
        (lambda client, _: client.set(DAY, "x"), "what stands beside the log cannot be read"),
        (lambda client, _: written_anew(client, 9, b'{"type": "\xff"}'), "entry 9 cannot be read"),
        (lambda client, _: written_anew(client, 9, b"{}", field="x"), "entry 9 cannot be read"),
        (in_sql(delete(t.lives)), "the newest that it knows of is –"),
        (in_sql(update(t.lives).values(epoch="zzz")), "of which it does not know when it was lived"),
        (in_sql(insert(t.lives).values(site="hall", epoch="zzz", life=9)), "the newest that it knows of is zzz"),
        (in_sql(text(f"INSERT INTO events {WILD_SEQ}")), "seq 99999999999: stands only in SQL"),
        (in_sql(text("UPDATE visits SET called_at = 'x'")), "the table visits holds a value that cannot be read"),
        (in_sql(text("UPDATE tickets SET day = 'x'")), "the table tickets holds a value that cannot be read"),
        (in_sql(text("UPDATE events SET at = 'x'")), "the table events holds a value that cannot be read"),
        (in_sql(text("UPDATE events SET seq = 'zz' WHERE seq = 7")), "the history cannot be compared"),
        (in_sql(text("UPDATE events SET data = CAST(data AS BLOB)")), "events, epoch"),
        (in_sql(text("UPDATE cursors SET day = 'x'")), "how far the history of hall is recorded cannot be read"),
        (in_sql(text("UPDATE cursors SET seq = 'x'")), "how far the history of hall is recorded cannot be read"),
    ],
)
def test_what_was_broken_is_named(sqlite: str, redis_url: str, break_it: Break, wrong: str) -> None:
    migrate(sqlite)
    engine = connect(sqlite)
    happened(engine, redis_url, busy_hall())
    with redis.Redis.from_url(redis_url) as client:
        break_it(client, engine)
    result = found(engine, redis_url)
    assert wrong in "\n".join(result.wrong)
    assert any(wrong in line for line in words(result, most=1000))
    engine.dispose()


def test_what_is_wrong_in_days_that_only_the_archive_knows_is_named(engine: Engine, redis_url: str) -> None:
    happened(engine, redis_url, weeks())
    with writing(engine) as db:
        db.execute(delete(t.events).where(t.events.c.seq.between(4, 6)))
    assert "stand neither in the archive nor in the log" in "\n".join(found(engine, redis_url).wrong)


@pytest.mark.parametrize(("recorded", "gone"), [(30, 31), (0, 1)])
def test_what_was_trimmed_and_is_in_no_archive_is_named(sqlite: str, redis_url: str, recorded: int, gone: int) -> None:
    """SQL comes from an old copy, or was begun anew; also once the hall has gone on with it."""
    migrate(sqlite)
    engine = connect(sqlite)
    happened(engine, redis_url, weeks())
    lost = f"the entries {gone}–{found(engine, redis_url).first - 1}"
    with writing(engine) as db:
        db.execute(delete(t.events).where(t.events.c.seq > recorded))
        db.execute(update(t.cursors).values(seq=recorded) if recorded else delete(t.cursors))
        if not recorded:
            db.execute(delete(t.lives))
    for _ in range(2):
        wrong = [one for one in found(engine, redis_url).wrong if one.startswith(lost)]
        assert len(wrong) == 1
        assert wrong[0].endswith("stand neither in the archive nor in the log")
        happened(engine, redis_url, None)
    engine.dispose()


def test_a_notice_without_its_text_is_named(engine: Engine, redis_url: str) -> None:
    hall = busy_hall()
    hall.do(c.AnnounceNotice, notice="n1", zones=("z",))
    happened(engine, redis_url, hall)
    assert found(engine, redis_url).wrong == ("the notice n1 has no text in SQL",)
