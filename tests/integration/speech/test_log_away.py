"""Loudspeakers while the log does not answer."""

import asyncio
from pathlib import Path

from audio.speech import Speech
from server.domain.turns import BEAT
from server.host.valkey import Valkey
from tests.integration.speech.ears import check_one_after_another, zones
from tests.support.own_valkey import OwnValkey
from tests.support.proxy import Proxy, until


def test_while_the_log_is_away_nobody_speaks_and_what_was_said_is_written_when_it_is_back(
    folder: Path, short: Speech
) -> None:
    async def story() -> None:
        async with zones(valkey.url, valkey.url, speech=short) as (here, there):
            ears = [here.ear().ready(), there.ear().ready()]
            await here.open()
            called = [await here.call("satu"), await here.call("dua")]
            await until(lambda: any(ear.heard for ear in ears))
            valkey.stop()
            await until(lambda: not (here.hall.available or there.hall.available))
            await asyncio.sleep(0.2)
            heard = [heard for ear in ears for heard in ear.heard]
            assert [(one.announcement, one.ended is not None) for one in heard] == [(called[0], True)]
            holds = here.lease.holds + there.lease.holds
            await asyncio.sleep(1)
            assert here.lease.holds + there.lease.holds - holds <= 6, "no busy loop"
            valkey.go_on()
            await until(lambda: not here.waiting(), within=30)
            assert await here.fates() == [(announcement, "spoken") for announcement in called]
            assert sorted(one.announcement for ear in ears for one in ear.heard) == called
            check_one_after_another(*ears)

    with OwnValkey(folder) as valkey:
        asyncio.run(story())


def test_what_the_log_takes_late_is_not_said_again_by_another_server_meanwhile(
    folder: Path, redis_url: str, valkey: Valkey, short: Speech
) -> None:
    """All else comes through: one server's word that it was heard to its end meets a network that holds it back."""

    async def story() -> None:
        async with (
            Proxy(folder, valkey.socket) as proxy,
            zones(proxy.url, redis_url, speech=short) as (here, there),
        ):
            said = here.ear().ready()
            await until(lambda: here.loudspeaker.holds(said.speaker))
            other = there.ear().ready()
            await there.open()
            held = [proxy.strike("hold", b"announcement-spoken") for _ in range(2)]
            called = await there.call()
            await until(lambda: held[1].struck.is_set() or other.heard, within=30)
            await asyncio.sleep(BEAT)  # within which the other asks for the zone
            assert [one.announcement for one in said.heard] == [called]
            assert not other.heard
            for fault in held:
                fault.let_go.set()
            await until(lambda: not there.waiting(), within=30)
            assert await there.fates() == [(called, "spoken")]
            assert not other.heard

    asyncio.run(story())
