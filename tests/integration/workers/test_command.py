"""`antrean jobs` and `antrean beats`: the workers' day on a terminal and for containers."""

import json
import subprocess
import sys

import pytest

from server.jobs import beats_here, connect, open_queue, overview
from tests.integration.workers import poison
from tests.integration.workers.conftest import Works
from tests.processes import CHECKOUT, until
from workers.queues import Work, offer


def antrean(works: Works, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, str(CHECKOUT / "antrean.py"), *arguments]
    return subprocess.run(program, env=works.env, capture_output=True, text=True, timeout=60)


@pytest.fixture
def failing(works: Works) -> Works:
    """A hall whose worker for voices has failed at one job."""
    works.start("work", "voice")
    with connect(works.url) as redis:
        queue = open_queue("voice", redis)
        offer(queue, Work("voice-poison", poison.fails, (), "silakan menuju loket tiga."))
        until(lambda: queue.failed_job_registry.get_job_ids(), tell=works.text)
    return works


def test_it_tells_what_fails_why_and_who_works(failing: Works) -> None:
    told = antrean(failing, "jobs")
    assert told.returncode == 0, told.stderr
    assert "Rekaman suara: silakan menuju loket tiga." in told.stdout
    assert "Gagal 1 kali" in told.stdout
    assert "RuntimeError: this job always fails" in told.stdout
    found = json.loads(antrean(failing, "jobs", "--json").stdout)
    assert found["shelves"][0] == {"name": "voice", "queued": 0, "started": 0, "failed": 1}
    assert [(hand["queue"], hand["alive"]) for hand in found["hands"]] == [("voice", True)]


def test_it_has_a_job_done_again_or_forgets_it(failing: Works) -> None:
    assert antrean(failing, "jobs", "retry", "voice-poison").stdout == "voice-poison\n"
    with connect(failing.url) as redis:
        until(
            lambda: [(one.status, one.failures) for one in overview(redis).tasks] == [("failed", 2)], tell=failing.text
        )
    assert "Gagal 2 kali" in antrean(failing, "jobs").stdout
    assert antrean(failing, "jobs", "forget", "voice-poison").returncode == 0
    assert "Tidak ada yang gagal." in antrean(failing, "jobs").stdout
    assert antrean(failing, "jobs", "retry").stdout == "Tidak ada yang gagal.\n"
    unknown = antrean(failing, "jobs", "forget", "voice-poison")
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert unknown.stderr.startswith('No job "voice-poison" has failed')


def test_a_container_asks_whether_its_program_lives(failing: Works) -> None:
    assert antrean(failing, "beats", "voice").returncode == 0
    silent = antrean(failing, "beats", "dispatch")
    assert (silent.returncode, silent.stderr) == (1, "dispatch has given no sign of life for 60 s.\n")
    failing.start("dispatch")
    with connect(failing.url) as redis:
        until(lambda: beats_here(redis, ""), tell=failing.text)
    assert antrean(failing, "beats", "dispatch").returncode == 0


def test_without_redis_a_sentence_says_so(works: Works) -> None:
    works.env["ANTREAN_REDIS_URL"] = f"unix://{works.data}/nothing.sock"
    told = antrean(works, "jobs")
    assert told.returncode == 1
    assert "Redis does not answer" in told.stderr
    assert "Traceback" not in told.stderr
