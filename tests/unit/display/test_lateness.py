"""How late a frame came to a TV (tv-lateness.js): the rules of speaker/lateness.py, and a clock that does not sleep."""

from speaker import lateness
from tests.unit.display.conftest import Run


def test_the_quickest_frame_counts_as_having_taken_no_time(run: Run) -> None:
    frames = [[100, 7000], [103, 10250], [104, 10500], [105, 16500], [None, 99000]]
    made = "const late = new m.Lateness(); return given.map((frame) => late.of(frame[0], frame[1]));"
    assert run("tv-lateness.js", made, frames) == [0, 250, 0, 5000, 0]


SLEEPS = """
const steady = performance.now, wall = Date.now;
let slept = 0, set = 0;
performance.now = () => 5000;
Date.now = () => 1e12 + slept + set;
try {
  const since = new m.Elapsed(200), shown = [since.ms()];
  slept = given.slept; set = given.set;
  shown.push(since.ms());
  return shown;
} finally { performance.now = steady; Date.now = wall; }
"""


def test_time_goes_on_while_the_machine_sleeps_and_never_back(run: Run) -> None:
    assert run("tv-lateness.js", SLEEPS, {"slept": 20000, "set": 0}) == [200, 20200]
    assert run("tv-lateness.js", SLEEPS, {"slept": 0, "set": -3600000}) == [200, 200], "the wall clock was put back"


def test_the_limits_are_those_of_the_speaker_program(run: Run) -> None:
    ours = [lateness.LATEST, lateness.BEGIN_WITHIN, lateness.END_WITHIN]
    assert run("tv-lateness.js", "return [m.LATEST, m.BEGIN_WITHIN, m.END_WITHIN];", None) == [
        one * 1000 for one in ours
    ]
