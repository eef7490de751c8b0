"""Spoken notices queue like calls, in each of their zones."""

import asyncio

import pytest

from audio.speech import Speech
from server.domain import commands as c
from tests.integration.speech.ears import NOTICES, no_longer_waiting, zones
from tests.support.halls import ask

pytestmark = pytest.mark.usefixtures("patient")


def test_a_notice_is_said_after_the_calls_before_it_and_before_those_after_it(redis_url: str, short: Speech) -> None:
    async def story() -> None:
        async with zones(redis_url, speech=short) as (zone,):
            await zone.open()
            first = await zone.call("satu")
            notice = (await ask(zone.hall, c.AnnounceNotice, notice="tutup", zones=("utara",))).seq
            second = await zone.call("dua")
            ear = zone.ear().ready()
            await no_longer_waiting(zone)
            assert await zone.fates() == [(announcement, "spoken") for announcement in (first, notice, second)]
            assert [heard.announcement for heard in ear.heard] == [first, notice, second]
            assert ear.heard[1].text == NOTICES["tutup"].text

    asyncio.run(story())


def test_a_notice_for_all_is_said_once_in_each_zone(redis_url: str, short: Speech) -> None:
    async def story() -> None:
        async with (
            zones(redis_url, speech=short) as (north,),
            zones(redis_url, speech=short, zone="selatan") as (south,),
        ):
            ears = [north.ear().ready(), south.ear().ready()]
            notice = (await ask(north.hall, c.AnnounceNotice, notice="mobil")).seq
            await no_longer_waiting(north)
            await no_longer_waiting(south)
            assert [[heard.announcement for heard in ear.heard] for ear in ears] == [[notice], [notice]]
            assert sorted(await north.fates()) == [(notice, "spoken")] * 2

    asyncio.run(story())


def test_a_notice_whose_words_nobody_knows_or_nobody_can_say_does_not_silence_the_zone(
    redis_url: str, short: Speech
) -> None:
    async def story() -> None:
        async with zones(redis_url, speech=short) as (zone,):
            await zone.open()
            lost = [
                (await ask(zone.hall, c.AnnounceNotice, notice=n, zones=("utara",))).seq for n in ("hilang", "bisu")
            ]
            call = await zone.call()
            ear = zone.ear().ready()
            await no_longer_waiting(zone)
            assert await zone.fates() == [(lost[0], "unspeakable"), (lost[1], "unspeakable"), (call, "spoken")]
            assert [heard.announcement for heard in ear.heard] == [call]

    asyncio.run(story())
