"""An operator at a counter: looks at the screen, presses a button, looks again.

Somebody else may work at the same counter: whoever tries the demo presses the buttons of its screen. Then the simulated
operator stands back until nobody has done so for a while.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from demo.client import Client, Refused
from demo.clock import Clock
from demo.crowd import Crowd
from demo.plan import DAY, LAST_TRANSFER, LUNCH, Fate, Shift, Visit
from demo.screen import Screen

STANDS_BACK = 60.0  # seconds of life
LOOKS_AGAIN = (1.0, 3.0)  # seconds of life after a refusal
GOES_HOME = DAY + 60  # minutes: then the counter closes even if people wait
REACTION, TIDYING = (2.0, 8.0), (4.0, 20.0)  # seconds
MISTAKE_SEEN, WAITS_FOR_VISITOR = 5.0, 30.0

View = dict[str, Any]
Standing = tuple[str, str | None, str | None, int]


class Disturbed(Exception):
    """Somebody else did something at this counter."""


@dataclass(frozen=True)
class Aside:
    """A visit to resume from `minute` on."""

    minute: float
    ticket: str


class Operator:
    """One operator's day.

    in_midst: the day begins in the midst of the morning, so the first visit soon starts and is half over.
    """

    def __init__(
        self,
        shift: Shift,
        crowd: Crowd,
        client: Client,
        clock: Clock,
        screen: Screen,
        random: Random,
        *,
        in_midst: bool,
    ) -> None:
        self._shift, self._crowd, self._client = shift, crowd, client
        self._clock, self._screen, self._random = clock, screen, random
        self._in_midst = in_midst
        self._had_lunch = False
        self._aside: list[Aside] = []
        self._known: Standing | None = None
        self._seq, self._epoch = 0, ""

    async def work(self) -> None:
        """From the opening to the closing of the counter."""
        await self._clock.until(self._shift.begins)
        while True:
            try:
                if await self._turn():
                    return
            except Refused:
                self._crowd.tally.refused += 1
                self._known = None
                await asyncio.sleep(self._random.uniform(*LOOKS_AGAIN))
            except Disturbed:
                if not await self._stand_back():
                    return

    async def _turn(self) -> bool:
        """One thing to do, chosen by what the screen shows; True when the day is over."""
        view = await self._look()
        minute = self._clock.minute
        nobody = not view["waiting_count"]
        self._had_lunch = self._had_lunch or minute > self._shift.lunch + LUNCH
        if view["ticket"]:
            await self._attend(view["ticket"])
        elif minute >= GOES_HOME or (minute >= DAY and nobody and not self._aside):
            if view["status"] != "closed":
                await self._press("close")
            return True
        elif not self._had_lunch and self._shift.is_lunch(minute):
            await self._have_lunch(view)
        elif view["status"] != "open":
            await self._press("open")
        elif due := self._due(view):
            await self._press("resume", ticket=due)
        elif nobody:
            await self._wait(lambda: self._screen.view is not view, self._until_something_is_due())
        else:
            await self._spend(self._random.uniform(*REACTION))
            await self._press("call-next")
        return False

    async def _attend(self, ticket: View) -> None:
        """A visit in hand: from its call, or from wherever a former operator left it, to its end."""
        visit = self._crowd.called(ticket)
        in_midst, self._in_midst = self._in_midst, False
        if ticket["status"] == "called":
            if visit.fate is Fate.WRONG_PRESS:
                await self._spend(MISTAKE_SEEN)
                await self._press("return")
                return
            if visit.fate in (Fate.ABSENT, Fate.LATE):
                await self._miss(ticket, visit)
                return
            if visit.fate is Fate.SLOW:
                await self._recall(1)
            await self._spend(visit.way * (0.3 if in_midst else 1))
            if visit.fate is not Fate.UNSTARTED:
                await self._press("start")
        await self._serve(ticket, visit, self._random.random() if in_midst else 1)

    async def _serve(self, ticket: View, visit: Visit, rest: float) -> None:
        seconds = visit.minutes * 60 * rest
        to = "service" if visit.fate is Fate.ELSEWHERE else "counter"
        if visit.fate in (Fate.PARKED, Fate.GAVE_UP):
            await self._spend(seconds * 0.4)
            await self._press("park")
            if visit.fate is Fate.PARKED:
                self._aside.append(Aside(self._clock.minute + visit.away, ticket["id"]))
            else:
                self._crowd.goes_home(ticket["id"], visit.away)
        elif visit.onward and self._clock.minute < LAST_TRANSFER:
            await self._spend(seconds * 0.4)
            await self._press("transfer", **{to: visit.onward})
        else:
            await self._spend(seconds)
            await self._end_visit()

    async def _end_visit(self) -> None:
        """By "finish" or, when somebody waits and the operator stays, often by calling the next."""
        view = await self._look()
        minute = self._clock.minute
        lunch = not self._had_lunch and self._shift.is_lunch(minute)
        stays = minute < DAY and not lunch and not self._due(view)
        on = stays and view["waiting_count"] and self._random.random() < 0.5
        await self._press("call-next" if on else "finish")
        self._crowd.tally.served += 1
        if not on:
            await self._spend(self._random.uniform(*TIDYING))

    async def _miss(self, ticket: View, visit: Visit) -> None:
        await self._recall(visit.recalls)
        await self._spend(WAITS_FOR_VISITOR)
        await self._press("no-show")
        self._crowd.tally.absent += 1
        if visit.fate is Fate.LATE:
            self._aside.append(Aside(self._clock.minute + visit.away, ticket["id"]))

    async def _recall(self, times: int) -> None:
        for _ in range(min(times, (await self._look())["recall_limit"])):
            await self._spend(WAITS_FOR_VISITOR)
            await self._press("recall")

    async def _have_lunch(self, view: View) -> None:
        self._had_lunch = True
        if view["status"] != "paused":
            await self._press("pause")
        await self._spend((self._shift.lunch + LUNCH - self._clock.minute) * 60)

    def _due(self, view: View) -> str | None:
        """Whoever was put aside here and is back; those somebody else took care of are forgotten."""
        parked = {line["id"] for line in view["parked"]}
        self._aside = [aside for aside in self._aside if aside.ticket in parked]
        return next((a.ticket for a in self._aside if a.minute <= self._clock.minute), None)

    def _until_something_is_due(self) -> float:
        minutes = [a.minute for a in self._aside] + [GOES_HOME if self._clock.minute >= DAY else DAY]
        if not self._had_lunch:
            minutes.append(self._shift.lunch)
        return max(0.0, min(minutes) - self._clock.minute) * 60

    async def _press(self, verb: str, **body: str) -> None:
        told = await self._client.post(f"/api/sites/{self._crowd.hall.id}/counters/{self._shift.counter}/{verb}", body)
        self._seq, self._epoch = told["seq"], self._screen.epoch
        self._known = standing(told["counter"]["status"], told["ticket"])

    async def _look(self) -> View:
        """What the screen shows, everything done here included. Raises Disturbed."""
        while True:
            self._check()
            screen = self._screen
            if screen.view and (screen.seq >= self._seq or screen.epoch != self._epoch):
                self._known = standing(screen.view["status"], screen.view["ticket"])
                self._seq, self._epoch = screen.seq, screen.epoch
                return screen.view
            await screen.changes()

    async def _spend(self, seconds: float) -> None:
        """Seconds of the hall's day. Raises Disturbed."""
        await self._wait(lambda: False, seconds)

    async def _wait(self, over: Callable[[], bool], seconds: float) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds / self._clock.speed
        while not over() and (left := end - loop.time()) > 0:
            self._check()
            await self._screen.changes(within=left)

    def _check(self) -> None:
        screen, known = self._screen, self._known
        if not (screen.view and known and screen.epoch == self._epoch and screen.seq >= self._seq):
            return
        if standing(screen.view["status"], screen.view["ticket"]) != known:
            self._known = None
            raise Disturbed

    async def _stand_back(self) -> bool:
        """Until nobody has pressed anything here for a while; False when the day ended meanwhile."""
        while True:
            try:
                await self._look()
                await self._spend(STANDS_BACK * self._clock.speed)
                return True
            except Disturbed:
                if self._clock.minute > GOES_HOME:
                    return False


def standing(status: str, ticket: View | None) -> Standing:
    """What only this counter's buttons change: its status and the ticket in hand, with that one's status and recalls."""
    if ticket is None or ticket["status"] not in ("called", "serving"):
        return status, None, None, 0
    return status, ticket["id"], ticket["status"], ticket["recalls"]
