"""What every log promises (server/log/base.py)."""

import asyncio
import time

import pytest

from server.domain.events import Cause, CounterOpened, Entry
from server.log.base import Conflict, Log, Position, Trimmed
from server.log.client import REPLY_WITHIN
from server.log.redis_log import LONGEST_BLOCK
from tests.contract.conftest import Store
from tests.support.happenings import AT, day, opened


async def filled(log: Log, count: int) -> Position:
    """Where the log ends after `count` entries were written into it."""
    begin = await log.position()
    await log.append(begin, opened(begin.seq, count))
    return Position(begin.epoch, begin.seq + count)


def test_a_new_log_ends_at_zero_and_has_an_epoch_that_stays(store: Store) -> None:
    async def story(log: Log, other: Log) -> None:
        begin = await log.position()
        assert (begin.seq, bool(begin.epoch)) == (0, True)
        assert await other.position() == await log.position() == begin
        assert (await log.first_seq(), await log.day_start(), await log.read(0)) == (0, 0, [])

    store.tell(story)


def test_many_that_ask_a_new_log_first_hear_of_one_epoch(store: Store) -> None:
    async def story(log: Log, other: Log) -> None:
        found = await asyncio.gather(*(one.position() for one in (log, other) for _ in range(20)))
        assert len(set(map(str, found))) == 1

    store.tell(story)


def test_what_was_appended_is_read_in_order_by_everybody(store: Store) -> None:
    async def story(log: Log, other: Log) -> None:
        begin = await log.position()
        await log.append(begin, opened(0, 3))
        await other.append(Position(begin.epoch, 3), opened(3, 2))
        assert await log.position() == Position(begin.epoch, 5)
        assert await log.read(0) == await other.read(0) == opened(0, 5)
        assert await log.first_seq() == 1

    store.tell(story)


@pytest.mark.parametrize("wrong", [-1, 1, 1000])
def test_a_writer_that_believes_another_end_writes_nothing_and_learns_the_end(store: Store, wrong: int) -> None:
    async def story(log: Log, other: Log) -> None:
        end = await filled(log, 3)
        believed = Position(end.epoch, end.seq + wrong)
        with pytest.raises(Conflict) as conflict:
            await other.append(believed, opened(believed.seq, 2))
        assert conflict.value.found == end
        assert await log.read(0) == opened(0, 3)

    store.tell(story)


def test_a_writer_of_another_epoch_writes_nothing_and_learns_the_epoch(store: Store) -> None:
    async def story(log: Log, other: Log) -> None:
        end = await filled(log, 3)
        for entries in (opened(3), []):
            with pytest.raises(Conflict) as conflict:
                await log.append(Position("another", 3), entries)
            assert conflict.value.found == end
        assert await log.position() == end

    store.tell(story)


def test_an_empty_append_only_asks_whether_the_log_ends_there(store: Store) -> None:
    async def story(log: Log, other: Log) -> None:
        begin = await log.position()
        await log.append(begin, [])
        end = await filled(log, 2)
        await other.append(end, [])
        assert await log.position() == end
        with pytest.raises(Conflict) as conflict:
            await log.append(begin, [])
        assert conflict.value.found == end

    store.tell(story)


def test_of_two_writers_racing_exactly_one_wins_each_round(store: Store) -> None:
    async def story(log: Log, other: Log) -> None:
        end = await log.position()
        for _ in range(50):
            results = await asyncio.gather(
                log.append(end, opened(end.seq, 3, "one")),
                other.append(end, opened(end.seq, 2, "other")),
                return_exceptions=True,
            )
            lost = [result for result in results if isinstance(result, Conflict)]
            assert results.count(None) == len(lost) == 1, results
            winner, count = ("one", 3) if results[0] is None else ("other", 2)
            assert lost[0].found == Position(end.epoch, end.seq + count)
            assert await log.read(end.seq) == opened(end.seq, count, winner)
            end = lost[0].found

    store.tell(story)


def test_read_gives_at_most_limit_and_goes_on_where_it_stopped(store: Store) -> None:
    async def story(log: Log, other: Log) -> None:
        await filled(log, 10)
        assert await log.read(2, 3) == opened(2, 3)
        assert await log.read(9, 3) == opened(9, 1)
        assert await log.read(10) == await log.read(25) == []

    store.tell(story)


def test_a_huge_batch_is_written_as_one(store: Store) -> None:
    async def story(log: Log, other: Log) -> None:
        end = await filled(log, 12_000)
        assert await other.position() == end
        assert len(await other.read(0)) == 1000
        assert await other.read(11_990) == opened(11_990, 10)
        with pytest.raises(Conflict):
            await other.append(Position(end.epoch, 0), opened(0, 12_000))
        assert await log.position() == end

    store.tell(story)


def test_words_of_any_script_come_back_as_they_were(store: Store) -> None:
    async def story(log: Log, other: Log) -> None:
        words = 'Loket "tiga" — é 漢字 🔔 \\ \n \x00 <script> $1 {uji}'
        entry = Entry(1, CounterOpened(at=AT, cause=Cause(words, words, words, "open"), counter=words))
        await log.append(await log.position(), [entry])
        assert await other.read(0) == [entry]

    store.tell(story)


def test_a_wait_ends_at_once_when_something_is_written(store: Store) -> None:
    async def story(log: Log, other: Log) -> None:
        end = await filled(log, 2)
        waiting = asyncio.create_task(log.wait(end.seq, 25))
        await asyncio.sleep(0.1)
        assert not waiting.done()
        written = time.monotonic()
        await other.append(end, opened(2, 3))
        assert await waiting == opened(2, 3)
        assert time.monotonic() - written < 10
        assert await log.wait(0, 25) == opened(0, 5), "nor does it wait for what is there"

    store.tell(story)


@pytest.mark.parametrize("seconds", [0.0, 0.2, LONGEST_BLOCK + 0.2])
def test_a_wait_for_nothing_ends_after_its_seconds(store: Store, seconds: float) -> None:
    """Also when the server must be asked more than once, because a reply may not take so long."""
    assert LONGEST_BLOCK < REPLY_WITHIN

    async def story(log: Log, other: Log) -> None:
        end = await filled(log, 2)
        began = time.monotonic()
        assert await log.wait(end.seq, seconds) == []
        assert seconds - 0.05 <= time.monotonic() - began < seconds + 10

    store.tell(story)


def test_many_wait_and_each_gets_it(store: Store) -> None:
    async def story(log: Log, other: Log) -> None:
        end = await filled(log, 1)
        waiting = [asyncio.create_task(one.wait(1, 25)) for one in (log, other) for _ in range(10)]
        await asyncio.sleep(0.05)
        await log.append(end, opened(1))
        assert await asyncio.gather(*waiting) == [opened(1)] * 20

    store.tell(story)


def test_a_cancelled_wait_leaves_the_log_as_it_was(store: Store) -> None:
    async def story(log: Log, other: Log) -> None:
        end = await filled(log, 1)
        waiting = asyncio.create_task(log.wait(1, 25))
        await asyncio.sleep(0.05)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await log.append(end, opened(1))
        assert await log.read(0) == opened(0, 2)

    store.tell(story)


def test_the_day_starts_at_the_last_day_opened(store: Store) -> None:
    async def story(log: Log, other: Log) -> None:
        begin = await log.position()
        at = begin.epoch
        await log.append(begin, [*opened(0, 2), *day(2), *opened(3, 2)])
        assert await other.day_start() == 3
        await log.append(Position(at, 5), [*day(5), *opened(6), *day(7)])
        assert await other.day_start() == 8
        with pytest.raises(Conflict):
            await log.append(Position(at, 5), day(5))
        await log.append(Position(at, 8), opened(8))
        assert await other.day_start() == 8

    store.tell(story)


def test_what_was_trimmed_is_said_to_be_gone(store: Store) -> None:
    async def story(log: Log, other: Log) -> None:
        end = await filled(log, 4)
        await log.append(end, [*day(4), *opened(5, 2)])
        await log.trim(end.epoch, 5)
        assert (await other.first_seq(), await other.day_start()) == (5, 5)
        for after in (0, 3):
            with pytest.raises(Trimmed) as trimmed:
                await other.read(after)
            assert trimmed.value.first_seq == 5
            with pytest.raises(Trimmed):
                await other.wait(after, 1)
        assert await other.read(4) == [*day(4), *opened(5, 2)]
        await log.trim(end.epoch, 2)
        assert await other.first_seq() == 5
        await other.append(Position(end.epoch, 7), opened(7))
        assert await log.position() == Position(end.epoch, 8)

    store.tell(story)


def test_a_trim_never_reaches_beyond_the_last_day_nor_into_another_life(store: Store) -> None:
    async def story(log: Log, other: Log) -> None:
        begin = await log.position()
        await log.trim(begin.epoch, 1)
        await log.append(begin, [*opened(0, 3), *day(3), *opened(4, 2)])
        await log.trim(begin.epoch, 5)
        await log.trim(begin.epoch, 100)
        await log.trim("another", 4)
        assert (await other.first_seq(), await other.read(0)) == (1, [*opened(0, 3), *day(3), *opened(4, 2)])
        await log.trim(begin.epoch, 4)
        await log.trim(begin.epoch, 4)
        assert (await other.first_seq(), await other.day_start()) == (4, 4)

    store.tell(story)


def test_a_renewed_log_has_another_epoch_and_its_old_entries(store: Store) -> None:
    async def story(log: Log, other: Log) -> None:
        end = await filled(log, 3)
        await log.renew(end)
        renewed = await other.position()
        assert renewed.epoch != end.epoch
        assert renewed.seq == 3
        with pytest.raises(Conflict) as conflict:
            await log.append(end, opened(3))
        assert conflict.value.found == renewed
        await other.append(renewed, opened(3))
        assert await log.read(0) == opened(0, 4)

    store.tell(story)


def test_a_loss_that_two_have_found_renews_the_log_once(store: Store) -> None:
    async def story(log: Log, other: Log) -> None:
        lost = await filled(log, 3)
        await asyncio.gather(log.renew(lost), other.renew(lost))
        renewed = await log.position()
        await other.renew(lost)
        assert await log.position() == renewed

    store.tell(story)


def test_sites_do_not_meet(store: Store) -> None:
    async def fill(log: Log, other: Log) -> None:
        assert log.site in ("satu", "dua")
        assert (await log.position()).seq == 0
        await filled(log, 2)

    store.tell(fill, "satu")
    store.tell(fill, "dua")
