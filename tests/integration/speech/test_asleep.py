"""A server that sleeps now and then, as on a machine that is busy with something else."""

import asyncio
import socket
import time
from time import monotonic

import pytest

from audio.speech import Speech
from server.speech import LISTEN
from tests.integration.speech.ears import no_longer_waiting, zones
from tests.support.proxy import until

pytestmark = pytest.mark.usefixtures("patient")


def test_an_answer_that_lies_unread_while_the_server_sleeps_again_and_again_is_heard(
    redis_url: str, short: Speech
) -> None:
    """First all the time in which it may come, and just when it is read all that in which it is listened for."""

    async def story() -> None:
        async with zones(redis_url, speech=short) as (zone,):
            ear = zone.ear(plays=False).ready()
            await zone.open()
            announcement = await zone.call()
            await until(lambda: ear.heard)

            async def answer() -> None:
                await asyncio.get_running_loop().sock_recv(server, 1)
                for _ in range(5):  # from hand to hand
                    time.sleep(LISTEN)
                    await asyncio.sleep(0)
                await ear.say_spoken(announcement)

            answering = asyncio.create_task(answer())
            await asyncio.sleep(0)
            page.send(b"!")
            time.sleep(max(0.0, ear.heard[0].over - monotonic()) + 0.1)
            await answering
            await no_longer_waiting(zone)
            assert ear.cut_off == []
            assert len(ear.heard) == 1

    page, server = socket.socketpair()
    with page, server:
        server.setblocking(False)
        asyncio.run(story())
