"""The load of clients on a hall, which can be let go, and come to rest."""

import asyncio
import random
from collections.abc import Coroutine
from types import TracebackType
from typing import Any

from tests.faults.hall import Hall
from tests.faults.people import Client, announcer, kiosk, operator
from tests.faults.records import Records
from tests.faults.screens import Speaker, Tv

ZONES = ("utara", "selatan")
COUNTERS = 30  # every fourth is worked by two at once, who press on one counter
KIOSK, OPERATOR, ANNOUNCER = 0.35, 2.0, 3.0  # seconds between two presses of one of them, on average
LEFT_BEHIND = 0.15  # of the tickets in hand, when the operators go: the rest is finished, so that little is left to say


class Load:
    """Use it with `async with`: TVs and speakers are there all the time, people from `begin` to `rest`."""

    def __init__(self, hall: Hall, records: Records, rng: random.Random) -> None:
        self.client = Client(hall, records, rng)
        self.tvs = [Tv(hall, records, rng, f"{zone} {n}", zone) for zone in ZONES for n in (1, 2)]
        self.speakers = [Speaker(hall, records, rng, zone) for zone in ZONES for _ in (1, 2)]
        self._records, self._rng = records, rng
        self._counters = [f"loket-{n}" for n in range(1, COUNTERS + 1)]
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
        works: list[Coroutine[Any, Any, None]] = [kiosk(self.client, self._own(), KIOSK) for _ in range(4)]
        for n, counter in enumerate(self._counters):
            works += [operator(self.client, self._own(), counter, OPERATOR) for _ in range(2 if n % 4 == 3 else 1)]
        works.append(announcer(self.client, self._records, self._own(), ZONES, ANNOUNCER))
        self._rng.shuffle(works)
        self._people = [asyncio.create_task(work) for work in works]

    async def rest(self) -> None:
        """People go; what they have asked for, and got no answer to, stays open."""
        await _end(*self._people)
        self._people = []

    async def finish(self) -> None:
        """Most counters end the visit in hand."""
        leaving = [counter for counter in self._counters if self._rng.random() > LEFT_BEHIND]
        await asyncio.gather(
            *(self.client.post("operator", "finish", f"/counters/{counter}/finish") for counter in leaving)
        )

    def _own(self) -> random.Random:
        return random.Random(self._rng.getrandbits(64))


async def _end(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(outcome, Exception):
            raise outcome
