"""Two processes, two zones, speakers that come, fall silent and die, in any order of steps."""

from contextlib import suppress

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from server.domain import commands as c
from server.domain.errors import NotAllowedNow, TooMany
from tests.unit.domain.builders import examples
from tests.unit.domain.world import COUNTERS, PROCESSES, ZONES, Desk, Place, World

PICK = st.integers(0, 100)


class AnyHall(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.world = World()

    def desk(self, choice: int) -> Desk:
        return PROCESSES[choice % 2], ZONES[choice // 2 % 2]

    def speaker(self, choice: int) -> tuple[Desk, str] | None:
        there = [(desk, one) for desk, place in self.world.places.items() for one in place.speakers]
        return there[choice % len(there)] if there else None

    @rule(seconds=st.sampled_from((0.1, 0.4, 1.0, 2.1, 4.0, 7.0, 11.0, 60.0)))
    def wait(self, seconds: float) -> None:
        self.world.wait(seconds)

    @rule(counter=st.sampled_from(tuple(COUNTERS)), again=st.booleans())
    def call(self, counter: str, again: bool) -> None:
        self.world.call(counter)
        if again:
            self.world.bench.do(c.Recall, counter=counter)

    @rule(counter=st.sampled_from(tuple(COUNTERS)))
    def come(self, counter: str) -> None:
        with suppress(NotAllowedNow):
            self.world.bench.do(c.Start, counter=counter)

    @rule(zones=st.sampled_from((("utara",), ("selatan",), ())))
    def notice(self, zones: tuple[str, ...]) -> None:
        with suppress(TooMany):
            self.world.bench.do(c.AnnounceNotice, notice="n", zones=zones)

    @precondition(lambda self: any(self.world.bench.state.announcements))
    @rule(choice=PICK)
    def no_voice(self, choice: int) -> None:
        waiting = [one.id for queue in self.world.bench.state.announcements.values() for one in queue]
        self.world.hoarse.add(waiting[choice % len(waiting)])

    @rule(choice=PICK, ready=st.sampled_from((True, True, True, False, None)))
    def join(self, choice: int, ready: bool | None) -> None:
        self.world.join(self.desk(choice), ready)

    @rule(choice=PICK, ready=st.booleans())
    def report(self, choice: int, ready: bool) -> None:
        found = self.speaker(choice)
        if found:
            self.world.report(*found, ready)

    @rule(choice=PICK)
    def leave(self, choice: int) -> None:
        found = self.speaker(choice)
        if found:
            self.world.leave(*found)

    @rule(process=st.sampled_from(PROCESSES))
    def die(self, process: str) -> None:
        """A process is killed, with the speakers that hung on it; another one begins."""
        for desk in self.world.places:
            if desk[0] == process:
                self.world.places[desk] = Place()
                self.world.follow(desk)

    @rule(choice=PICK)
    def lose_the_log(self, choice: int) -> None:
        self.world.places[self.desk(choice)].turns.lose(self.world.at + 1)

    @rule(choice=PICK)
    def follow(self, choice: int) -> None:
        self.world.follow(self.desk(choice))

    @rule(choice=PICK, steps=st.sampled_from((1, 1, 2, 5, 8)), slow=st.sampled_from((0.0, 0.0, 0.0, 0.2, 0.9, 7.0)))
    def step(self, choice: int, steps: int, slow: float) -> None:
        for _ in range(steps):
            self.world.step(self.desk(choice), slow)

    @rule(choice=PICK)
    def answer(self, choice: int) -> None:
        """In time, late, or once more."""
        there = list(self.world.answerable())
        if there:
            self.world.answer(*there[-1 - choice % len(there)])

    @rule(choice=PICK, which=PICK)
    def lie(self, choice: int, which: int) -> None:
        """Anybody who may speak, ready or not, says that something was said that was not given to it."""
        found = self.speaker(choice)
        waiting = [one.id for queue in self.world.bench.state.announcements.values() for one in queue]
        if found and waiting:
            announcement = waiting[which % len(waiting)]
            if (found[1], announcement) not in [(one.speaker, one.announcement) for one in self.world.played]:
                self.world.claim(*found, announcement)

    def teardown(self) -> None:
        """With one able speaker in each zone, all that waits is spoken or expires; what was asked for ends once."""
        world = self.world
        for zone in ZONES:
            world.join((PROCESSES[0], zone), ready=True)
        world.run(lambda: not world.bench.state.announcements)
        for zone in ZONES:
            fates = world.fates(zone)
            ended = [announcement for announcement, _ in fates]
            assert len(ended) == len(set(ended)), "each ends once"
            spoken = [announcement for announcement, fate in fates if fate == "spoken"]
            assert spoken == sorted(spoken), "in the order in which they were asked for"
        world.bench.check()


TestTurns = AnyHall.TestCase
TestTurns.settings = examples(150, steps=60)
