"""The load of clients on a hall, which can be let go, and come to rest."""

import asyncio
import random
from collections.abc import Coroutine
from types import TracebackType
from typing import Any

from tests.faults.hall import Hall
from tests.faults.people import Client, kiosk, operator
from tests.faults.records import Records
from tests.faults.screens import Speaker, Tv

ZONES = ("utara", "selatan")


class Load:
    """Use it with `async with`: TVs and speakers are there all the time, people while it is `busy`.

    counters: how many of the thirty are staffed; every fourth by two at once, who press on one counter.
    """

    def __init__(self, hall: Hall, records: Records, rng: random.Random, counters: int = 10) -> None:
        self.client = Client(hall, records, rng)
        self.tvs = [Tv(hall, records, rng, f"{zone} {n}", zone) for zone in ZONES for n in (1, 2)]
        self.speakers = [Speaker(hall, records, rng, zone) for zone in ZONES for _ in (1, 2)]
        self._rng = rng
        self._counters = [f"loket-{n}" for n in range(1, counters + 1)]
        self._listening: dict[Tv | Speaker, asyncio.Task[None]] = {}
        self._people: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> "Load":
        listeners: list[Tv | Speaker] = [*self.tvs, *self.speakers]
        for one in listeners:
            self.come(one)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await _end(*self._people, *self._listening.values())
        await self.client.aclose()

    def come(self, one: Tv | Speaker) -> None:
        """A TV or a speaker is switched on."""
        self._listening[one] = asyncio.create_task(one.live())

    async def go(self, one: Tv | Speaker) -> None:
        """It is switched off, in the midst of a word too."""
        await _end(self._listening.pop(one))

    def begin(self) -> None:
        """People come."""
        pause, rng = 0.35, self._rng
        works: list[Coroutine[Any, Any, None]] = [kiosk(self.client, self._own(), pause) for _ in range(4)]
        for n, counter in enumerate(self._counters):
            works += [operator(self.client, self._own(), counter, pause * 2) for _ in range(2 if n % 4 == 3 else 1)]
        rng.shuffle(works)
        self._people = [asyncio.create_task(work) for work in works]

    async def rest(self) -> None:
        """People go; what they have asked for, and got no answer to, stays open."""
        await _end(*self._people)
        self._people = []

    def _own(self) -> random.Random:
        return random.Random(self._rng.getrandbits(64))


async def _end(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(outcome, Exception):
            raise outcome
