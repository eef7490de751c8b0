"""A word that the network held back until another speaker had it, is not said by two."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from websockets.client import ClientProtocol
from websockets.protocol import State
from websockets.uri import parse_uri

from audio.player import NULL
from server.domain.turns import SETTLE
from speaker.run import Speaker
from speaker.server import Server
from tests.faults.wire import Wire
from tests.integration.speaker.machines import READY, SPEAKING, ZONE, call, fates
from tests.integration.speaker.patient_speaker import MORE
from tests.integration.speaker.short_server import SECONDS
from tests.integration.web.house import Api
from tests.support.proxy import until


class Told:
    """What a speaker prints."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.speaker: Speaker | None = None

    def is_heard(self) -> bool:
        """Whether its recordings are there and go to its sound device."""
        player = self.speaker and self.speaker._sound._player
        return bool(player and player._tape._left)

    def times(self, word: str) -> int:
        return sum(line.startswith(word) for line in self.lines)

    async def tells(self, word: str, times: int = 1, within: float = 30.0) -> None:
        async with asyncio.timeout(within):
            while self.times(word) < times:
                await asyncio.sleep(0.02)


@asynccontextmanager
async def speaking(api: Api, url: str) -> AsyncIterator[Told]:
    told = Told()
    speaker = told.speaker = Speaker(Server(url), api.tokens["kiosk"], ZONE, NULL, told.lines.append)
    work = asyncio.create_task(speaker.run(api.site))
    try:
        await told.tells(READY)
        yield told
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        speaker.close()


@pytest.mark.usefixtures("patient")
def test_a_word_held_back_until_another_speaker_has_it_is_not_said_twice_at_once(api: Api) -> None:
    async def story() -> None:
        async with Wire(api.server.port) as wire, speaking(api, f"http://127.0.0.1:{wire.port}") as held:
            wire.hold(up=False)
            asked = await asyncio.to_thread(call, api)
            async with speaking(api, api.server.url) as other:
                await other.tells(SPEAKING)
                wire.let_go()
                await held.tells("server http")  # it does not trust a line on which a word came so late
                await other.tells(READY, 2)
                await until(lambda: fates(api) == [(asked, "spoken")], tell=lambda: fates(api))
                assert held.times(SPEAKING) == 0
                await held.tells(READY, 2)

    asyncio.run(story())


@pytest.mark.usefixtures("patient")
def test_what_was_answered_while_the_server_slept_is_not_said_again(api: Api) -> None:
    async def story() -> None:
        async with speaking(api, api.server.url) as first, speaking(api, api.server.url) as second:
            asked = await asyncio.to_thread(call, api)
            await until(lambda: first.is_heard() or second.is_heard())
            os.kill(api.server.hall.pid, signal.SIGSTOP)
            await asyncio.sleep(SECONDS + SETTLE + MORE + 0.5)
            os.kill(api.server.hall.pid, signal.SIGCONT)
            await until(lambda: fates(api) == [(asked, "spoken")], tell=lambda: fates(api))
            await asyncio.sleep(SECONDS / 2)
            assert first.times(SPEAKING) + second.times(SPEAKING) == 1
            assert first.times("server http") + second.times("server http") == 0, "nobody was cut off"

    asyncio.run(story())


def test_the_line_of_a_speaker_that_keeps_silent_is_cut_with_what_is_on_its_way(api: Api) -> None:
    """A reset: after an ordinary end the kernel would deliver what had been sent before."""
    protocol = ClientProtocol(parse_uri(f"{api.server.url.replace('http', 'ws')}/ws/sites/{api.site}/speaker/{ZONE}"))
    request = protocol.connect()
    request.headers.update(api.headers("kiosk"))
    protocol.send_request(request)
    with socket.create_connection(("127.0.0.1", api.server.port), timeout=30) as line:
        line.sendall(b"".join(protocol.data_to_send()))
        while protocol.state is not State.OPEN:
            protocol.receive_data(line.recv(1 << 16))
        protocol.send_text(b'{"type":"ready"}')
        line.sendall(b"".join(protocol.data_to_send()))
        call(api)
        with pytest.raises(ConnectionResetError):
            hear_all(line)


def hear_all(line: socket.socket) -> None:
    while line.recv(1 << 16):
        pass
