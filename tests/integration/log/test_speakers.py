"""Which speakers are connected where, told between processes through a real Valkey."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import redis

from server.log.base import LogUnavailable
from server.log.speakers import Connected, SpeakerBoard

pytestmark = pytest.mark.usefixtures("patient")

NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)


def speaker(id: str, minutes: int = 0) -> Connected:
    return Connected(
        zone="utara",
        id=id,
        since=NOW + timedelta(minutes=minutes),
        ready=True,
        holder=False,
        resting=False,
        saying=None,
    )


def test_each_process_tells_its_own_and_hears_of_all(redis_url: str) -> None:
    async def story() -> None:
        one, other = SpeakerBoard("mpp-uji", redis_url), SpeakerBoard("mpp-uji", redis_url)
        assert await one.tell([speaker("b", 1)]) == [speaker("b", 1)]
        assert await other.tell([speaker("a")]) == [speaker("a"), speaker("b", 1)]
        assert await one.tell([]) == [speaker("a")]
        await one.aclose()
        await other.aclose()

    asyncio.run(story())


def test_a_process_that_says_nothing_any_more_is_forgotten(redis_url: str) -> None:
    async def story() -> None:
        gone, here = SpeakerBoard("mpp-diam", redis_url), SpeakerBoard("mpp-diam", redis_url)
        await gone.tell([speaker("a")])
        with redis.Redis.from_url(redis_url) as client:  # as if its word were old
            key = "antrean:{mpp-diam}:speakers"
            for process, words in client.hgetall(key).items():
                client.hset(key, process, b"1 " + words.partition(b" ")[2])
            assert await here.tell([]) == []
            assert client.hlen(key) == 1
            assert 0 < client.ttl(key) <= 12
        await gone.aclose()
        await here.aclose()

    asyncio.run(story())


def test_without_redis_nothing_is_known(tmp_path: Path) -> None:
    async def story() -> None:
        board = SpeakerBoard("mpp-uji", f"unix://{tmp_path}/none.sock")
        with pytest.raises(LogUnavailable):
            await board.tell([])
        await board.aclose()

    asyncio.run(story())
