"""The visitors: they take their numbers when the plan says so; some cancel by phone."""

import asyncio
from dataclasses import dataclass, field
from random import Random
from typing import Any

from demo.client import Client, Refused
from demo.clock import Clock
from demo.hall import Hall
from demo.plan import Fate, Visit, unplanned

AT_ONCE = 4.0  # seconds in which those take their numbers who are there when the demo begins in mid-morning
LINGER = 30.0  # minutes for which somebody is still there


@dataclass
class Tally:
    """What the simulated people did so far this day. refused: how often the hall said no."""

    visitors: int = 0
    served: int = 0
    absent: int = 0
    cancelled: int = 0
    refused: int = 0


@dataclass
class Crowd:
    """The visitors of a day. phones: the tasks of those who will cancel."""

    hall: Hall
    client: Client
    clock: Clock
    random: Random
    tally: Tally
    phones: asyncio.TaskGroup
    _expected: dict[str, Visit] = field(default_factory=dict)

    async def arrive(self, visits: tuple[Visit, ...]) -> None:
        began = self.clock.minute
        late = [visit for visit in visits if began - LINGER <= visit.minute < began]
        for visit in late:
            await self._take_number(visit)
            await asyncio.sleep(AT_ONCE / len(late) / max(1.0, self.clock.speed / 60))
        for visit in visits:
            if visit.minute >= began:
                await self.clock.until(visit.minute)
                await self._take_number(visit)

    def called(self, ticket: dict[str, Any]) -> Visit:
        """What becomes of this ticket's visit now. Each plan is used once; afterwards all goes its ordinary way."""
        known = self._expected.pop(ticket["id"], None)
        return known or unplanned(self.hall.service.get(ticket["service"]), self.random)

    def goes_home(self, ticket: str, minutes: float) -> None:
        self.phones.create_task(self._cancel(ticket, minutes))

    async def _take_number(self, visit: Visit) -> None:
        body = {"service": visit.service, "channel": visit.channel}
        if visit.priority:
            body["priority"] = visit.priority
        try:
            ticket = await self.client.post(f"/api/sites/{self.hall.id}/tickets", body)
        except Refused:  # the agency is closed, or no longer here
            self.tally.refused += 1
            return
        self.tally.visitors += 1
        self._expected[ticket["id"]] = visit
        if visit.fate is Fate.CANCELS:
            self.goes_home(ticket["id"], visit.away)

    async def _cancel(self, ticket: str, minutes: float) -> None:
        """Looks at the ticket's page first, as one does on a phone."""
        path = f"/api/sites/{self.hall.id}/tickets/{ticket}"
        await self.clock.until(self.clock.minute + minutes)
        try:
            seen = await self.client.get(path)
            if seen["status"] in ("waiting", "parked"):
                await self.client.post(f"{path}/cancel", as_holder=True)
                self.tally.cancelled += 1
        except Refused:  # called in the meantime
            self.tally.refused += 1
