"""The test of the tests, and of what is left when machines are lost: with one replica asked in place of all, a number that
was given out is lost, this is seen, and the halls begin another life of the log."""

import asyncio

import pytest

from server.domain.answers import Answer
from server.hall import Hall
from server.log import primary, sentinels
from server.log.base import LogUnavailable
from server.log.sentinels import View
from tests.support.halls import agree, check_log, entries_of, issue, numbers, two
from tests.support.machines import Machines
from tests.support.proxy import until
from tests.support.told import Told
from tests.unit.domain.builders import SITE

pytestmark = pytest.mark.usefixtures("patient")


def ask_one_replica_only(monkeypatch: pytest.MonkeyPatch) -> None:
    newest = sentinels._newest

    def careless(views: list[View]) -> View:
        view = newest(views)
        return View(view.primary, view.epoch, view.down, frozenset(sorted(view.promotable)[:1]))

    monkeypatch.setattr(sentinels, "_newest", careless)
    monkeypatch.setattr(primary, "_replicas", lambda _role: frozenset())


async def sooner_or_later(hall: Hall) -> Answer:
    while True:
        try:
            return await issue(hall)
        except LogUnavailable:
            await asyncio.sleep(0.05)


def test_with_one_replica_of_two_a_number_is_lost_and_the_halls_see_it(
    machines: Machines, monkeypatch: pytest.MonkeyPatch, told: Told
) -> None:
    ask_one_replica_only(monkeypatch)

    async def story() -> None:
        async with two(machines.url) as halls:
            await issue(halls[0])
            epoch = halls[0].epoch
            behind, ahead = machines.replicas()
            old = machines.primary()
            length = ("XLEN", f"antrean:{{{SITE.id}}}:events")
            await until(lambda: behind.ask(*length) == old.ask(*length))  # nobody has waited for this one
            behind.kill()
            given = await issue(halls[0])
            for machine in (ahead, old):
                machine.kill()
            machines.start(behind, old)
            await asyncio.to_thread(machines.fail_over, lambda _: None)
            for machine in (ahead, old):
                machines.start(machine, behind)
            await until(lambda: epoch not in (halls[0].epoch, halls[1].epoch), within=40, tell=machines.told)
            await until(lambda: halls[0].available and halls[1].available)
            assert any(entry["event"] == "log-lost-its-end" for entry in told)
            again = await sooner_or_later(halls[1])
            assert given.ticket
            assert again.ticket
            assert given.ticket.number == again.ticket.number, "two people have it"
            entries = await entries_of(halls[0]._log)
            assert numbers(entries).count(given.ticket.number) == 1
            check_log(entries)
            await agree(entries, *halls)

    asyncio.run(story())
