"""What is well and what is not: judged from signs of life, at a moment."""

from datetime import UTC, datetime, timedelta

import pytest

from server.jobs import Hand, Overview, Shelf
from server.log.devices import Device, Known, Server, Standing
from server.log.speakers import Connected
from server.web import signs
from tests.unit.domain.builders import SITE

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
SHELVES = (Shelf("voice", 0, 0, 0), Shelf("metrics", 0, 0, 0))


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def hand(queue: str, pid: int, seen: float, since: float | None = None, host: str = "pc") -> Hand:
    return Hand(queue, host, pid, "idle", ago(seen), True, since=None if since is None else ago(since))


def server(port: int = 8000, available: bool = True, lag: int = 0, others: dict[str, int] | None = None) -> Server:
    return Server("pc", port, 1, ago(900), {SITE.id: Standing(9, lag, available, 2, others or {})})


def device(kind: str = "tv", place: str = "utara", name: str = "a" * 24) -> Device:
    return Device(SITE.id, kind, place, name, "192.168.1.20", ago(60))


@pytest.mark.parametrize(
    ("one", "seen", "why"),
    [(server(), 14, "well"), (server(), 16, "silent"), (server(available=False), 1, "cut-off")],
)
def test_a_server_process_is_well_while_it_speaks_and_reaches_the_log(one: Server, seen: float, why: str) -> None:
    (found,) = signs.servers([(one, ago(seen))], NOW)
    assert (found.why, found.state) == (why, "good" if why == "well" else "bad")


def test_what_nobody_does_is_missing() -> None:
    found = signs.hands(Overview(SHELVES, (), (hand("voice", 2, 9),)), NOW, 0)
    assert {(one.kind, one.why) for one in found} == {
        ("dispatch", "missing"),
        ("voice", "well"),
        ("metrics", "missing"),
    }


def test_a_worker_that_was_started_again_is_not_missed_and_one_that_was_stopped_is() -> None:
    again = (hand("voice", 2, seen=40, since=900), hand("voice", 3, seen=1, since=35))
    stopped = (hand("metrics", 4, seen=40, since=900), hand("metrics", 5, seen=1, since=900))
    elsewhere = (hand("", 6, seen=40, host="other"), hand("", 7, seen=1))
    found = signs.hands(Overview(SHELVES, (), again + stopped + elsewhere), NOW, 0)
    assert {one.id: one.why for one in found} == {
        "voice-pc-3": "well",
        "metrics-pc-4": "silent",
        "metrics-pc-5": "well",
        "dispatch-other-6": "silent",
        "dispatch-pc-7": "well",
    }


def test_a_worker_with_the_number_of_the_one_before_it_takes_its_place() -> None:
    again = (hand("voice", 1, seen=40, since=900), hand("voice", 1, seen=1, since=35))
    (found,) = (one for one in signs.hands(Overview(SHELVES, (), again), NOW, 0) if one.kind == "voice")
    assert (found.why, found.since) == ("well", ago(35))


def test_two_dispatchers_of_a_machine_are_shown_until_one_is_silent() -> None:
    shown = [
        [one.id for one in signs.hands(Overview(SHELVES, (), both), NOW, 0) if one.kind == "dispatch"]
        for both in ((hand("", 6, seen=9), hand("", 7, seen=1)), (hand("", 6, seen=16), hand("", 7, seen=1)))
    ]
    assert shown == [["dispatch-pc-6", "dispatch-pc-7"], ["dispatch-pc-7"]]


def test_a_reader_far_behind_the_log_is_told() -> None:
    lag = signs.BEHIND + 1
    dispatch, *_ = signs.hands(Overview(SHELVES, (), (hand("", 7, 1),)), NOW, lag)
    assert (dispatch.why, dispatch.state, dispatch.lag) == ("behind", "warn", lag)
    _, history = signs.stores(None, NOW, lag, True, None)
    assert (history.why, history.lag) == ("behind", lag)


def test_the_stores_are_away_when_they_do_not_answer() -> None:
    assert [one.why for one in signs.stores(None, NOW, None, False, False)] == ["away", "away", "away"]
    well = Known(NOW, [], [], {}, {}, {"redis_version": "8.0.1", "uptime_in_seconds": 60})
    log, *_ = signs.stores(well, NOW, 0, True, None)
    assert (log.why, log.since) == ("well", ago(60))
    full = Known(NOW, [], [], {}, {}, {"redis_version": "8.0.1", "aof_last_write_status": "err"})
    assert signs.stores(full, NOW, 0, True, None)[0].why == "not-kept"


def test_a_silent_device_comes_first_and_is_called_as_its_place_is() -> None:
    told = [(device(name="b" * 24), ago(3)), (device("counter", "satu"), ago(15.2)), (device("kiosk", ""), ago(1))]
    found = signs.contacts(SITE, told, NOW)
    assert [(one.kind, one.name, one.state) for one in found] == [
        ("counter", "Loket 1", "bad"),
        ("kiosk", "", "good"),
        ("tv", "Zona Utara", "good"),
    ]


def test_a_place_that_the_site_has_given_up_keeps_its_id() -> None:
    assert signs.place_name(SITE, "counter", "sembilan") == "sembilan"
    assert signs.place_name(SITE, "tv", "barat") == "barat"


def test_a_zone_is_unheard_when_no_loudspeaker_of_its_can_speak_or_none_is_there_though_a_counter_works() -> None:
    def speaker(ready: bool = True, resting: bool = False) -> Connected:
        return Connected("z", "s", NOW, ready, False, resting, None)

    muted, resting = speaker(ready=False), speaker(resting=True)
    zones = {
        "heard": [muted, speaker()],
        "muted": [muted],
        "resting": [muted, resting],
        "bare": [],
        "closed": [],
        "unknown": None,
    }
    told = [{"id": id, "name": id.upper(), "speakers": speakers} for id, speakers in zones.items()]
    found = signs.unheard(told, {"heard", "bare", "unknown"})
    assert [(one.name, one.why) for one in found] == [("MUTED", "muted"), ("RESTING", "resting"), ("BARE", "none")]


def test_sockets_without_a_name_are_counted_over_the_living_processes() -> None:
    told = [
        (server(1, others={"tv/utara": 2}), ago(1)),
        (server(2, others={"tv/utara": 1}), ago(2)),
        (server(3), ago(99)),
    ]
    (found,) = signs.sockets(SITE, signs.alive(told, NOW))
    assert (found.kind, found.name, found.number) == ("tv", "Zona Utara", 3)
