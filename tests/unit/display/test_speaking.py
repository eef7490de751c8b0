"""A speaker says one thing after another and claims only what was heard (tv-utterances.js).

The same rules as of speaker/conversation.py, tested in tests/unit/speaker/test_conversation.py.
"""

from typing import Any

from tests.unit.display.conftest import Run

DRIVE = """
const log = [];
let open = true;
const utterances = new m.Utterances({
  play(frame) { log.push("play " + frame.announcement); },
  send(frame) {
    if (open) { log.push(frame.type + (frame.announcement === undefined ? "" : " " + frame.announcement)); }
    return open;
  },
});
const steps = {
  cut() { open = false; },
  open() { open = true; utterances.opened(); },
  beat() { utterances.beat("one"); },
  restored() { utterances.beat("two"); },
  able() { utterances.can(true); },
  unable() { utterances.can(false); },
  heard() { utterances.played(true); },
  failed() { utterances.played(false); },
};
given.forEach(function (step) {
  if (steps[step]) { steps[step](); }
  else { utterances.speak({announcement: step[0], text: step[1] || "text " + step[0]}); }
});
return log;
"""
READY = ("open", "able", "beat")


def drive(run: Run, *steps: Any) -> Any:
    """What happened after a speaker had connected and said that it is ready."""
    log = run("tv-utterances.js", DRIVE, [*READY, *steps])
    assert log[0] == "ready"
    return log[1:]


def test_nothing_is_said_before_the_server_has_told_which_log_it_is(run: Run) -> None:
    assert run("tv-utterances.js", DRIVE, ["open", "able", "unable"]) == []
    assert run("tv-utterances.js", DRIVE, ["open", "beat", "beat", "able", "able", "unable"]) == [
        "muted",
        "ready",
        "muted",
    ]


def test_what_was_heard_to_the_end_is_reported(run: Run) -> None:
    assert drive(run, [1], "heard") == ["play 1", "spoken 1"]


def test_two_utterances_never_sound_at_once(run: Run) -> None:
    assert drive(run, [1], [2], "heard", "heard") == ["play 1", "spoken 1", "play 2", "spoken 2"]


def test_the_same_announcement_again_while_it_plays_or_waits_is_ignored(run: Run) -> None:
    assert drive(run, [1], [1], [2], [2], "heard", "heard") == ["play 1", "spoken 1", "play 2", "spoken 2"]


def test_what_was_spoken_already_is_answered_without_being_played(run: Run) -> None:
    assert drive(run, [1], "heard", [1]) == ["play 1", "spoken 1", "spoken 1"]


def test_the_same_id_with_another_text_is_another_announcement(run: Run) -> None:
    steps = ([1, "before the restore"], "heard", [1, "after the restore"])
    assert drive(run, *steps) == ["play 1", "spoken 1", "play 1"]


def test_what_was_not_heard_ends_in_muted_and_may_be_asked_again(run: Run) -> None:
    steps = ([1], [2], "failed", [1], "able", [1], "heard")
    assert drive(run, *steps) == ["play 1", "muted", "muted", "ready", "play 1", "spoken 1"]


def test_what_ended_while_cut_off_is_reported_first_after_coming_back(run: Run) -> None:
    assert drive(run, [1], "cut", "heard", "open", "beat") == ["play 1", "spoken 1", "ready"]


def test_what_was_reported_into_a_broken_line_is_reported_again(run: Run) -> None:
    assert drive(run, [1], "heard", "open", "beat") == ["play 1", "spoken 1", "spoken 1", "ready"]


def test_an_utterance_goes_on_while_the_line_is_cut_and_comes_back(run: Run) -> None:
    assert drive(run, [1], [2], "cut", "open", "beat", [1], "heard") == ["play 1", "ready", "spoken 1"]


def test_in_another_life_of_the_log_nothing_is_claimed(run: Run) -> None:
    steps = ([1], "heard", [2], "open", "restored", "heard", [1])
    assert drive(run, *steps) == ["play 1", "spoken 1", "play 2", "ready", "play 1"]
