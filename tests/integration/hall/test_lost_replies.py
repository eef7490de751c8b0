"""What the network does between a hall and its log, by a proxy: every command runs once, however it is repeated."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from server.domain import commands as c
from server.domain import events as e
from server.domain.answers import Answer
from server.hall import Hall
from server.host.valkey import Valkey
from server.log.base import LogUnavailable
from server.log.redis_log import RedisLog
from tests.support.halls import agree, ask, check_log, commands_of, entries_of, issue, living, numbers
from tests.support.proxy import Kind, Proxy, until
from tests.unit.domain.builders import SITE


@asynccontextmanager
async def behind_a_proxy(folder: Path, redis_url: str, valkey: Valkey) -> AsyncIterator[tuple[Hall, Proxy, RedisLog]]:
    """A hall behind a proxy, and a log of the test's own that is not."""
    log = RedisLog(SITE.id, redis_url)
    try:
        async with Proxy(folder, valkey.socket) as proxy, living(RedisLog(SITE.id, proxy.url)) as hall:
            yield hall, proxy, log
    finally:
        await log.aclose()


async def until_answered(hall: Hall, key: str) -> Answer:
    """Ask as a client does: again with the same key while the outcome is unknown."""
    for _ in range(10):
        try:
            return await issue(hall, key)
        except LogUnavailable:
            continue
    raise AssertionError(f"{key} was never answered")


@pytest.mark.usefixtures("patient")
def test_a_command_whose_reply_is_cut_off_is_answered_from_the_log_without_asking_again(
    folder: Path, redis_url: str, valkey: Valkey
) -> None:
    async def story() -> None:
        async with behind_a_proxy(folder, redis_url, valkey) as (hall, proxy, log):
            fault = proxy.strike("cut-after", b"ticket-issued")
            answers = await asyncio.gather(*(issue(hall, f"k{n}") for n in range(20)))
            assert fault.struck.is_set()
            entries = await entries_of(log)
            check_log(entries)
            assert [answer.seq for answer in answers] == list(range(3, 23))
            assert commands_of(entries)[1:] == [f"k{n}" for n in range(20)]
            assert proxy.count(b"ticket-issued") == 1, "it was written once and sent once"
            await agree(entries, hall)

    asyncio.run(story())


@pytest.mark.parametrize("kind", ["swallow", "cut-after", "cut-before", "cut-midway", "delay"])
def test_a_command_that_meets_trouble_runs_once_however_often_it_is_repeated(
    folder: Path, redis_url: str, valkey: Valkey, kind: Kind
) -> None:
    async def story() -> None:
        async with behind_a_proxy(folder, redis_url, valkey) as (hall, proxy, log):
            proxy.strike(kind, b"ticket-issued", seconds=0.5)
            first, again = await asyncio.gather(until_answered(hall, "k"), until_answered(hall, "k"))
            assert first == again == await issue(hall, "k")
            entries = await entries_of(log)
            assert [type(entry.event) for entry in entries[2:]] == [e.TicketIssued]
            await agree(entries, hall)

    asyncio.run(story())


@pytest.mark.usefixtures("patient")
def test_a_retry_through_another_hall_races_the_lost_reply_and_gets_the_same_ticket(
    folder: Path, redis_url: str, valkey: Valkey
) -> None:
    kinds: list[Kind] = ["cut-after", "cut-before", "cut-midway", "delay"]

    async def story() -> None:
        async with (
            behind_a_proxy(folder, redis_url, valkey) as (hall, proxy, log),
            living(RedisLog(SITE.id, redis_url)) as other,
        ):
            for n, kind in enumerate(kinds):
                fault = proxy.strike(kind, b"ticket-issued", seconds=0.1)
                asked = asyncio.create_task(until_answered(hall, f"k{n}"))
                await fault.struck.wait()
                again = await issue(other, f"k{n}")
                assert await asked == again
            entries = await entries_of(log)
            check_log(entries)
            assert len(numbers(entries)) == len(kinds)
            await agree(entries, hall, other)

    asyncio.run(story())


def test_an_append_that_arrives_after_the_hall_has_gone_on_changes_nothing(
    folder: Path, redis_url: str, valkey: Valkey
) -> None:
    """Held by the network for longer than the hall waits; the hall reads the log again, the repeated command runs, and
    then the held one arrives."""

    async def story() -> None:
        async with behind_a_proxy(folder, redis_url, valkey) as (hall, proxy, log):
            fault = proxy.strike("hold", b"ticket-issued")
            with pytest.raises(LogUnavailable):
                await issue(hall, "k")
            answer = await until_answered(hall, "k")
            fault.let_go.set()
            await asyncio.wait_for(fault.arrived.wait(), 10)
            await issue(hall, "another")
            entries = await entries_of(log)
            check_log(entries)
            assert commands_of(entries)[1:] == ["k", "another"]
            assert answer.seq == 3
            await agree(entries, hall)

    asyncio.run(story())


def test_an_append_that_arrives_late_but_fits_is_the_only_one(folder: Path, redis_url: str, valkey: Valkey) -> None:
    """Its caller was told that the outcome is unknown; when it asks again, it gets what was done late."""

    async def story() -> None:
        async with behind_a_proxy(folder, redis_url, valkey) as (hall, proxy, log):
            fault = proxy.strike("hold", b"ticket-issued")
            with pytest.raises(LogUnavailable):
                await issue(hall, "k")
            fault.let_go.set()
            await asyncio.wait_for(fault.arrived.wait(), 10)
            assert (await until_answered(hall, "k")).seq == 3
            entries = await entries_of(log)
            assert commands_of(entries)[1:] == ["k"]
            await agree(entries, hall)

    asyncio.run(story())


@pytest.mark.usefixtures("patient")
def test_under_one_fault_after_another_every_ticket_is_issued_and_called_once(
    folder: Path, redis_url: str, valkey: Valkey
) -> None:
    async def story() -> None:
        async with (
            behind_a_proxy(folder, redis_url, valkey) as (hall, proxy, log),
            living(RedisLog(SITE.id, redis_url)) as other,
        ):
            await ask(other, c.OpenCounter, counter="satu")
            kinds: list[Kind] = ["cut-after", "cut-before", "delay", "cut-midway"]

            async def trouble() -> None:
                for n in range(16):
                    word = b"ticket-" if n % 2 else b"EVALSHA"
                    await asyncio.wait_for(proxy.strike(kinds[n % 4], word, 0.05).struck.wait(), 20)

            async def visitors() -> list[str]:
                found: list[str] = []
                while not troubled.done():
                    n = len(found)
                    one = await asyncio.gather(*(until_answered(at, f"k{n}-{at is hall}") for at in (hall, other)))
                    found += [answer.ticket.number for answer in one if answer.ticket]
                return found

            async def operator() -> list[str]:
                found: list[str] = []
                n = 0
                while not troubled.done() or n % 5:
                    try:
                        answer = await ask((hall, other)[n % 2], c.CallNext, f"c{n}", counter="satu")
                    except LogUnavailable:
                        continue
                    n += 1
                    if answer.ticket:
                        found.append(answer.ticket.number)
                return found

            troubled = asyncio.create_task(trouble())
            issued, called = await asyncio.gather(visitors(), operator())
            await troubled
            entries = await entries_of(log)
            check_log(entries)
            assert sorted(issued) == numbers(entries)
            assert called == issued[: len(called)] or sorted(called) == sorted(issued)[: len(called)]
            await agree(entries, hall, other)

    asyncio.run(story())


@pytest.mark.usefixtures("patient")
def test_a_conflict_that_is_old_news_when_it_is_heard_is_no_trouble(
    folder: Path, redis_url: str, valkey: Valkey
) -> None:
    """The hall has read beyond where the log ended when its append was refused: it decides again, and never falters."""

    async def story() -> None:
        async with (
            behind_a_proxy(folder, redis_url, valkey) as (hall, proxy, log),
            living(RedisLog(SITE.id, redis_url)) as other,
        ):
            faltered: list[bool] = []
            hall.watch(lambda: faltered.append(not hall.available))
            fault = proxy.strike("late", b"ticket-issued", seconds=0.1)
            asked = asyncio.create_task(issue(hall, "k"))
            await fault.struck.wait()
            await issue(other, "before it arrives")
            await fault.arrived.wait()
            await issue(other, "before its refusal is heard")
            await until(lambda: hall.confirmed.seq == 4)
            fault.let_go.set()
            assert (await asked).seq == 5
            assert not any(faltered)
            await agree(await entries_of(log), hall, other)

    asyncio.run(story())


@pytest.mark.usefixtures("patient")
def test_entries_that_come_before_the_reply_to_their_own_append_are_taken_once(
    folder: Path, redis_url: str, valkey: Valkey
) -> None:
    """The hall reads what it wrote, and what another wrote after it, before it hears that its append was done."""

    async def story() -> None:
        async with (
            behind_a_proxy(folder, redis_url, valkey) as (hall, proxy, log),
            living(RedisLog(SITE.id, redis_url)) as other,
        ):
            fault = proxy.strike("late", b"ticket-issued")
            asked = asyncio.create_task(issue(hall, "k"))
            await fault.arrived.wait()
            assert (await issue(other, "other")).seq == 4
            await until(lambda: hall.confirmed.seq == 4)
            assert not asked.done(), "it is shown, but not yet answered"
            fault.let_go.set()
            assert (await asked).seq == 3
            assert (await issue(hall)).seq == 5
            await agree(await entries_of(log), hall, other)

    asyncio.run(story())
