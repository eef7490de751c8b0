"""A sound device that goes and comes back, while the server and the line stay."""

import asyncio

import pytest

from audio.player import NULL
from speaker.run import Speaker
from speaker.server import Server
from tests.integration.speaker.machines import READY, SPEAKING, ZONE, call, fates
from tests.integration.web.house import Api
from tests.support.proxy import until


@pytest.mark.usefixtures("patient")
def test_an_announcement_cut_off_by_an_unplugged_device_is_said_again_when_there_is_one(api: Api) -> None:
    lines: list[str] = []

    async def until_told(word: str, times: int = 1) -> None:
        async with asyncio.timeout(40):
            while sum(line.startswith(word) for line in lines) < times:
                await asyncio.sleep(0.02)

    async def story() -> int:
        speaker = Speaker(Server(api.server.url), api.tokens["kiosk"], ZONE, NULL, lines.append)
        work = asyncio.create_task(speaker.run(api.site))
        await until_told(READY)
        asked = await asyncio.to_thread(call, api)
        await until_told(SPEAKING)
        player = speaker._sound._player
        assert player
        await asyncio.to_thread(player._device.stop)  # what a driver does when its device is pulled out
        await until_told("tidak bisa bersuara")
        assert fates(api) == []
        await until_told(READY, 2)
        await until_told(SPEAKING, 2)
        await until(lambda: fates(api), tell=lambda: lines)
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        speaker.close()
        return asked

    asked = asyncio.run(story())
    assert fates(api) == [(asked, "spoken")]
