"""What is said to be done stands on every machine that may become the primary; what is not so sure is not said."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress
from typing import TypeVar

import pytest

from server.domain.turns import Tenure
from server.log import sentinels
from server.log.base import Conflict, LogUnavailable, LogUnsafe, Position
from server.log.lease import RedisLease
from server.log.primary import PrimaryClient, connect
from server.log.redis_log import RedisLog
from server.log.safety import must_be_safe
from tests.processes import until
from tests.support.happenings import opened
from tests.support.machines import HOST, NAME, Machines, Process, amiss

pytestmark = pytest.mark.usefixtures("patient")

SITE = "mpp-uji"
T = TypeVar("T")


def tell(machines: Machines, story: Callable[[RedisLog], Awaitable[None]]) -> None:
    async def told() -> None:
        log = RedisLog(SITE, machines.url)
        try:
            async with asyncio.timeout(180):
                await story(log)
        finally:
            await log.aclose()

    asyncio.run(told())


async def refused(asked: Awaitable[object]) -> str:
    with pytest.raises(LogUnavailable) as trouble:
        await asked
    return str(trouble.value)


async def sooner_or_later(ask: Callable[[], Awaitable[T]]) -> T:
    """The answer, when there is one."""
    while True:
        with suppress(LogUnavailable):
            return await ask()
        await asyncio.sleep(0.05)


async def known(machines: Machines, replicas: int) -> None:
    """Until every Sentinel knows so many replicas that may be promoted, and those are well."""

    def seen(sentinel: Process) -> bool:
        found = sentinel.ask("SENTINEL SLAVES", NAME)
        return len([one for one in found if one["slave-priority"] > 0]) == replicas

    await asyncio.to_thread(until, lambda: all(map(seen, machines.sentinels)))


def test_while_one_machine_is_down_nothing_is_done_or_told_and_then_it_goes_on(machines: Machines) -> None:
    """The machine that is down may come back and be promoted. What was sent meanwhile stands in the log then."""

    async def story(log: RedisLog) -> None:
        begin = await log.position()
        await log.append(begin, opened(0))
        lost = machines.replicas()[0]
        lost.kill()
        end = Position(begin.epoch, 1)
        why = await refused(log.append(end, opened(1)))
        assert why.startswith("1 of 2 replicas confirm what is written; ")
        assert f"{lost.name} does not follow the primary {machines.primary().name}" in why
        questions = (log.append(end, []), log.position(), log.read(0), log.wait(0, 1), log.day_start())
        await asyncio.gather(*map(refused, questions))
        machines.start(lost, machines.primary())
        assert await sooner_or_later(log.position) == Position(begin.epoch, 2)
        assert await sooner_or_later(lambda: log.read(0)) == opened(0, 2)

    tell(machines, story)


def test_what_one_machine_has_not_on_its_disk_yet_is_not_shown_by_others(machines: Machines) -> None:
    """A machine that stands still hangs on the primary all the same. The reader has written nothing before."""

    async def story(log: RedisLog) -> None:
        begin = await log.position()
        slow = machines.replicas()[0]
        slow.stop()
        reader = RedisLog(SITE, machines.url)
        writing = asyncio.create_task(refused(log.append(begin, opened(0))))
        await asyncio.to_thread(until, lambda: machines.primary().ask("XLEN", log.events) == 1)
        await asyncio.gather(refused(reader.read(0)), refused(reader.wait(0, 1)), writing)
        slow.go_on()
        assert await sooner_or_later(lambda: reader.read(0)) == opened(0)
        await reader.aclose()

    tell(machines, story)


def test_a_primary_that_was_replaced_while_it_stood_still_says_nothing(
    machines: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither that something was done, nor that somebody has been faster, nor who may speak, nor what is new: its state
    is an old one, and what it takes is thrown away. It is asked by one who does not know what the Sentinels decided."""
    monkeypatch.setattr(sentinels, "LOOK_EVERY", 3600.0)

    async def story(log: RedisLog) -> None:
        lease = RedisLease(SITE, machines.url)
        begin = await log.position()
        await log.append(begin, opened(0))
        assert await lease.hold("utara", "a", 600) is Tenure.TAKEN
        behind = [log, RedisLog(SITE, machines.url), RedisLog(SITE, machines.url), RedisLog(SITE, machines.url)]
        end = Position(begin.epoch, 1)
        for one in behind:
            await one.append(end, [])
        old, new = await asyncio.to_thread(machines.fail_over, Process.stop)
        waiting = asyncio.create_task(behind[3].wait(1, 3))
        asked = asyncio.gather(
            refused(behind[0].append(end, opened(1, 1, "nobody"))),
            refused(behind[1].append(begin, [])),
            refused(behind[2].read(0)),
            refused(lease.hold("utara", "b", 60)),
        )
        await asyncio.sleep(0.5)  # it is asked before the Sentinels tell it that it was replaced
        with socket.create_connection((HOST, old.port), 60) as ear:  # it hears what is taken, however soon that is lost
            ear.sendall(f"XREAD BLOCK 0 STREAMS {log.events} 1-0\r\n".encode())
            old.go_on()
            assert b"nobody" in await asyncio.to_thread(ear.recv, 4096), "it is the old one that is asked"
        await asked
        assert await asyncio.gather(waiting, return_exceptions=True)
        assert isinstance(waiting.exception(), LogUnavailable), "it heard of an entry that is nowhere else"
        for one in behind[1:]:
            await one.aclose()
        assert new.ask("XLEN", log.events) == 1
        assert await sooner_or_later(log.position) == end
        refusal = await sooner_or_later(lambda: lease.hold("utara", "b", 60))
        assert refusal is Tenure.REFUSED, "the new primary knows who speaks"
        assert await sooner_or_later(lambda: lease.hold("utara", "a", 60)) is Tenure.KEPT
        await log.append(end, opened(1, 1, "somebody"))
        with pytest.raises(Conflict):
            await log.append(end, [])
        assert await log.read(1) == opened(1, 1, "somebody")
        await lease.aclose()

    tell(machines, story)


def test_a_machine_that_was_taken_out_is_not_waited_for_until_it_is_back(machines: Machines) -> None:
    async def story(log: RedisLog) -> None:
        begin = await log.position()
        gone = machines.replicas()[0]
        gone.kill()
        await refused(log.append(begin, opened(0)))
        for sentinel in machines.sentinels:
            sentinel.ask("SENTINEL", "RESET", NAME)
        end = await sooner_or_later(log.position)
        await log.append(end, opened(end.seq))
        await known(machines, 1)
        machines.start(gone, machines.primary())
        await known(machines, 2)
        await sooner_or_later(log.position)
        gone.kill()
        await refused(log.append(Position(end.epoch, end.seq + 1), []))
        machines.start(gone, machines.primary())

    tell(machines, story)


def test_a_machine_that_is_never_promoted_cannot_stand_in_for_one_that_may_be(machines: Machines) -> None:
    """WAITAOF counts both alike. While it is down itself, nobody waits for it."""

    async def story(log: RedisLog) -> None:
        aside, lost = machines.replicas()
        begin = await log.position()
        aside.ask("CONFIG", "SET", "replica-priority", 0)
        await known(machines, 1)
        lost.kill()
        await refused(log.append(begin, opened(0)))
        machines.start(lost, machines.primary())
        await sooner_or_later(log.position)
        aside.kill()
        end = await sooner_or_later(log.position)
        await log.append(end, opened(end.seq))
        machines.start(aside, machines.primary())
        await known(machines, 2)

    tell(machines, story)


def test_a_replica_that_may_forget_is_refused_with_what_mends_it(machines: Machines) -> None:
    async def story(log: RedisLog) -> None:
        careless = machines.replicas()[1]
        careless.ask("CONFIG", "SET", "appendfsync", "everysec")
        with pytest.raises(LogUnsafe, match=f"The replica {careless.name} may forget") as unsafe:
            await log.position()
        sentence = str(unsafe.value)
        for command in sentence.partition("running one: ")[2].rstrip(".").split("; ")[:-1]:
            careless.ask(*command.split())
        await sooner_or_later(log.position)

    tell(machines, story)


def test_a_replica_that_does_not_answer_the_hall_is_not_asked_for_its_settings(machines: Machines) -> None:
    """It may be reached from the primary only; what it keeps is told by what it confirms."""

    async def safe(reply_within: float) -> int:
        async with aclosing(connect(machines.url, reply_within)) as client:
            assert isinstance(client, PrimaryClient)
            await must_be_safe(client)
            return len(client.checked)

    away = machines.replicas()[0]
    away.stop()
    assert asyncio.run(safe(4)) == 1
    away.go_on()
    assert asyncio.run(safe(60)) == 2


def test_a_primary_of_which_no_replica_is_known_confirms_nothing(machines: Machines) -> None:
    async def story(log: RedisLog) -> None:
        await log.position()
        gone = machines.replicas()
        for machine in gone:
            machine.kill()
        for sentinel in machines.sentinels:
            sentinel.ask("SENTINEL", "RESET", NAME)
        while "0 of 0 replicas confirm" not in await refused(log.position()):
            pass
        for machine in gone:
            machines.start(machine, machines.primary())
        await sooner_or_later(log.position)

    tell(machines, story)


def test_who_does_not_know_the_way_is_told_so(machines: Machines) -> None:
    """At the start as what must be mended, but later, when Sentinels were given a password, as a log that is away."""

    async def ask(url: str, question: Callable[[RedisLog], Awaitable[object]] = RedisLog.position) -> None:
        async with aclosing(RedisLog(SITE, url)) as log:
            await question(log)

    other, one = machines.url.replace(f"/{NAME}", "/other"), machines.sentinels[0].name
    unknown = 'No Sentinel tells who is the primary of "other"'
    with pytest.raises(LogUnsafe, match=unknown):
        asyncio.run(ask(other))
    with pytest.raises(LogUnavailable, match=unknown):
        asyncio.run(ask(other, lambda log: log.read(0)))
    with pytest.raises(LogUnavailable, match=r"0 of 3 Sentinels tell who is the primary, 2 must: .*; No such master"):
        asyncio.run(ask(f"redis+sentinel://127.0.0.1:1,127.0.0.1:2,{one}/other"))
    with pytest.raises(LogUnavailable, match="1 of 3 Sentinels tell who is the primary, 2 must: "):
        asyncio.run(ask(f"redis+sentinel://127.0.0.1:1,127.0.0.1:2,{one}/{NAME}"))
    asyncio.run(ask(f"redis+sentinel://{one}/{NAME}"))
    until(lambda: not amiss(machines.sentinels[0]))
