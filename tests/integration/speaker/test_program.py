"""The program on its mini-PC: heard and acknowledged, whatever dies meanwhile."""

import signal
import time
from functools import partial

import pytest

from tests.integration.speaker.gate import Gate
from tests.integration.speaker.machines import READY, SPEAKING, Start, call, fates, has_speaker
from tests.integration.speaker.short_server import SECONDS
from tests.integration.web.house import Api, Server
from tests.processes import free_port, until


def test_calls_are_heard_one_after_another_and_acknowledged(api: Api, start: Start) -> None:
    machine = start(api)
    machine.tells(READY)
    began = time.monotonic()
    asked = [call(api)]
    asked.append(int(api.work("loket-1", "recall")["seq"]))
    until(lambda: len(fates(api)) == 2, tell=lambda: str(machine.lines))
    assert fates(api) == [(seq, "spoken") for seq in asked]
    assert time.monotonic() - began > 1.5 * SECONDS, "each takes its chime and its words"
    assert machine.told(SPEAKING) == 2
    assert "A" in machine.lines[1]
    assert machine.ends(signal.SIGTERM) == 0
    assert machine.lines[-1].startswith("berhenti")


def test_a_speaker_that_is_killed_in_mid_word_is_followed_by_another(api: Api, start: Start) -> None:
    machines = [start(api), start(api)]
    for machine in machines:
        machine.tells(READY)
    asked = call(api)
    until(lambda: any(machine.told(SPEAKING) for machine in machines))
    first, second = sorted(machines, key=lambda machine: -machine.told(SPEAKING))
    first.kill()
    second.tells(SPEAKING)
    until(lambda: fates(api), tell=lambda: str(second.lines))
    assert fates(api) == [(asked, "spoken")]


def has_fates(api: Api, times: int) -> bool:
    return len(fates(api)) == times


def test_of_two_speakers_one_speaks(api: Api, start: Start) -> None:
    machines = [start(api), start(api)]
    for machine in machines:
        machine.tells(READY)
    for times in (1, 2):
        call(api)
        until(partial(has_fates, api, times))
    assert sorted(machine.told(SPEAKING) for machine in machines) == [0, 2]
    next(one for one in machines if not one.told(SPEAKING)).tells("siap; pengeras suara lain")


def test_a_server_that_is_killed_in_mid_word_is_told_when_it_is_back(only: Api, start: Start) -> None:
    machine = start(only)
    machine.tells(READY)
    asked = call(only)
    machine.tells(SPEAKING)
    only.server.kill()
    machine.tells("server http")
    time.sleep(SECONDS + 0.5)  # it is said to its end meanwhile
    only.server.start().ready()
    until(lambda: fates(only), tell=lambda: str(machine.lines))
    assert fates(only) == [(asked, "spoken")]
    assert machine.told(SPEAKING) <= 2, "in hand, cut off, in hand still"
    machine.tells(READY, times=2)
    later = call(only)
    until(lambda: len(fates(only)) == 2)
    assert fates(only)[-1] == (later, "spoken")


def test_what_was_told_into_a_broken_line_is_told_again_and_counts_once(api: Api, start: Start) -> None:
    with Gate(api.server.port) as gate:
        machine = start(api, url=gate.url)
        machine.tells(READY)
        until(lambda: has_speaker(api))
        gate.deaf = True
        asked = call(api)
        machine.tells(READY, times=2)
        assert fates(api) == []
        gate.deaf = False
        gate.cut()
        until(lambda: fates(api), tell=lambda: str(machine.lines))
        machine.tells(READY, times=3)
        gate.cut()
        machine.tells(READY, times=4)
        assert fates(api) == [(asked, "spoken")]
        assert machine.told(SPEAKING) == 1


def test_what_cannot_be_fetched_is_not_claimed_and_said_when_it_can(api: Api, start: Start) -> None:
    with Gate(api.server.port) as gate:
        machine = start(api, url=gate.url)
        machine.tells(READY)
        gate.sounds = False
        asked = call(api)
        machine.tells("rekaman tidak dapat diambil")
        until(lambda: gate.refused > 2)
        assert fates(api) == []
        gate.sounds = True
        until(lambda: fates(api), within=40, tell=lambda: str(machine.lines))
        assert fates(api) == [(asked, "spoken")]


def test_a_machine_without_sound_is_passed_over_and_says_why(api: Api, start: Start) -> None:
    mute = start(api, "--device", "tidak ada")
    mute.tells("tidak bisa bersuara")
    asked = call(api)
    assert fates(api) == []
    able = start(api)
    able.tells(SPEAKING)
    until(lambda: fates(api))
    assert fates(api) == [(asked, "spoken")]
    assert mute.told(SPEAKING) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_in_mid_word_and_claims_nothing(api: Api, start: Start, number: signal.Signals) -> None:
    machine = start(api)
    machine.tells(READY)
    call(api)
    machine.tells(SPEAKING)
    assert machine.ends(number) == 0
    assert fates(api) == []


def test_a_machine_that_starts_before_its_server_waits_for_it(only: Api, start: Start) -> None:
    only.server.kill()
    machine = start(only)
    machine.tells("server http")
    time.sleep(1)
    only.server.start().ready()
    machine.tells(READY)


@pytest.mark.parametrize(
    ("options", "token", "zone", "sentence"),
    [
        ((), "salah", "utama", "Token tidak dikenal"),
        ((), " ", "utama", "Token belum diberikan"),
        ((), "integration", "utama", "Token ini tidak boleh bersuara"),
        ((), "kiosk-lain", "utama", "Token ini tidak boleh bersuara"),
        ((), "kiosk", "barat", "Tidak ada zona barat di situs gerai; yang ada: utama, timur"),
        (("--site", "lain"), "kiosk", "utama", "Tidak ada situs lain di server ini; yang ada: gerai"),
    ],
)
def test_a_mistake_is_told_plainly_and_ends_it(
    only: Api, start: Start, options: tuple[str, ...], token: str, zone: str, sentence: str
) -> None:
    machine = start(only, *options, token=token, zone=zone)
    assert machine.ends() == 2
    assert sentence in machine.out.read_text("utf-8")


def test_of_several_sites_one_must_be_named(
    many: tuple[Server, dict[str, str], object], only: Api, start: Start
) -> None:
    machine = start(only, url=many[0].url, token=many[1]["kiosk"])
    assert machine.ends() == 2
    assert "sebutkan dengan --site: suara-" in machine.out.read_text("utf-8")


def test_an_address_that_is_none_is_told(only: Api, start: Start) -> None:
    machine = start(only, url="ftp://hall")
    assert machine.ends() == 2
    assert "bukan alamat server" in machine.lines[0]


def test_nobody_at_the_address_is_no_reason_to_end(only: Api, start: Start) -> None:
    machine = start(only, url=f"127.0.0.1:{free_port()}")
    machine.tells("server http")
    time.sleep(1)
    assert machine.process.poll() is None
    assert machine.told("server http") == 1, "one line a change"
    assert machine.ends(signal.SIGTERM) == 0
