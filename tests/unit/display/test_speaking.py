"""A speaker says one thing after another and claims only what was heard (tv-utterances.js)."""

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
given.forEach(function (step) {
  if (step === "cut") { open = false; }
  else if (step === "open") { open = true; utterances.opened(true); }
  else if (step === "heard") { utterances.played(true); }
  else if (step === "failed") { utterances.played(false); }
  else { utterances.speak({announcement: step[0], text: step[1] || "text " + step[0]}); }
});
return log;
"""


def drive(run: Run, *steps: Any) -> Any:
    return run("tv-utterances.js", DRIVE, list(steps))


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
    assert drive(run, [1], [2], "failed", [1], "heard") == ["play 1", "muted", "play 1", "spoken 1"]


def test_what_ended_while_cut_off_is_reported_first_after_coming_back(run: Run) -> None:
    assert drive(run, [1], "cut", "heard", "open") == ["play 1", "spoken 1", "ready"]


def test_an_utterance_goes_on_while_the_line_is_cut_and_comes_back(run: Run) -> None:
    assert drive(run, [1], "cut", "open", [1], "heard") == ["play 1", "ready", "spoken 1"]
