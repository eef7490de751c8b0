"""What the audiences of a hall are shown, on a hall with a log in memory."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from server.domain import views
from server.domain.commands import IssueTicket
from server.hall import Hall
from server.log.memory import MemoryLog
from server.web.broadcast import REFRESH, Broadcast, Inbox
from tests.support.halls import MORNING
from tests.support.patience import patient as patient
from tests.support.proxy import until
from tests.unit.domain.builders import SITE

pytestmark = pytest.mark.usefixtures("patient")

Scene = Callable[[Hall, Broadcast], Awaitable[None]]


def shown(inbox: Inbox) -> dict[str, Any]:
    """The unsent view, taken."""
    assert inbox.view
    frame: dict[str, Any] = json.loads(inbox.view.text)
    inbox.view = None
    return frame


def play(scene: Scene) -> None:
    async def run() -> None:
        hall = Hall(SITE, MemoryLog(SITE.id), MORNING)
        living = asyncio.create_task(hall.run())
        await hall.current()
        try:
            await scene(hall, Broadcast(hall, 0.2))
        finally:
            living.cancel()
            await asyncio.gather(living, return_exceptions=True)

    asyncio.run(run())


async def issue(hall: Hall, n: int) -> None:
    service = hall.site.services[0].id
    await hall.ask(IssueTicket(at=hall.clock(), by="k", id=f"c{n}", ticket=f"t{n}", service=service))


def test_a_newcomer_takes_no_change_away_from_those_who_are_there() -> None:
    async def scene(hall: Hall, hub: Broadcast) -> None:
        zone = hall.site.zones[0].id
        first, second, third = Inbox(), Inbox(), Inbox()
        hub.join("tv", views.tv(zone), first)
        assert shown(first)["seq"] == hall.confirmed.seq
        await issue(hall, 1)
        hub.join("tv", views.tv(zone), second)  # before the hub has looked at what changed
        assert shown(first) == shown(second)
        hub.join("tv", views.tv(zone), third)
        assert first.view is None  # nothing has changed for it
        assert shown(third)["seq"] == hall.confirmed.seq

    play(scene)


def test_an_inbox_holds_the_newest_view_only() -> None:
    async def scene(hall: Hall, hub: Broadcast) -> None:
        inbox = Inbox()
        hub.join("tv", views.tv(hall.site.zones[0].id), inbox)
        running = asyncio.create_task(hub.run())
        for n in range(20):
            await issue(hall, n)
            await asyncio.sleep(0)
        seq = hall.confirmed.seq
        await until(lambda: inbox.view and inbox.view.seq >= seq)
        assert shown(inbox)["seq"] == seq
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    play(scene)


def test_an_equal_view_of_another_life_of_the_log_is_shown_anew() -> None:
    async def scene(hall: Hall, hub: Broadcast) -> None:
        inbox = Inbox()
        hub.join("tv", views.tv(hall.site.zones[0].id), inbox)
        former = shown(inbox)["epoch"]
        running = asyncio.create_task(hub.run())
        hall.epoch = "another"
        hub._changed.set()
        await until(lambda: inbox.view)
        assert shown(inbox)["epoch"] == "another" != former
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    play(scene)


def test_what_depends_on_time_is_sent_again_after_a_while() -> None:
    async def scene(hall: Hall, hub: Broadcast) -> None:
        inbox = Inbox()
        hub.join("tv", views.tv(hall.site.zones[0].id), inbox)
        first = shown(inbox)
        running = asyncio.create_task(hub.run())
        await until(lambda: inbox.view)
        again = shown(inbox)
        assert again["view"]["now"] > first["view"]["now"]
        assert {**again["view"], "now": 0} == {**first["view"], "now": 0}
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    assert REFRESH == 60
    play(scene)


def test_a_ticket_that_is_no_more_ends_what_showed_it() -> None:
    async def scene(hall: Hall, hub: Broadcast) -> None:
        await issue(hall, 1)
        inbox = Inbox()
        leave = hub.join("ticket/t1", views.phone("t1"), inbox)
        running = asyncio.create_task(hub.run())
        del hall.confirmed.tickets["t1"]
        hub._changed.set()
        await until(lambda: inbox.ended)
        leave()
        leave()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    play(scene)
