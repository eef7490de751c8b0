"""Who speaks when, story by story."""

from typing import TypeVar

from server.domain import commands as c
from server.domain.turns import (
    BEAT,
    IDLE_LEASE,
    MOST_UNCOUNTED,
    OWED,
    REST,
    SETTLE,
    SLACK,
    Count,
    Cut,
    Expire,
    Hold,
    Listen,
    Prove,
    Release,
    Speak,
    Step,
    Wait,
)
from tests.unit.domain.world import ZONES, Desk, Place, World, length

S = TypeVar("S", bound=Step)
HERE, THERE = ("pagi", "utara"), ("sore", "utara")


def play(world: World, desk: Desk, kind: type[S], most: int = 12) -> S:
    """The next step of that kind; all others are done on the way."""
    for _ in range(most):
        world.follow(desk)
        step = world.step(desk)
        if isinstance(step, kind):
            return step
    raise AssertionError(f"no {kind.__name__}")


def said(world: World) -> int:
    """The call that a speaker has just said to its end and not answered yet."""
    world.join(HERE, ready=True)
    announcement = world.call("satu")
    play(world, HERE, Speak)
    world.wait(length(announcement))
    return announcement


def test_calls_recalls_and_notices_are_said_in_the_order_in_which_they_were_asked_for() -> None:
    world = World()
    world.join(HERE, ready=True)
    first, second = world.call("satu"), world.call("dua")
    notice = world.bench.do(c.AnnounceNotice, notice="n").seq
    recall = world.bench.do(c.Recall, counter="satu").seq
    world.run(lambda: not world.bench.state.announcements.get("utara"))
    assert [played.announcement for played in world.played] == [first, second, notice, recall]
    assert [fate for _, fate in world.fates("utara")] == ["spoken"] * 4
    assert world.fates("selatan") == [], "there is nobody who could say the notice there"


def test_another_speaker_takes_over_two_seconds_after_the_utterances_length_and_not_before() -> None:
    world = World()
    _, other = world.join(HERE, ready=True), world.join(HERE, ready=True)
    announcement = world.call("satu")
    play(world, HERE, Speak)
    world.wait(length(announcement) + SETTLE - 0.01)
    assert isinstance(world.step(HERE), Wait)
    world.wait(0.01)
    again = play(world, HERE, Speak)
    assert isinstance(again, Speak)
    assert (again.speaker, again.announcement.id) == (other, announcement)


def test_who_kept_silent_is_cut_off_before_anybody_is_given_anything_and_rests_when_it_is_back() -> None:
    world = World()
    silent = world.join(HERE, ready=True)
    announcement = world.call("satu")
    play(world, HERE, Speak)
    world.wait(length(announcement) + SETTLE)
    assert play(world, HERE, Cut) == Cut(silent)
    cut_at = world.at
    back, third = world.join(HERE, ready=True), world.join(HERE, ready=True)
    turns = world.places[HERE].turns
    assert turns.resting(back, cut_at + REST - 0.01)
    assert not turns.resting(back, cut_at + REST)
    assert play(world, HERE, Speak).speaker == third


def test_who_says_that_it_cannot_is_not_cut_off_and_need_not_rest_when_it_can_again() -> None:
    world = World()
    speaker = world.join(HERE, ready=True)
    announcement = world.call("satu")
    play(world, HERE, Speak)
    world.report(HERE, speaker, False)
    world.report(HERE, speaker, True)
    assert isinstance(world.step(HERE), Wait), "some of it may be heard all the same"
    world.wait(length(announcement) + SETTLE)
    assert play(world, HERE, Speak).speaker == speaker
    assert world.cut == []


def test_what_another_was_given_counts_and_nothing_else_is_said_before_that_must_have_ended() -> None:
    """The one that was given it may have come back under another name; what it said before may sound on."""
    world = World()
    world.join(HERE, ready=True)
    first, second = world.call("satu"), world.call("dua")
    play(world, HERE, Speak)
    other = world.join(HERE)
    world.claim(HERE, other, first)
    assert play(world, HERE, Count) == Count(first)
    world.follow(HERE)
    world.wait(length(first) + SETTLE - 0.01)
    assert isinstance(world.step(HERE), Wait)
    world.run(lambda: not world.bench.state.announcements)
    assert [one.announcement for one in world.played] == [first, second]


def test_what_another_process_gave_counts_where_its_speaker_comes_back() -> None:
    world = World()
    world.join(HERE, ready=True)
    announcement = world.call("satu")
    play(world, HERE, Speak)
    world.places[HERE] = Place()
    back = world.join(THERE, ready=True)
    world.follow(THERE)
    world.claim(THERE, back, announcement)
    assert world.step(THERE) == Count(announcement)
    assert world.fates("utara") == [(announcement, "spoken")]


def test_a_speaker_that_claims_the_impossible_fills_no_memory() -> None:
    world = World()
    liar = world.join(HERE)
    for claim in range(10_000):
        world.claim(HERE, liar, claim)
    assert len(world.places[HERE].turns.uncounted()) <= MOST_UNCOUNTED


def test_another_process_takes_over_no_earlier_and_not_much_later() -> None:
    world = World()
    world.join(HERE, ready=True)
    world.join(THERE, ready=True)
    announcement = world.call("satu")
    play(world, HERE, Speak)
    world.places[HERE] = Place()
    began = world.at
    while not isinstance(world.step(THERE), Speak):
        world.follow(THERE)
        world.wait(0.05)
    assert 0 <= world.at - began - length(announcement) - SETTLE <= SLACK + BEAT + 0.5


def test_who_answered_while_the_process_slept_is_not_taken_for_silent() -> None:
    world = World()
    world.join(HERE, ready=True)
    world.join(HERE, ready=True)
    announcement = world.call("satu")
    play(world, HERE, Speak)
    world.wait(length(announcement) + SETTLE + 1)
    assert isinstance(world.step(HERE), Listen)
    world.answer(HERE, world.played[-1])
    world.run(lambda: not world.bench.state.announcements)
    assert [one.announcement for one in world.played] == [announcement]
    assert world.cut == []


def test_the_zone_is_kept_while_the_log_does_not_take_what_was_heard() -> None:
    """But not for ever: nobody could say anything."""
    world = World()
    world.join(THERE, ready=True)
    announcement = said(world)
    world.answer(HERE, world.played[-1])
    heard_at, turns = world.at, world.places[HERE].turns
    while len(world.played) == 1 and world.at < heard_at + 2 * OWED:
        world.follow(THERE)
        while not isinstance(world.step(THERE), Wait):
            pass
        step = turns.next(world.at, world.places[HERE].queue.in_hand, False)
        if isinstance(step, Hold):
            turns.held(step, world.hold("utara", step.speaker, step.seconds), world.at)
        else:
            assert step == Count(announcement)
            turns.lose(world.at + 1)
            world.wait(1.0)
    assert OWED < world.at - heard_at < OWED + IDLE_LEASE + BEAT


def test_what_was_heard_is_written_down_even_if_nobody_tells_who_has_the_zone() -> None:
    world = World()
    announcement = said(world)
    turns = world.places[HERE].turns
    turns.heard(world.played[-1].speaker, announcement)
    assert isinstance(turns.next(world.at, None, False), Hold)
    turns.lose(world.at + 1)
    assert turns.next(world.at + 1, None, False) == Count(announcement)


def test_a_late_answer_counts_and_the_one_who_speaks_meanwhile_is_not_interrupted() -> None:
    world = World()
    world.join(HERE, ready=True)
    first, second = world.call("satu"), world.call("dua")
    play(world, HERE, Speak)
    late = world.played[-1]
    world.join(HERE, ready=True)
    world.wait(length(first) + SETTLE)
    play(world, HERE, Speak)
    world.answer(HERE, late)
    play(world, HERE, Count)
    assert world.fates("utara") == [(first, "spoken")]
    assert isinstance(world.step(HERE), Wait), "the other one still says it"
    world.wait(length(first))
    world.answer(HERE, world.played[-1])
    assert play(world, HERE, Speak).announcement.id == second
    assert world.fates("utara") == [(first, "spoken")]


def test_the_muted_and_those_who_have_not_said_that_they_can_are_passed_over() -> None:
    world = World()
    world.join(HERE, ready=False)
    world.join(HERE)
    world.call("satu")
    assert world.step(HERE) == Wait(None)
    able = world.join(HERE, ready=True)
    assert play(world, HERE, Speak).speaker == able


def test_a_holder_that_mutes_itself_lets_the_zone_go() -> None:
    world = World()
    speaker = world.join(HERE, ready=True)
    play(world, HERE, Hold)
    world.report(HERE, speaker, False)
    assert world.step(HERE) == Release(speaker)
    assert "utara" not in world.leases


def test_what_is_too_old_or_no_longer_true_is_not_begun() -> None:
    world = World()
    world.join(HERE, ready=True)
    come, old = world.call("satu"), world.call("dua")
    world.bench.do(c.Start, counter="satu")
    assert play(world, HERE, Expire) == Expire(come)
    world.wait(world.bench.state.hall.announcement.expires)
    assert play(world, HERE, Expire) == Expire(old)
    assert world.fates("utara") == [(come, "no-longer-called"), (old, "too-old")]


def test_where_another_has_the_zone_it_is_asked_for_again_after_a_beat() -> None:
    world = World()
    world.join(HERE, ready=True)
    world.join(THERE, ready=True)
    world.step(HERE)
    assert isinstance(world.step(THERE), Hold)
    assert world.step(THERE) == Wait(BEAT)
    world.wait(BEAT)
    assert isinstance(world.step(THERE), Hold)


def test_whoever_lost_the_zone_asks_the_log_again_before_it_speaks() -> None:
    """Between its proof and its lease another process had the time to say it."""
    world = World()
    world.join(HERE, ready=True)
    world.call("satu")
    play(world, HERE, Prove)
    world.leases.clear()
    assert isinstance(world.step(HERE), Hold)
    assert isinstance(world.step(HERE), Prove)


def test_a_word_that_comes_too_long_after_its_lease_is_not_said() -> None:
    world = World()
    world.join(HERE, ready=True)
    world.call("satu")
    play(world, HERE, Prove)
    assert isinstance(world.step(HERE, slow=SLACK + 0.1), Hold)
    assert isinstance(world.step(HERE), Hold)
    assert isinstance(world.step(HERE), Speak)


def test_what_no_voice_can_say_is_tried_twice_and_given_up() -> None:
    world = World()
    world.join(HERE, ready=True)
    unsayable, sayable = world.call("satu"), world.call("dua")
    world.hoarse.add(unsayable)
    world.run(lambda: not world.bench.state.announcements)
    assert world.fates("utara") == [(unsayable, "unspeakable"), (sayable, "spoken")]


def test_two_zones_speak_at_the_same_time() -> None:
    world = World()
    for zone in ZONES:
        world.join(("pagi", zone), ready=True)
    notice = world.bench.do(c.AnnounceNotice, notice="n").seq
    for zone in ZONES:
        play(world, ("pagi", zone), Speak)
    assert [(played.zone, played.announcement, played.began) for played in world.played] == [
        ("utara", notice, 0.0),
        ("selatan", notice, 0.0),
    ]
