"""Two halls on one log, in one process: as two servers, but with their tasks woven into each other."""

import asyncio
import time
from collections import Counter
from functools import partial

import pytest

from server.domain import commands as c
from server.domain import events as e
from server.domain.answers import Answer
from server.domain.errors import KeyReused, NotAllowedNow, UnknownTicket
from server.hall import Hall
from server.log.memory import MemoryLog
from server.log.redis_log import RedisLog
from tests.support.halls import (
    Asked,
    agree,
    ask,
    check_answers,
    check_log,
    command,
    commands_of,
    entries_of,
    issue,
    living,
    numbers,
    two,
)
from tests.support.proxy import until
from tests.unit.domain.builders import SITE, site_with

pytestmark = pytest.mark.usefixtures("patient")


@pytest.fixture(params=["memory", "redis"])
def url(request: pytest.FixtureRequest) -> str | None:
    return None if request.param == "memory" else request.getfixturevalue("redis_url")


def note(faltered: list[bool], hall: Hall) -> None:
    faltered.append(not hall.available)


async def log_of(hall: Hall, url: str | None) -> list[e.Entry]:
    """The whole log, read by somebody who does not write."""
    if url is None:
        return await entries_of(hall._log)
    log = RedisLog(SITE.id, url)
    try:
        return await entries_of(log)
    finally:
        await log.aclose()


def test_many_clients_of_two_halls_get_every_number_once(url: str | None) -> None:
    """They issue, call, recall, start and finish at once; both halls end with what the log says, and never faltered."""

    async def story() -> None:
        async with two(url) as halls:
            faltered: list[bool] = []
            for hall in halls:
                hall.watch(partial(note, faltered, hall))
            for counter in ("satu", "dua", "tiga"):
                await ask(halls[0], c.OpenCounter, counter=counter)

            asked: list[Asked] = []

            async def timed(hall: Hall, kind: type[c.Command], key: str, **fields: str) -> Answer:
                sent = time.monotonic()
                answer = await ask(hall, kind, key, **fields)
                number = answer.ticket.number if answer.ticket else None
                asked.append(
                    Asked(key, sent, time.monotonic(), answer.seq, number, kind.__name__, fields.get("counter"))
                )
                return answer

            async def visitor(n: int) -> None:
                service = ("paspor", "npwp", "spt")[n % 3]
                for m in range(4):
                    hall = halls[(n + m) % 2]
                    await timed(hall, c.IssueTicket, f"i{n}-{m}", ticket=f"t{n}-{m}", service=service)

            async def operator(counter: str) -> None:
                for m in range(40):
                    answer = await timed(halls[m % 2], c.CallNext, f"c{counter}-{m}", counter=counter)
                    if answer.ticket:
                        await ask(halls[(m + 1) % 2], c.Start, counter=counter)
                        await ask(halls[m % 2], c.Finish, counter=counter)

            await asyncio.gather(*map(visitor, range(40)), *map(operator, ("satu", "dua", "tiga")))
            entries = await log_of(halls[0], url)
            check_log(entries)
            check_answers(entries, asked)
            assert len(numbers(entries)) == 160
            await agree(entries, *halls)
            assert not any(faltered)

    asyncio.run(story())


def test_one_key_through_both_halls_at_once_is_one_ticket(url: str | None) -> None:
    async def story() -> None:
        async with two(url) as halls:
            for n in range(25):
                answers = await asyncio.gather(*(issue(halls[m % 2], f"key{n}") for m in range(4)))
                assert len({(answer.seq, answer.ticket and answer.ticket.id) for answer in answers}) == 1
            entries = await log_of(halls[0], url)
            check_log(entries)
            assert len(numbers(entries)) == 25
            with pytest.raises(KeyReused):
                await halls[1].ask(c.IssueTicket(at=halls[1].clock(), by="u1", id="key0", ticket="x", service="spt"))

    asyncio.run(story())


def test_what_one_hall_has_answered_the_other_knows_at_once(url: str | None) -> None:
    """A counter opened and a ticket issued through one are there for a command through the other: it is never told
    that nobody waits, that the counter is closed, or that the ticket is unknown."""

    async def story() -> None:
        async with two(url) as halls:
            for n in range(30):
                one, other = halls[n % 2], halls[1 - n % 2]
                await ask(one, c.OpenCounter, counter="satu")
                ticket = (await issue(one)).ticket
                called = (await ask(other, c.CallNext, counter="satu")).ticket
                assert ticket is not None
                assert called is not None
                assert called.id == ticket.id
                await ask(one, c.Park, counter="satu")
                await ask(other, c.CancelTicket, ticket=ticket.id)
                with pytest.raises(NotAllowedNow):
                    await ask(one, c.CancelTicket, ticket=ticket.id)
                await ask(one, c.CloseCounter, counter="satu")
                with pytest.raises(NotAllowedNow):
                    await ask(other, c.CallNext, counter="satu")
                with pytest.raises(UnknownTicket):
                    await ask(one, c.CancelTicket, ticket="nobody's")
                assert (await other.current()).tickets[ticket.id].status == "cancelled"

    asyncio.run(story())


def test_two_counters_never_get_one_ticket(url: str | None) -> None:
    """A service at two counters, one in each hall, with one visitor at a time: one gets it, the other nobody."""

    async def story() -> None:
        async with two(url) as halls:
            await ask(halls[0], c.OpenCounter, counter="satu")
            await ask(halls[1], c.OpenCounter, counter="dua")
            for _ in range(40):
                ticket = (await issue(halls[0])).ticket
                called = await asyncio.gather(
                    ask(halls[0], c.CallNext, counter="satu"), ask(halls[1], c.CallNext, counter="dua")
                )
                assert ticket is not None
                assert sorted(answer.ticket.id if answer.ticket else "" for answer in called) == ["", ticket.id]
            check_log(await log_of(halls[0], url))

    asyncio.run(story())


def test_many_commands_share_few_writes(redis_url: str) -> None:
    """Group commit: what waits while a write is under way is written together."""

    async def story() -> None:
        log = RedisLog(SITE.id, redis_url)
        async with living(log) as hall:
            await log._redis.config_resetstat()
            answers = await asyncio.gather(*(issue(hall) for _ in range(600)))
            assert sorted(answer.seq for answer in answers) == list(range(3, 603))
            writes = (await log._redis.info("commandstats"))["cmdstat_evalsha"]["calls"]
            assert writes <= 5, writes

    asyncio.run(story())


def test_a_hall_is_configured_once_and_again_only_by_another_configuration(redis_url: str) -> None:
    async def story() -> None:
        def log() -> RedisLog:
            return RedisLog(SITE.id, redis_url)

        async with living(log()), living(log()):
            pass
        async with living(log()) as hall:
            assert [type(entry.event) for entry in await log_of(hall, redis_url)] == [e.SiteConfigured, e.DayOpened]
        async with living(log(), site_with(notice="Baru")) as hall:
            entries = await log_of(hall, redis_url)
            assert [type(entry.event) for entry in entries[2:]] == [e.SiteConfigured]
            assert hall.confirmed.hall.notice == "Baru"

    asyncio.run(story())


def test_a_hall_whose_commands_came_while_it_was_not_living_answers_them_when_it_does() -> None:
    async def story() -> None:
        hall = Hall(SITE, MemoryLog(SITE.id))
        asked = asyncio.create_task(issue(hall))
        await asyncio.sleep(0.05)
        task = asyncio.create_task(hall.run())
        assert (await asked).seq == 3
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(story())


def test_callers_who_leave_do_not_disturb_those_who_stay(redis_url: str) -> None:
    """Of two hundred, half are cancelled at any moment; the others get their tickets, the log holds each once."""

    async def story() -> None:
        async with two(redis_url) as halls:
            tasks = [asyncio.create_task(issue(halls[n % 2], f"k{n}")) for n in range(200)]
            for n, task in enumerate(tasks):
                if n % 2:
                    task.cancel()
                if n % 10 == 0:
                    await asyncio.sleep(0.001)
            answers = await asyncio.gather(*tasks, return_exceptions=True)
            assert all(isinstance(answer, Answer) for answer in answers[::2])
            entries = await log_of(halls[0], redis_url)
            check_log(entries)
            ran = set(commands_of(entries))
            assert {f"k{n}" for n in range(0, 200, 2)} <= ran
            again = await issue(halls[1], "k1")
            assert again.ticket is not None
            assert (await issue(halls[0], "k1")) == again
            assert Counter(numbers(await log_of(halls[0], redis_url))).most_common(1)[0][1] == 1

    asyncio.run(story())


class Explode(c.Command, frozen=True, kw_only=True):
    """A command that no rule knows: deciding it fails as a defect does."""


def test_a_defect_in_a_rule_fails_only_its_own_command(url: str | None) -> None:
    async def story() -> None:
        async with two(url) as halls:
            hall = halls[0]
            seen: list[bool] = []
            hall.watch(lambda: seen.append(hall.available))
            asked = [
                hall.ask(command(hall, Explode)) if n % 7 == 3 else issue(hall, service="paspor") for n in range(50)
            ]
            answers = await asyncio.gather(*asked, return_exceptions=True)
            assert [n for n, answer in enumerate(answers) if not isinstance(answer, Answer)] == list(range(3, 50, 7))
            assert {type(answers[n]) for n in range(3, 50, 7)} == {KeyError}
            assert all(seen)
            entries = await log_of(hall, url)
            check_log(entries)
            await agree(entries, *halls)

    asyncio.run(story())


def test_a_hall_that_only_listens_hears_of_everything(url: str | None) -> None:
    """Its watchers are called and its view is that of the log, while the other one writes without a pause."""

    async def story() -> None:
        async with two(url) as (one, other):
            seen: list[int] = []
            other.watch(lambda: seen.append(other.confirmed.seq))
            for _ in range(5):
                await asyncio.gather(*(issue(one) for _ in range(20)))
            await until(lambda: other.confirmed.seq == 102)
            assert seen == sorted(set(seen))
            assert seen[-1] == 102
            assert other.confirmed == one.confirmed

    asyncio.run(story())


def test_a_trimmed_log_is_folded_from_its_last_day(redis_url: str) -> None:
    async def story() -> None:
        log = RedisLog(SITE.id, redis_url)
        async with living(log) as hall:
            await issue(hall)
            await log.trim(hall.epoch, 2)
            async with living(RedisLog(SITE.id, redis_url)) as late:
                assert late.confirmed == hall.confirmed
                assert (await issue(late)).seq == 4

    asyncio.run(story())
