"""A log that goes away, comes back, comes back poorer, or cannot be trusted any more."""

import asyncio
import time
from functools import partial
from pathlib import Path

import pytest
from redis.asyncio import Redis

from server.domain import commands as c
from server.domain import events as e
from server.domain.answers import Answer
from server.hall import MOST_WAITING, Hall
from server.log.base import LogUnavailable, LogUnsafe
from server.log.memory import MemoryLog
from server.log.redis_log import RedisLog
from tests.support.halls import agree, ask, check_log, commands_of, entries_of, issue, living, two
from tests.support.own_valkey import OwnValkey
from tests.support.proxy import until
from tests.support.told import Told
from tests.unit.domain.builders import SITE, site_with


def test_while_valkey_hangs_callers_hear_so_within_seconds_and_all_goes_on_when_it_does(folder: Path) -> None:
    """Nobody waits longer than the patience of 3 s; screens are told; what hung is done once or not at all."""

    async def story() -> None:
        async with two(valkey.url) as halls:
            told: list[tuple[Hall, bool]] = []

            def tell(hall: Hall) -> None:
                told.append((hall, hall.available))

            for hall in halls:
                hall.watch(partial(tell, hall))
            valkey.stop()
            began = time.monotonic()
            asked = [issue(halls[n % 2], f"k{n}") for n in range(100)]
            outcomes = await asyncio.gather(*asked, return_exceptions=True)
            assert 2.9 < time.monotonic() - began < 10
            assert {type(outcome) for outcome in outcomes} == {LogUnavailable}
            await until(lambda: not (halls[0].available or halls[1].available))
            assert {hall for hall, available in told if not available} == set(halls)
            with pytest.raises(LogUnavailable):
                await halls[0].current()
            valkey.go_on()
            await until(lambda: halls[0].available and halls[1].available)
            answers = await asyncio.gather(*(until_issued(halls[1 - n % 2], f"k{n}") for n in range(100)))
            entries = await entries_of(halls[0]._log)
            check_log(entries)
            assert sorted(commands_of(entries)[1:]) == sorted(f"k{n}" for n in range(100))
            assert len({answer.seq for answer in answers}) == 100
            await agree(entries, *halls)

    with OwnValkey(folder) as valkey:
        asyncio.run(story())


@pytest.mark.usefixtures("patient")
def test_a_killed_valkey_that_comes_back_finds_the_halls_again_with_everything_they_answered(folder: Path) -> None:
    async def story() -> None:
        async with two(valkey.url) as halls:
            answered: dict[str, Answer] = {}

            async def visitor(n: int) -> None:
                for m in range(12):
                    while True:
                        try:
                            answered[f"k{n}-{m}"] = await issue(halls[(n + m) % 2], f"k{n}-{m}")
                            break
                        except LogUnavailable:
                            await asyncio.sleep(0.02)

            async def strike() -> None:
                for _ in range(4):
                    await asyncio.sleep(0.15)
                    valkey.kill()
                    await asyncio.to_thread(valkey.start)
                    await until(lambda: halls[0].available and halls[1].available)

            await asyncio.gather(strike(), *map(visitor, range(10)))
            entries = await entries_of(halls[0]._log)
            check_log(entries)
            assert sorted(commands_of(entries)[1:]) == sorted(answered)
            for key, answer in answered.items():
                assert await until_issued(halls[0], key) == answer
            await agree(entries, *halls)

    with OwnValkey(folder) as valkey:
        asyncio.run(story())


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("loss", ["wiped while it runs", "back from an older disk"])
def test_a_log_that_lost_its_end_begins_another_life_and_the_halls_with_it(folder: Path, loss: str, told: Told) -> None:
    """Both halls fold what is left, under one new epoch, are configured again and go on numbering from there."""

    async def story() -> None:
        async with two(valkey.url) as halls:
            epoch = halls[0].epoch
            await asyncio.gather(*(issue(halls[0], f"early{n}") for n in range(5)))
            if loss == "back from an older disk":
                valkey.kill()
                valkey.keep()
                await asyncio.to_thread(valkey.start)
                await until(lambda: halls[0].available and halls[1].available)
            await asyncio.gather(*(until_issued(halls[0], f"late{n}") for n in range(5)))
            await until(lambda: halls[1].confirmed.seq == 12)
            if loss == "back from an older disk":
                valkey.kill()
                valkey.give_back()
                await asyncio.to_thread(valkey.start)
                left = 7
            else:
                with valkey.client() as client:
                    client.flushall()
                left = 2
            await until(lambda: epoch not in (halls[0].epoch, halls[1].epoch) and halls[1].confirmed.site is not None)
            await until(lambda: halls[0].available and halls[1].available)
            assert halls[0].epoch == halls[1].epoch
            assert (await until_issued(halls[1], "after")).seq == left + 1
            entries = await entries_of(halls[0]._log)
            check_log(entries)
            await agree(entries, *halls)
            assert any(entry["event"] == "log-lost-its-end" for entry in told) == (loss != "wiped while it runs")

    with OwnValkey(folder) as valkey:
        asyncio.run(story())


async def until_issued(hall: Hall, key: str) -> Answer:
    while True:
        try:
            return await issue(hall, key)
        except LogUnavailable:
            await asyncio.sleep(0.02)


@pytest.mark.usefixtures("patient")
def test_a_hall_is_configured_again_when_its_configuration_was_lost(folder: Path) -> None:
    """What is left of the log holds an older one."""

    async def story() -> None:
        old = RedisLog(SITE.id, valkey.url)
        async with living(old):
            pass
        valkey.kill()
        valkey.keep()
        valkey.start()
        site = site_with(notice="Baru")
        async with living(RedisLog(SITE.id, valkey.url), site) as hall:
            epoch = hall.epoch
            valkey.kill()
            valkey.give_back()
            await asyncio.to_thread(valkey.start)
            await until(lambda: hall.epoch != epoch and hall.confirmed.site == site)
            assert [type(entry.event) for entry in await entries_of(hall._log)] == [
                e.SiteConfigured,
                e.DayOpened,
                e.SiteConfigured,
            ]

    with OwnValkey(folder) as valkey:
        asyncio.run(story())


@pytest.mark.usefixtures("patient")
def test_a_log_that_is_replaced_by_a_longer_one_is_noticed_by_a_hall_that_only_listens(redis_url: str) -> None:
    """A restore over a living Redis: other events under seqs that this hall knows, and more of them all the time."""

    async def story() -> None:
        async with two(redis_url) as (one, other), Redis.from_url(redis_url) as client:
            await asyncio.gather(*(issue(one) for _ in range(3)))
            await until(lambda: other.confirmed.seq == 5)
            dump = await client.dump(f"antrean:{{{SITE.id}}}:events")
            assert dump
            await asyncio.gather(*(issue(one) for _ in range(3)))
            await until(lambda: other.confirmed.seq == 8)
            pipe = client.pipeline(transaction=True)
            pipe.restore(f"antrean:{{{SITE.id}}}:events", 0, dump, replace=True)
            pipe.set(f"antrean:{{{SITE.id}}}:epoch", "restored")
            await pipe.execute()
            for _ in range(10):
                await until_issued(one, "again")
                await until_issued(one, f"new{time.monotonic()}")
            await until(lambda: other.epoch == one.epoch == "restored")
            await agree(await entries_of(one._log), one, other)

    asyncio.run(story())


def test_the_inbox_of_a_hall_whose_log_is_away_stays_small(folder: Path) -> None:
    """Ten thousand commands: the first are kept for 3 s, the others refused at once, none is left behind."""

    async def story() -> None:
        async with living(RedisLog(SITE.id, valkey.url)) as hall:
            valkey.stop()
            outcomes = []
            for _ in range(5):
                asked = [asyncio.create_task(issue(hall)) for _ in range(2000)]
                await asyncio.sleep(0.05)
                assert len(hall._inbox) <= 2 * MOST_WAITING, "a batch that came back, and what waited behind it"
                outcomes += asked
            found = await asyncio.gather(*outcomes, return_exceptions=True)
            assert {type(outcome) for outcome in found} == {LogUnavailable}
            await until(lambda: not hall.available)
            assert len(hall._inbox) == 0
            valkey.go_on()
            await until(lambda: hall.available)
            assert isinstance(await until_issued(hall, "k"), Answer)

    with OwnValkey(folder) as valkey:
        asyncio.run(story())


def test_a_hall_does_not_begin_on_a_log_that_may_forget(folder: Path) -> None:
    async def story() -> None:
        log = RedisLog(SITE.id, valkey.url)
        with pytest.raises(LogUnsafe, match="appendfsync always"):
            await Hall(SITE, log).run()
        await log.aclose()

    with OwnValkey(folder, "--appendonly", "yes", "--appendfsync", "everysec") as valkey:
        asyncio.run(story())


@pytest.mark.usefixtures("patient")
def test_a_living_hall_pauses_while_its_log_may_forget(folder: Path) -> None:
    async def story() -> None:
        async with living(RedisLog(SITE.id, valkey.url)) as hall:
            with valkey.client() as client:
                client.config_set("appendfsync", "everysec")
                await until(lambda: not hall.available)
                client.config_set("appendfsync", "always")
            await until(lambda: hall.available)
            await issue(hall)

    with OwnValkey(folder) as valkey:
        asyncio.run(story())


def test_a_log_that_reads_but_does_not_write_is_not_asked_in_a_storm(folder: Path, told: Told) -> None:
    """Valkey without room: the hall comes back at most once a second, and its inbox does not grow by itself."""

    async def story() -> None:
        async with living(RedisLog(SITE.id, valkey.url)) as hall:
            with valkey.client() as client:
                client.config_set("maxmemory", "1")
                end = time.monotonic() + 2.5
                while time.monotonic() < end:
                    with pytest.raises(LogUnavailable):
                        await issue(hall)
                assert sum(entry["event"] == "log-unavailable" for entry in told) <= 7
                assert len(hall._inbox) <= 1
                client.config_set("maxmemory", "0")
            await until(lambda: hall.available)
            assert (await until_issued(hall, "k")).seq == 3

    with OwnValkey(folder) as valkey:
        asyncio.run(story())


@pytest.mark.parametrize("kind", ["memory", "redis"])
def test_a_hall_ends_when_it_is_told_whatever_it_does_at_that_moment(kind: str, request: pytest.FixtureRequest) -> None:
    async def story() -> None:
        shared = MemoryLog(SITE.id)
        for n in range(0, 60, 2):
            log = RedisLog(SITE.id, url) if url else shared
            hall = Hall(SITE, log)
            task = asyncio.create_task(hall.run())
            asked = [asyncio.create_task(issue(hall)) for _ in range(3)]
            for _ in range(n):
                await asyncio.sleep(0)
            if n % 3 == 0:
                await asyncio.wait(asked)
            task.cancel()
            _, left = await asyncio.wait([task], timeout=10)
            assert not left, f"round {n}"
            for one in asked:
                one.cancel()
            await asyncio.gather(*asked, return_exceptions=True)
            await log.aclose()

    url = request.getfixturevalue("redis_url") if kind == "redis" else None
    asyncio.run(story())


@pytest.mark.usefixtures("patient")
def test_opened_through_one_hall_before_a_restart_is_open_after_it(folder: Path) -> None:
    async def story() -> None:
        async with two(valkey.url) as (one, other):
            await ask(one, c.OpenCounter, counter="satu")
            valkey.kill()
            await asyncio.to_thread(valkey.start)
            await until(lambda: one.available and other.available)
            await until_issued(one, "k")
            called = await ask(other, c.CallNext, counter="satu")
            assert called.ticket is not None

    with OwnValkey(folder) as valkey:
        asyncio.run(story())
