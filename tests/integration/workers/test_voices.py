"""The commands `antrean voices` and `antrean voices warm`, as a person gives them."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import wave
from pathlib import Path

import pytest

from tests.integration.audio.piper_model import build

DOOR = Path(__file__).parents[3] / "antrean.py"
SITES = DOOR.parent / "config" / "sites"
SITE = SITES / "kecamatan-muara-kaman.toml"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A hall of two voices that need no network."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("ANTREAN_")}
    model = build(tmp_path, "id")
    return ours | {
        "ANTREAN_DATA": str(tmp_path / "var"),
        "ANTREAN_SITES": str(SITE),
        "ANTREAN_PIPER_MODEL": str(model),
        "ANTREAN_VOICES": "piper,espeak",
    }


def antrean(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(DOOR), "voices", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)


def clips(environment: dict[str, str]) -> set[str]:
    folder = Path(environment["ANTREAN_DATA"]) / "clips" / "phrases"
    return {path.name for path in folder.iterdir() if not path.name.startswith(".")} if folder.exists() else set()


def test_how_the_voices_stand(environment: dict[str, str]) -> None:
    """A line a voice: what it speaks, how many clips are there, and what it is for."""
    done = antrean(environment, "--silent")
    assert done.returncode == 0
    head, piper, espeak = done.stdout.splitlines()
    assert head.split() == ["voice", "speaks", "clips", "now"]
    assert re.fullmatch(r"piper   id      0 of \d{4} +makes clips ahead", piper)
    assert re.fullmatch(r"espeak  id en   0 of \d{4} +speaks on the spot", espeak)
    assert clips(environment) == set()


def test_the_pause_of_a_voice_that_was_refused(environment: dict[str, str]) -> None:
    """While Google is left alone it is said why, and for how much longer; nobody is asked."""
    pace = Path(environment["ANTREAN_DATA"]) / "clips" / "gtts.pace"
    pace.parent.mkdir(parents=True)
    pace.write_text(f'{{"next_at": 0, "rest_until": {time.time() + 2990}, "failures": 3}}')
    done = antrean(environment | {"ANTREAN_VOICES": "gtts,espeak", "ANTREAN_PIPER_MODEL": ""}, "--silent")
    assert re.search(r"^gtts .*silent: resting after 3 failures, 29\d\d s more$", done.stdout, re.MULTILINE)


def test_a_try_is_written(environment: dict[str, str], tmp_path: Path) -> None:
    """The bell and the words, in the voice that is told, as a file that other programs read."""
    file = tmp_path / "try.wav"
    done = antrean(environment, "--text", "Perhatian. Tutup pukul tiga.", "--out", str(file))
    assert done.returncode == 0
    seconds = re.search(r"“Perhatian. Tutup pukul tiga.” · piper, ([0-9.]+) s, made in", done.stdout)
    assert seconds
    with wave.open(str(file)) as sound:
        assert sound.getnframes() / sound.getframerate() == pytest.approx(float(seconds[1]) + 2.0, abs=0.1)


def test_a_try_in_one_voice(environment: dict[str, str], tmp_path: Path) -> None:
    """A voice further down the chain can be heard too; one that is not in it is told with those that are."""
    done = antrean(environment, "--voice", "espeak", "--out", str(tmp_path / "try.wav"))
    assert "· espeak, " in done.stdout
    wrong = antrean(environment, "--voice", "espaek")
    assert wrong.returncode == 2
    assert wrong.stderr == '--voice: "espaek" is not in the chain; did you mean "espeak"?\n'


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--text", " . "), "--text: nothing to say"),
        (("--out", "/nowhere/try.wav"), "--out: /nowhere/try.wav cannot be written"),
        (("warm", "--site", "elsewhere"), '--site: there is no site "elsewhere"'),
    ],
)
def test_mistakes(environment: dict[str, str], words: tuple[str, ...], told: str) -> None:
    """Each is one sentence that says what to do, without a traceback."""
    done = antrean(environment, *words)
    assert done.returncode == 2
    assert done.stderr.startswith(told)
    assert len(done.stderr.splitlines()) == 1


def test_warm_goes_on_where_it_was_stopped(environment: dict[str, str]) -> None:
    """Ctrl-C leaves what is made; the next time only the rest is made, and then every phrase is there."""
    command = [sys.executable, str(DOOR), "voices", "warm"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as running:
        while len(clips(environment)) < 20:
            assert running.poll() is None
            time.sleep(0.01)
        running.send_signal(signal.SIGINT)
        assert running.stdout is not None
        assert "run it again to go on" in running.stdout.read()
    assert running.returncode == 130
    made = clips(environment)
    folder = Path(environment["ANTREAN_DATA"]) / "clips" / "phrases"
    times = {name: (folder / name).stat().st_mtime_ns for name in made}
    done = antrean(environment, "warm")
    assert done.returncode == 0
    assert re.search(r"^piper +id +(\d+) of \1 ", done.stdout, re.MULTILINE)
    assert len(clips(environment)) > len(made)
    assert {name: (folder / name).stat().st_mtime_ns for name in made} == times


def test_warm_says_what_no_voice_could_say(environment: dict[str, str], tmp_path: Path) -> None:
    """With a broken model and nothing else, each phrase is a failure; a few are shown with the reason."""
    Path(environment["ANTREAN_PIPER_MODEL"]).write_bytes(b"broken")
    done = antrean(environment | {"ANTREAN_VOICES": "piper"}, "warm", "--numbers", "3")
    assert done.returncode == 1
    assert re.match(r"\d+ could not be said:\n'[^']+': Piper: ", done.stderr)
    assert re.search(r"\n… and \d+ more\n", done.stderr)
