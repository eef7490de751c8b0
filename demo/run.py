"""One demo: day after day of simulated visitors and operators at every site of a server."""

import asyncio
import contextlib
import os
import random
import signal
import sys

from config.address import in_url
from config.settings import Settings
from demo.client import Client, Refused, Unwelcome
from demo.clock import Clock
from demo.crowd import Crowd, Tally
from demo.hall import Hall, hall_of
from demo.operators import Operator
from demo.plan import plan_day
from demo.screen import Screen

TOKEN = "DEMO_TOKEN"  # the variable that holds the token of role "operator"; no setting, hence without ANTREAN_
SEED = "2023-02"
MID_MORNING = 100.0  # minutes from opening at which the first day begins
BEFORE_OPENING = -6.0
NIGHT = 6.0  # minutes between the last counter's closing and the next day's first minute


def demo(settings: Settings) -> None:
    """Blocks until SIGTERM or SIGINT. SystemExit with a sentence when the token is missing or not accepted."""
    token = os.environ.get(TOKEN)
    if not token:
        raise SystemExit(f"{TOKEN} is not set; it must hold a token of the role operator.")
    sentence = None
    try:
        asyncio.run(_until_stopped(_address(settings), token, settings.speed))
    except* Unwelcome as unwelcome:
        sentence = f"The hall does not accept the simulated people: {_first(unwelcome)}"
    if sentence:
        raise SystemExit(sentence)


def _first(group: BaseExceptionGroup[Unwelcome]) -> BaseException:
    """What went wrong first, of many that then went wrong alike."""
    first: BaseException = group
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    return first


def _address(settings: Settings) -> str:
    """The server itself, not what stands in front of it."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)
    return f"http://{in_url(host)}:{settings.port}"


async def _until_stopped(base: str, token: str, speed: float) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    living, stopping = asyncio.create_task(_live(base, token, speed)), asyncio.create_task(stop.wait())
    await asyncio.wait({living, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if living.done():
        living.result()
    living.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await living


async def _live(base: str, token: str, speed: float) -> None:
    client = Client(base, token)
    await client.get("/healthz")
    async with asyncio.TaskGroup() as sites:
        for site in (await client.get("/api/sites"))["sites"]:
            sites.create_task(_days(client, base, token, speed, site["id"]))


async def _days(client: Client, base: str, token: str, speed: float, site: str) -> None:
    number = 0
    while True:
        hall = hall_of(await client.get(f"/api/sites/{site}"))
        clock = Clock(speed, BEFORE_OPENING if number else MID_MORNING)
        await _day(client, base, token, hall, clock, random.Random(f"{SEED} {site} {number}"), first=not number)
        await clock.until(clock.minute + NIGHT)
        number += 1


async def _day(
    client: Client, base: str, token: str, hall: Hall, clock: Clock, chance: random.Random, *, first: bool
) -> None:
    day, tally = plan_day(hall, chance), Tally()
    async with asyncio.TaskGroup() as around:
        crowd = Crowd(hall, client, clock, chance, tally, around)
        screens = {shift.counter: Screen(base, token, hall.id, shift.counter) for shift in day.shifts}
        lasting = [around.create_task(screen.follow()) for screen in screens.values()]
        lasting.append(around.create_task(_report_hours(client, hall, clock, tally)))
        async with asyncio.TaskGroup() as people:
            people.create_task(crowd.arrive(day.visits))
            for shift in day.shifts:
                screen = screens[shift.counter]
                one = Operator(shift, crowd, client, clock, screen, chance, in_midst=first)
                people.create_task(one.work())
        for task in lasting:
            task.cancel()
    _say(hall, clock, tally, "all counters closed")


async def _report_hours(client: Client, hall: Hall, clock: Clock, tally: Tally) -> None:
    while True:
        await clock.until((clock.minute // 60 + 1) * 60)
        with contextlib.suppress(Refused):
            told = await client.get(f"/api/sites/{hall.id}")
            _say(hall, clock, tally, f"{sum(agency['waiting'] for agency in told['agencies'])} waiting")


def _say(hall: Hall, clock: Clock, tally: Tally, now: str) -> None:
    refused = f", {tally.refused} refused" if tally.refused else ""
    print(
        f"{hall.id} {clock}: {tally.visitors} visitors, {tally.served} served, {tally.absent} absent, "
        f"{tally.cancelled} cancelled{refused}; {now}",
        file=sys.stdout,
        flush=True,
    )
