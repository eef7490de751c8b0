"""What the loudspeakers of a zone say and when, with real leases, a real log and real sound."""

import asyncio
from pathlib import Path
from time import monotonic

import pytest

from audio.errors import SpeechUnavailable
from audio.pcm import from_wav, seconds
from audio.phrases import Call, Utterable
from audio.speech import Speech, Utterance
from server.domain import commands as c
from server.host.valkey import Valkey
from server.speech import Loudspeaker
from tests.integration.speech.ears import (
    Ear,
    ShortSpeech,
    Zone,
    check_one_after_another,
    find_notice,
    no_longer_waiting,
    speech,
    zones,
)
from tests.support.halls import Clock, ask, issue
from tests.support.proxy import Proxy, until
from tests.unit.domain.builders import MONDAY, SITE

pytestmark = pytest.mark.usefixtures("patient")


def test_calls_are_said_once_each_in_their_order_and_one_after_another(redis_url: str, short: Speech) -> None:
    """By one of two pages here and one in another server, with calls from two counters coming while it speaks; the
    slow page makes the next call wait until it has answered."""

    async def story() -> None:
        async with zones(redis_url, redis_url, speech=short) as (here, there):
            ears = [here.ear(slower=0.4).ready(), here.ear().ready(), there.ear().ready()]
            await here.open()
            called = [await (here, there)[n % 2].call(("satu", "dua")[n % 2]) for n in range(2)]
            await until(lambda: any(ear.heard for ear in ears))
            await asyncio.sleep(0.1)
            await no_longer_waiting(here)
            called += [await here.call("dua"), await there.call("satu")]
            await no_longer_waiting(here)
            assert await here.fates() == [(announcement, "spoken") for announcement in called]
            heard = [heard for ear in ears for heard in ear.heard]
            assert [one.announcement for one in sorted(heard, key=lambda one: one.began)] == called
            check_one_after_another(*ears)
            assert sum(bool(ear.heard) for ear in ears) == 1, "one page spoke all the time"
            assert heard[0].text.startswith("Nomor antrean A-001, silakan menuju loket satu")

    asyncio.run(story())


def test_a_page_is_given_sound_that_is_there_and_as_long_as_it_is_told(redis_url: str, tmp_path: Path) -> None:
    """The whole announcement, not the short one of the other tests."""

    async def story() -> None:
        with speech(tmp_path, Speech) as whole:
            async with zones(redis_url, speech=whole) as (zone,):
                ear = zone.ear(plays=False).ready()
                await zone.open()
                await zone.call()
                await until(lambda: ear.heard)
                length = 0.0
                for clip in ear.heard[0].clips:
                    path = whole.wav(clip.removeprefix("/audio/").removesuffix(".wav"))
                    assert path is not None
                    length += seconds(from_wav(path.read_bytes()))
                assert length == pytest.approx(ear.heard[0].seconds, abs=0.002)
                assert length > 3

    asyncio.run(story())


def test_a_page_that_goes_in_the_midst_of_a_word_is_followed_only_when_it_must_have_ended(
    redis_url: str, short: Speech
) -> None:
    async def story() -> None:
        async with zones(redis_url, redis_url, speech=short) as (here, there):
            gone = here.ear().ready()
            await here.open()
            announcement = await here.call()
            await until(lambda: gone.heard)
            gone.go()
            ears = [here.ear().ready(), there.ear().ready()]
            await no_longer_waiting(here)
            heard = [heard for ear in ears for heard in ear.heard]
            assert [one.announcement for one in heard] == [announcement]
            assert heard[0].began >= gone.heard[0].over
            assert await here.fates() == [(announcement, "spoken")]

    asyncio.run(story())


def test_a_server_that_ends_in_the_midst_of_a_word_keeps_the_zone_until_it_must_have_ended(
    redis_url: str, short: Speech
) -> None:
    async def story() -> None:
        async with zones(redis_url, redis_url, speech=short) as (here, there):
            gone = here.ear(plays=False).ready()
            await here.open()
            await here.call()
            await until(lambda: gone.heard)
            await here.loudspeaker.aclose()
            ear = there.ear().ready()
            await no_longer_waiting(there)
            assert ear.heard[0].began >= gone.heard[0].over

    asyncio.run(story())


def test_a_page_that_never_answers_is_passed_over_and_tried_again_without_haste(
    redis_url: str, short: Speech, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.domain.turns.REST", 0.3)

    async def story() -> None:
        async with zones(redis_url, speech=short) as (zone,):
            silent = zone.ear(plays=False).ready()
            await zone.open()
            await zone.call()
            await until(lambda: len(silent.heard) == 2)
            assert silent.heard[1].began >= silent.heard[0].over + 0.3
            assert zone.lease.holds <= 15, "no busy loop"

    asyncio.run(story())


def test_an_answer_that_comes_after_another_page_took_over_counts_once(redis_url: str, short: Speech) -> None:
    """The late page has said it to its end; the other one too, and nothing else is said meanwhile."""

    async def story() -> None:
        async with zones(redis_url, redis_url, speech=short) as (here, there):
            late = here.ear(plays=False).ready()
            await here.open()
            called = [await here.call("satu"), await here.call("dua")]
            await until(lambda: late.heard)
            ear = there.ear().ready()
            await until(lambda: ear.heard)
            assert ear.heard[0].announcement == called[0]
            await late.say_spoken(called[0])
            await late.say_spoken(called[0])
            await no_longer_waiting(here)
            assert await here.fates() == [(announcement, "spoken") for announcement in called]
            check_one_after_another(ear)

    asyncio.run(story())


def test_a_muted_page_is_passed_over_and_speaks_when_it_can_again(redis_url: str, short: Speech) -> None:
    async def story() -> None:
        async with zones(redis_url, speech=short) as (zone,):
            muted, able = zone.ear(), zone.ear().ready()
            await zone.open()
            first = await zone.call()
            await no_longer_waiting(zone)
            assert (len(muted.heard), [heard.announcement for heard in able.heard]) == (0, [first])
            able.mute()
            second = await zone.call()
            await asyncio.sleep(0.3)
            assert zone.waiting() == [second]
            muted.ready()
            await no_longer_waiting(zone)
            assert [heard.announcement for heard in muted.heard] == [second]

    asyncio.run(story())


def test_a_ticket_that_has_come_or_was_put_back_meanwhile_is_not_said(redis_url: str, short: Speech) -> None:
    async def story() -> None:
        async with zones(redis_url, speech=short) as (zone,):
            await zone.open()
            come = await zone.call("satu")
            await ask(zone.hall, c.Start, counter="satu")
            back = await zone.call("dua")
            await ask(zone.hall, c.Return, counter="dua")
            ear = zone.ear().ready()
            await no_longer_waiting(zone)
            again = await zone.call("dua")
            await no_longer_waiting(zone)
            assert await zone.fates() == [(come, "no-longer-called"), (back, "no-longer-called"), (again, "spoken")]
            assert [heard.announcement for heard in ear.heard] == [again]

    asyncio.run(story())


def test_a_ticket_that_comes_while_it_is_said_is_said_to_the_end(redis_url: str, short: Speech) -> None:
    async def story() -> None:
        async with zones(redis_url, speech=short) as (zone,):
            ear = zone.ear(slower=0.3).ready()
            await zone.open()
            called = [await zone.call("satu"), await zone.call("dua")]
            await until(lambda: ear.heard)
            await ask(zone.hall, c.Start, counter="satu")
            await no_longer_waiting(zone)
            assert await zone.fates() == [(announcement, "spoken") for announcement in called]
            check_one_after_another(ear)

    asyncio.run(story())


def test_a_call_that_is_too_old_when_a_page_comes_is_shown_only(redis_url: str, short: Speech) -> None:
    async def story() -> None:
        clock = Clock(MONDAY)
        async with zones(redis_url, speech=short, clock=clock) as (zone,):
            await zone.open()
            old = await zone.call()
            clock.jump(181)
            young = await zone.call("dua")
            ear = zone.ear().ready()
            await no_longer_waiting(zone)
            assert await zone.fates() == [(old, "too-old"), (young, "spoken")]
            assert [heard.announcement for heard in ear.heard] == [young]

    asyncio.run(story())


def test_a_recall_is_said_again_as_an_announcement_of_its_own(redis_url: str, short: Speech) -> None:
    async def story() -> None:
        async with zones(redis_url, speech=short) as (zone,):
            ear = zone.ear().ready()
            await zone.open()
            called = [await zone.call()]
            called.append((await ask(zone.hall, c.Recall, counter="satu")).seq)
            await no_longer_waiting(zone)
            called.append((await ask(zone.hall, c.Recall, counter="satu")).seq)
            await no_longer_waiting(zone)
            assert [heard.announcement for heard in ear.heard] == called
            assert len({heard.text for heard in ear.heard}) == 1

    asyncio.run(story())


def waits_after(seq: int) -> bytes:
    """Words of the request by which a follower waits for what comes after this entry."""
    words = "STREAMS", f"antrean:{{{SITE.id}}}:events", f"{seq}-0"
    return "\r\n".join(f"${len(word)}\r\n{word}" for word in words).encode()


def test_a_server_that_lags_behind_the_log_does_not_say_again_what_another_has_said(
    folder: Path, redis_url: str, valkey: Valkey, short: Speech
) -> None:
    """It knows of the call but hears no more; the zone becomes free, and it asks the log's end before it speaks."""

    async def story() -> None:
        async with (
            Proxy(folder, valkey.socket) as proxy,
            zones(redis_url, proxy.url, speech=short, lease_url=redis_url) as (here, behind),
        ):
            await here.open()
            await issue(here.hall)
            deaf = proxy.strike("swallow", waits_after(here.hall.confirmed.seq + 1))
            called = (await ask(here.hall, c.CallNext, counter="satu")).seq
            await until(deaf.struck.is_set)
            assert behind.waiting() == [called]
            ear = here.ear().ready()
            await no_longer_waiting(here)
            ear.go()
            late = behind.ear().ready()
            await until(lambda: not behind.waiting())
            assert not late.heard
            assert await here.fates() == [(called, "spoken")]

    asyncio.run(story())


def test_a_busy_hall_does_not_renew_the_lease_at_each_change(redis_url: str, short: Speech) -> None:
    """Every renewal is a write to the disk."""

    async def story() -> None:
        async with zones(redis_url, redis_url, speech=short) as (here, there):
            ears = [here.ear().ready(), there.ear().ready()]
            await until(lambda: here.lease.holds > 1)
            began, holds = monotonic(), here.lease.holds + there.lease.holds
            for _ in range(100):
                await issue(here.hall)
            took = monotonic() - began
            assert here.lease.holds + there.lease.holds - holds <= 4 + 2 * took
            assert not any(ear.heard for ear in ears)

    asyncio.run(story())


def test_an_answer_for_a_zone_that_is_no_more_is_forgotten(redis_url: str, short: Speech) -> None:
    async def story() -> None:
        async with zones(redis_url, speech=short, zone="nowhere") as (zone,):

            async def hear(_: object) -> None:
                return None

            await zone.loudspeaker.spoken(zone.loudspeaker.join(hear, lambda: None), 5)
            assert not zone.loudspeaker._turns.uncounted()

    asyncio.run(story())


def test_two_zones_speak_at_the_same_time(redis_url: str, short: Speech, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was said in one is not over when the other is given its own."""
    monkeypatch.setattr("server.domain.turns.SETTLE", 60.0)

    async def story() -> None:
        async with zones(redis_url, speech=short) as (north,):
            south = Loudspeaker(north.hall, "selatan", north.lease, short, lambda site: site.pronunciation, find_notice)
            other = Zone(north.hall, north.lease, south)
            ears = [north.ear(plays=False).ready(), other.ear(plays=False).ready()]
            await north.open()
            await ask(north.hall, c.OpenCounter, counter="tiga")
            await north.call()
            await issue(north.hall, service="npwp")
            await ask(north.hall, c.CallNext, counter="tiga")
            await until(lambda: all(ear.heard for ear in ears))
            await south.aclose()

    asyncio.run(story())


def test_a_call_that_no_voice_can_say_does_not_silence_those_behind_it(redis_url: str, tmp_path: Path) -> None:
    """The voice cannot be had for one call, as with a full disk, and can for the next."""

    class Hoarse(ShortSpeech):
        def utterance(self, what: Utterable) -> Utterance:
            if isinstance(what, Call) and what.number == "A-001":
                raise SpeechUnavailable("no voice works off line")
            return super().utterance(what)

    async def story() -> None:
        with speech(tmp_path, Hoarse) as hoarse:
            async with zones(redis_url, speech=hoarse) as (zone,):
                await zone.open()
                unsayable, sayable = await zone.call(), await zone.call("dua")
                ear = zone.ear().ready()
                await no_longer_waiting(zone)
                assert await zone.fates() == [(unsayable, "unspeakable"), (sayable, "spoken")]
                assert [heard.announcement for heard in ear.heard] == [sayable]

    asyncio.run(story())


def test_a_loudspeaker_tells_of_its_speakers(redis_url: str, short: Speech) -> None:
    async def story() -> None:
        async with zones(redis_url, speech=short) as (zone,):
            silent, muted, able = zone.ear(plays=False).ready(), zone.ear(), zone.ear(plays=False).ready()

            def told(ear: Ear) -> dict[str, object]:
                (found,) = (one for one in zone.loudspeaker.speakers() if one["id"] == ear.speaker.id)
                return {key: value for key, value in found.items() if key not in ("id", "since")}

            await until(lambda: told(silent)["holder"])
            assert told(muted) == {"ready": False, "holder": False, "resting": False, "saying": None}
            await zone.open()
            announcement = await zone.call()
            await until(lambda: silent.heard)
            assert told(silent) == {"ready": True, "holder": True, "resting": False, "saying": announcement}
            await until(lambda: able.heard)
            assert told(silent) == {"ready": True, "holder": False, "resting": True, "saying": None}
            assert told(able) == {"ready": True, "holder": True, "resting": False, "saying": announcement}
            muted.go()
            ids = [one["id"] for one in zone.loudspeaker.speakers()]
            assert ids == [silent.speaker.id, able.speaker.id]
            since = zone.loudspeaker.speakers()[0]["since"]
            assert since.utcoffset() is not None
            assert since <= zone.hall.now()

    asyncio.run(story())
