"""The log, the leases and the ears around any number of `Turns`: time passes as a test says."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from server.domain import commands as c
from server.domain import events as e
from server.domain.announcements import AnnouncementQueue, must_expire
from server.domain.turns import (
    SETTLE,
    Count,
    Cut,
    Expire,
    Hold,
    Make,
    Prove,
    Release,
    Speak,
    Step,
    Tenure,
    Turns,
    Wait,
)
from tests.unit.domain.builders import MONDAY, Bench

COUNTERS = {"satu": "utara", "dua": "utara", "tiga": "selatan"}
SERVICES = {"satu": "paspor", "dua": "paspor", "tiga": "npwp"}
ZONES = ("utara", "selatan")
PROCESSES = ("pagi", "sore")

Desk = tuple[str, str]  # process and zone
Ended = e.AnnouncementSpoken | e.AnnouncementExpired


@dataclass
class Played:
    """What a speaker was given. over: when its process heard of its end, if it did. hushed: it could not, it said."""

    zone: str
    speaker: str
    announcement: int
    began: float
    length: float
    over: float | None = None
    hushed: bool = False

    def silent_at(self) -> float:
        """From when on another may speak."""
        return self.began + self.length + SETTLE if self.over is None else self.over


@dataclass
class Place:
    """One zone in one process: its turns, and what the process knows of the log there."""

    turns: Turns = field(default_factory=Turns)
    queue: AnnouncementQueue = field(default_factory=AnnouncementQueue)
    speakers: dict[str, bool] = field(default_factory=dict)
    proved_at: float = 0.0


class World:
    """The log, the leases and the ears, around any number of `Turns`; at: seconds."""

    def __init__(self) -> None:
        self.at = 0.0
        self.bench = Bench()
        self.bench.open()
        self.places = {(process, zone): Place() for process in PROCESSES for zone in ZONES}
        self.leases: dict[str, tuple[str, float]] = {}
        self.cut: list[str] = []
        self.played: list[Played] = []
        self.hoarse: set[int] = set()
        self.made = 0

    def wait(self, seconds: float) -> None:
        self.at += seconds
        self.bench.now = MONDAY + timedelta(seconds=self.at)
        self.bench.do(c.Tick)

    def true(self, zone: str) -> AnnouncementQueue:
        return self.bench.state.announcements.get(zone, AnnouncementQueue())

    def follow(self, desk: Desk) -> None:
        self.places[desk].queue = self.true(desk[1]).copy()

    def join(self, desk: Desk, ready: bool | None = None) -> str:
        self.made += 1
        speaker = f"s{self.made}"
        self.places[desk].turns.join(speaker)
        self.places[desk].speakers[speaker] = False
        if ready is not None:
            self.report(desk, speaker, ready)
        return speaker

    def report(self, desk: Desk, speaker: str, ready: bool) -> None:
        self.places[desk].turns.report(speaker, ready)
        self.places[desk].speakers[speaker] = ready
        for played in self.played:
            played.hushed |= played.speaker == speaker and not ready

    def leave(self, desk: Desk, speaker: str) -> None:
        self.places[desk].turns.leave(speaker)
        del self.places[desk].speakers[speaker]

    def call(self, counter: str) -> int:
        self.bench.issue(SERVICES[counter])
        return self.bench.do(c.CallNext, counter=counter).seq

    def step(self, desk: Desk, slow: float = 0.0) -> Step:
        """One step of one process. slow: seconds until it learns what the lease or the log answered."""
        place, zone = self.places[desk], desk[1]
        turns = place.turns
        in_hand = place.queue.in_hand
        stale = in_hand is not None and must_expire(self.bench.state.hall, in_hand, self.bench.now)
        step = turns.next(self.at, in_hand, stale)
        match step:
            case Count(announcement):
                self.bench.do(c.MarkSpoken, zone=zone, announcement=announcement)
                turns.counted(announcement)
                self.follow(desk)
            case Cut(speaker):
                self.cut.append(speaker)
                self.leave(desk, speaker)
            case Hold(speaker, seconds):
                asked, tenure = self.at, self.hold(zone, speaker, seconds)
                self.wait(slow)
                turns.held(step, tenure, asked)
            case Release(speaker):
                if self.leases.get(zone, ("", 0.0))[0] == speaker:
                    del self.leases[zone]
            case Expire(announcement, unspeakable):
                if unspeakable:
                    assert announcement in self.hoarse
                kind = c.ExpireAnnouncement
                self.bench.do(kind, zone=zone, announcement=announcement, unspeakable=unspeakable)
                self.follow(desk)
            case Make(announcement):
                if announcement.id in self.hoarse:
                    turns.failed(announcement, self.at)
                else:
                    turns.made(announcement, length(announcement.id))
            case Prove():
                self.follow(desk)
                place.proved_at = self.at
                self.wait(slow)
                turns.proved(place.queue.in_hand)
            case Speak(speaker, announcement, at):
                assert not stale
                assert at == self.at
                self.speak(desk, speaker, announcement.id)
        return step

    def hold(self, zone: str, speaker: str, seconds: float) -> Tenure:
        holder, until = self.leases.get(zone, ("", 0.0))
        if holder and holder != speaker and self.at < until:
            return Tenure.REFUSED
        self.leases[zone] = (speaker, self.at + seconds)
        return Tenure.KEPT if holder == speaker and self.at < until else Tenure.TAKEN

    def speak(self, desk: Desk, speaker: str, announcement: int) -> None:
        """Give it to the speaker, if that may be."""
        place, zone = self.places[desk], desk[1]
        assert place.speakers[speaker], "it said that it can make sound"
        for other in self.played:
            if other.zone == zone:
                assert self.at >= other.silent_at(), "never two at once"
                silent = other.over is None and not other.hushed
                assert not (silent and other.speaker in place.speakers), "who kept silent is cut off"
        in_hand = self.true(zone).in_hand
        assert (in_hand and in_hand.id == announcement) or self.ended_at(zone, announcement) >= place.proved_at
        self.played.append(Played(zone, speaker, announcement, self.at, length(announcement)))

    def answer(self, desk: Desk, played: Played) -> None:
        """The speaker tells that it has said it to the end, for the first time or again."""
        assert self.at >= played.began + played.length
        played.over = self.at if played.over is None else played.over
        self.places[desk].turns.heard(played.speaker, played.announcement)

    def claim(self, desk: Desk, speaker: str, announcement: int) -> None:
        """It says that it has said something that it was not given."""
        self.places[desk].turns.heard(speaker, announcement)

    def answerable(self) -> Iterator[tuple[Desk, Played]]:
        """What connected speakers have played to its end."""
        for desk, place in self.places.items():
            for played in self.played:
                if played.speaker in place.speakers and self.at >= played.began + played.length:
                    yield desk, played

    def ends(self, zone: str) -> list[Ended]:
        events = [entry.event for entry in self.bench.log]
        return [event for event in events if isinstance(event, Ended) and event.zone == zone]

    def fates(self, zone: str) -> list[tuple[int, str]]:
        return [(event.announcement, getattr(event, "reason", "spoken")) for event in self.ends(zone)]

    def ended_at(self, zone: str, announcement: int) -> float:
        for event in self.ends(zone):
            if event.announcement == announcement:
                return (event.at - MONDAY).total_seconds()
        raise AssertionError("neither in hand nor ended: it is said out of its turn")

    def run(self, until: Callable[[], object], within: float = 600.0) -> None:
        """Everybody does what there is to do, and each speaker answers at once."""
        end = self.at + within
        while not until():
            assert self.at < end, (self.fates("utara"), self.fates("selatan"), self.leases, self.played)
            for desk in self.places:
                self.follow(desk)
                for _ in range(20):
                    if isinstance(self.step(desk), Wait):
                        break
            for desk, played in list(self.answerable()):
                if played.over is None:
                    self.answer(desk, played)
            self.wait(0.25)


def length(announcement: int) -> float:
    """Seconds of its utterance."""
    return 3.0 + announcement % 4
