"""What time brings, in two halls that share a log and a clock of the test's own."""

import asyncio
from collections import Counter

import pytest

from server.domain import commands as c
from server.domain import events as e
from server.domain.answers import Answer
from server.hall import Hall
from tests.support.halls import Clock, agree, ask, check_log, entries_of, issue, numbers, two
from tests.support.proxy import until
from tests.unit.domain.builders import MONDAY

pytestmark = pytest.mark.usefixtures("patient")

DAY = 24 * 3600.0
EXPIRED = 180.0 + 31  # seconds after which an announcement that nobody says is given up


def days_since_monday(hall: Hall) -> int:
    assert hall.confirmed.day
    return (hall.confirmed.day - MONDAY.date()).days


def test_a_day_begins_once_while_two_halls_are_asked_without_a_pause(redis_url: str) -> None:
    """Each of five midnights strikes in the midst of it: one `day-opened`, numbers from 001, nothing left over."""

    async def story() -> None:
        clock = Clock(MONDAY)
        answers: list[Answer] = []
        async with two(redis_url, clock) as halls:

            async def visitor(n: int) -> None:
                while not night.done():
                    await ask(halls[n % 2], c.OpenCounter, counter="satu")
                    answers.append(await issue(halls[(n + len(answers)) % 2]))

            async def midnights() -> None:
                for n in range(5):
                    await midnight(halls[0].confirmed.seq + 50, n + 1)

            async def midnight(busy: int, days: int) -> None:
                await until(lambda: halls[0].confirmed.seq > busy)
                clock.jump(DAY)
                await until(lambda: days_since_monday(halls[0]) == days)

            night = asyncio.create_task(midnights())
            await asyncio.gather(night, *map(visitor, range(12)))
            entries = await entries_of(halls[0]._log)
            check_log(entries)
            assert sum(isinstance(entry.event, e.DayOpened) for entry in entries) == 6
            assert Counter(numbers(entries))["A-001"] >= 5
            assert sorted(answer.seq for answer in answers) == [
                entry.seq for entry in entries if isinstance(entry.event, e.TicketIssued)
            ]
            await agree(entries, *halls)

    asyncio.run(story())


def test_what_nobody_said_is_given_up_once_whichever_hall_comes_first(redis_url: str) -> None:
    async def story() -> None:
        clock = Clock(MONDAY)
        async with two(redis_url, clock) as halls:
            await ask(halls[0], c.OpenCounter, counter="satu")
            for n in range(10):
                await issue(halls[0])
                await ask(halls[0], c.CallNext, counter="satu")
                clock.jump(EXPIRED)
                await asyncio.gather(*(hall.current() for hall in halls for _ in range(n + 1)))
                assert not halls[0].confirmed.announcements
            entries = await entries_of(halls[0]._log)
            expired = [entry.event for entry in entries if isinstance(entry.event, e.AnnouncementExpired)]
            assert len({event.announcement for event in expired}) == len(expired) == 10
            assert {event.reason for event in expired} == {"too-old"}
            await agree(entries, *halls)

    asyncio.run(story())


def test_a_day_begins_in_an_idle_hall_by_itself(redis_url: str) -> None:
    """It sleeps until midnight, five seconds from now, and nobody asks it anything any more."""

    async def story() -> None:
        clock = Clock(MONDAY)
        async with two(redis_url, clock) as halls:
            first = halls[0].confirmed.day
            clock.jump(15 * 3600 - 5)
            await asyncio.gather(*(hall.current() for hall in halls))
            await until(lambda: halls[0].confirmed.day != first and halls[1].confirmed.day != first)
            entries = await entries_of(halls[0]._log)
            assert [type(entry.event) for entry in entries] == [e.SiteConfigured, e.DayOpened, e.DayOpened]
            assert halls[0].now().hour == 0

    asyncio.run(story())


def test_a_clock_that_jumps_back_breaks_nothing(redis_url: str) -> None:
    async def story() -> None:
        clock = Clock(MONDAY)
        async with two(redis_url, clock) as halls:
            for jump in (3600, -7200, 3600, -3600, 7200):
                await asyncio.gather(*(issue(hall) for hall in halls for _ in range(5)))
                clock.jump(jump)
            entries = await entries_of(halls[0]._log)
            check_log(entries)
            times = [entry.event.at for entry in entries]
            assert times == sorted(times)
            await agree(entries, *halls)

    asyncio.run(story())
