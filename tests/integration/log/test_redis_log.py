"""The log in a real Valkey: how it is kept, what is refused, and what the network may do to an append."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from server.domain.events import decode
from server.host.valkey import Valkey
from server.log.base import Conflict, LogUnavailable, LogUnsafe, Position
from server.log.client import REPLY_WITHIN
from server.log.redis_log import RedisLog
from tests.support.happenings import day, opened
from tests.support.own_valkey import SAFE, OwnValkey
from tests.support.proxy import Proxy

pytestmark = pytest.mark.usefixtures("patient")

EVENTS, EPOCH, DAY = (f"antrean:{{mpp-uji}}:{name}" for name in ("events", "epoch", "day"))


def tell(story: Callable[[RedisLog], Awaitable[None]], url: str) -> None:
    async def told() -> None:
        log = RedisLog("mpp-uji", url)
        try:
            await asyncio.wait_for(story(log), 30)
        finally:
            await log.aclose()

    asyncio.run(told())


@contextmanager
def as_in_life(log: RedisLog) -> Iterator[None]:
    """Meanwhile it waits no longer for an answer than in a hall: there comes none."""
    patient, log._redis.reply_within = log._redis.reply_within, REPLY_WITHIN
    yield
    log._redis.reply_within = patient


def test_the_stream_is_kept_as_the_contract_says(redis_url: str) -> None:
    """Key with braces, ids `<seq>-0`, field `e` with the event as JSON; nothing else but epoch and day."""

    async def story(log: RedisLog) -> None:
        await log.append(await log.position(), [*opened(0, 2), *day(2)])

    tell(story, redis_url)
    with redis.Redis.from_url(redis_url) as client:
        assert set(client.keys()) == {EVENTS.encode(), EPOCH.encode(), DAY.encode()}
        found = client.xrange(EVENTS)
        assert [entry_id for entry_id, _ in found] == [b"1-0", b"2-0", b"3-0"]
        assert [list(fields) for _, fields in found] == [[b"e"]] * 3
        assert decode(found[0][1][b"e"]) == opened(0)[0].event
        assert client.get(DAY) == b"3"
        assert client.ttl(EVENTS) == client.ttl(EPOCH) == client.ttl(DAY) == -1


@pytest.mark.parametrize(
    ("options", "mend"),
    [
        (("--appendonly", "no"), ["`appendonly yes`", "`appendfsync always`", "CONFIG SET appendonly yes"]),
        (("--appendonly", "yes", "--appendfsync", "everysec"), ["`appendfsync always`", "CONFIG SET appendfsync"]),
        ((*SAFE, "--no-appendfsync-on-rewrite", "yes"), ["`no-appendfsync-on-rewrite no`"]),
        ((*SAFE, "--maxmemory-policy", "allkeys-lru"), ["`maxmemory-policy noeviction`"]),
    ],
    ids=["no AOF", "AOF once a second", "no fsync while it rewrites", "forgets when full"],
)
def test_a_server_that_may_forget_is_refused_with_what_mends_it(
    folder: Path, options: tuple[str, ...], mend: list[str]
) -> None:
    async def story(log: RedisLog) -> None:
        with pytest.raises(LogUnsafe) as unsafe:
            await log.position()
        sentence = str(unsafe.value)
        assert all(part in sentence for part in mend), sentence
        with valkey.client() as client:
            assert client.dbsize() == 0
            for command in sentence.partition("running one: ")[2].rstrip(".").split("; ")[:-1]:
                client.execute_command(*command.split())
        assert (await log.position()).seq == 0, "what the sentence says has mended it"

    with OwnValkey(folder, *options) as valkey:
        tell(story, valkey.url)


def test_a_server_that_does_not_answer_makes_the_log_unavailable(folder: Path) -> None:
    """Nobody there, somebody who hangs, somebody who refuses to write: always the same error, within the time."""

    async def nobody(log: RedisLog) -> None:
        for asked in (log.position(), log.read(0), log.wait(0, 1), log.append(Position("e", 0), []), log.trim("e", 1)):
            with pytest.raises(LogUnavailable):
                await asked

    tell(nobody, f"unix://{folder}/nobody.sock")
    with OwnValkey(folder) as valkey:

        async def hangs(log: RedisLog) -> None:
            end = await log.position()
            valkey.stop()
            began = time.monotonic()
            with as_in_life(log):
                found = await asyncio.gather(
                    log.position(), log.read(0), log.wait(0, 1), log.append(end, opened(0)), return_exceptions=True
                )
            assert [type(one) for one in found] == [LogUnavailable] * 4
            assert time.monotonic() - began < 15
            valkey.go_on()

        tell(hangs, valkey.url)

        async def full(log: RedisLog) -> None:
            end = await log.position()
            with valkey.client() as client:
                client.config_set("maxmemory", "1")
                with pytest.raises(LogUnavailable, match="memory"):
                    await log.append(end, opened(end.seq))
                client.config_set("maxmemory", "0")
            await log.append(end, opened(end.seq))

        tell(full, valkey.url)


def test_a_log_that_was_wiped_begins_another_life(redis_url: str) -> None:
    async def story(log: RedisLog) -> None:
        begin = await log.position()
        await log.append(begin, opened(0, 3))
        with redis.Redis.from_url(redis_url) as client:
            client.flushall()
        with pytest.raises(Conflict) as conflict:
            await log.append(Position(begin.epoch, 3), [])
        assert conflict.value.found == Position("", 0)
        assert (await log.position()).epoch != begin.epoch

    tell(story, redis_url)


def test_an_append_costs_the_same_behind_a_huge_oldest_entry(redis_url: str) -> None:
    """After a trim the oldest entry is a `day-opened`, which may have megabytes; an append does not read it."""

    async def story(log: RedisLog) -> None:
        with redis.Redis.from_url(redis_url) as client:
            client.xadd(EVENTS, {"e": b"x" * (32 << 20)}, "1-0")
            client.xadd(EVENTS, {"e": b"x"}, "2-0")
            end = await log.position()
            await log.append(end, [])
            spent = []
            for _ in range(20):
                client.config_resetstat()
                await log.append(end, [])
                spent.append(client.info("commandstats")["cmdstat_evalsha"]["usec_per_call"])
        assert min(spent) < 2000, f"{spent} µs"

    tell(story, redis_url)


# What the network does to an append. The session's Valkey is behind a proxy.


def through(story: Callable[[RedisLog, Proxy], Awaitable[None]], folder: Path, upstream: Path) -> None:
    async def told() -> None:
        async with Proxy(folder, upstream) as proxy:
            log = RedisLog("mpp-uji", proxy.url)
            try:
                await asyncio.wait_for(story(log, proxy), 30)
            finally:
                await log.aclose()

    asyncio.run(told())


@pytest.mark.parametrize("kind", ["swallow", "cut-after"])
def test_an_append_whose_reply_is_lost_was_sent_once_and_stands_once(
    folder: Path, redis_url: str, valkey: Valkey, kind: str
) -> None:
    """The client does not send it again by itself: it would stand twice, or seem refused."""

    async def story(log: RedisLog, proxy: Proxy) -> None:
        begin = await log.position()
        await log.append(begin, [])  # so that the server knows the script
        proxy.requests.clear()
        fault = proxy.strike("swallow" if kind == "swallow" else "cut-after")
        with as_in_life(log), pytest.raises(LogUnavailable):
            await log.append(begin, opened(0, 2))
        await fault.arrived.wait()
        assert proxy.count(b"EVALSHA") == proxy.count(b"counter-opened") == 1
        assert await log.position() == Position(begin.epoch, 2)
        assert await log.read(0) == opened(0, 2)

    through(story, folder, valkey.socket)


@pytest.mark.parametrize("kind", ["cut-before", "cut-midway"])
def test_an_append_that_is_cut_on_its_way_was_not_done_and_not_sent_again(
    folder: Path, redis_url: str, valkey: Valkey, kind: str
) -> None:
    async def story(log: RedisLog, proxy: Proxy) -> None:
        begin = await log.position()
        await log.append(begin, [])
        proxy.requests.clear()
        proxy.strike("cut-before" if kind == "cut-before" else "cut-midway")
        with pytest.raises(LogUnavailable):
            await log.append(begin, opened(0, 2))
        assert proxy.count(b"EVALSHA") == 1
        assert await log.position() == begin

    through(story, folder, valkey.socket)


def test_every_command_that_fails_was_sent_once(folder: Path, redis_url: str, valkey: Valkey) -> None:
    async def story(log: RedisLog, proxy: Proxy) -> None:
        begin = await log.position()
        asked: dict[bytes, Callable[[], Awaitable[object]]] = {
            b"XRANGE": lambda: log.read(0),
            b"XREAD\r": lambda: log.wait(0, 1),
            b"XREVRANGE": log.position,
            b"EVAL\r": lambda: log.renew(begin),
            b"XTRIM": lambda: log.trim(begin.epoch, 1),
        }
        for word, ask in asked.items():
            proxy.requests.clear()
            proxy.strike("cut-after", word)
            with pytest.raises(LogUnavailable):
                await ask()
            assert proxy.count(word) == 1, word

    through(story, folder, valkey.socket)


def test_an_append_that_arrives_late_is_refused_when_others_have_written(
    folder: Path, redis_url: str, valkey: Valkey
) -> None:
    """Held by the network until its sender has given up and the log has grown; nobody hears its conflict."""

    async def story(log: RedisLog, proxy: Proxy) -> None:
        begin = await log.position()
        await log.append(begin, [])
        fault = proxy.strike("hold")
        with as_in_life(log), pytest.raises(LogUnavailable):
            await log.append(begin, opened(0, 1, "late"))
        await log.append(await log.position(), opened(0, 2, "in time"))
        fault.let_go.set()
        await asyncio.wait_for(fault.arrived.wait(), 10)
        assert await log.read(0) == opened(0, 2, "in time")

    through(story, folder, valkey.socket)


def test_a_cancelled_append_does_not_leave_its_reply_to_the_next_one(
    folder: Path, redis_url: str, valkey: Valkey
) -> None:
    async def story(log: RedisLog, proxy: Proxy) -> None:
        begin = await log.position()
        await log.append(begin, [])
        fault = proxy.strike("delay", seconds=0.3)
        task = asyncio.create_task(log.append(begin, opened(0)))
        await fault.struck.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        for _ in range(5):
            assert (await log.position()).epoch == begin.epoch
            assert await log.read(5) == []

    through(story, folder, valkey.socket)


def test_a_server_that_hides_its_configuration_is_refused(folder: Path) -> None:
    async def story(log: RedisLog) -> None:
        with pytest.raises(LogUnsafe, match="allow that user CONFIG GET"):
            await log.position()

    with OwnValkey(folder, *SAFE, "--rename-command", "CONFIG", "") as valkey:
        tell(story, valkey.url)
