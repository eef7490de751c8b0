"""A forked child, as RQ's work horses are, dies with its parent."""

import os
import signal
import subprocess
import sys

import pytest

from tests.processes import CHECKOUT, marked, until

PARENT = """
import os, sys, time
sys.path.insert(0, sys.argv[1])
from server.lifeline import die_with_parent
parent = os.getpid()
if os.fork() == 0:
    os.setpgrp()
    die_with_parent(parent, sys.argv[2])
    print("tied", flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("way", ["signal", "pipe"])
def test_kill_9_of_the_parent_ends_its_forked_child(mark: str, way: str) -> None:
    with subprocess.Popen(
        (sys.executable, "-c", PARENT, str(CHECKOUT), way),
        env={**os.environ, "TEST_MARK": mark},
        stdout=subprocess.PIPE,
    ) as parent:
        assert parent.stdout
        assert parent.stdout.readline() == b"tied\n"
        assert len(marked(mark)) == 2
        parent.send_signal(signal.SIGKILL)
    until(lambda: not marked(mark))


@pytest.mark.parametrize("way", ["signal", "pipe"])
def test_a_child_whose_parent_is_gone_already_ends_at_once(mark: str, way: str) -> None:
    source = "import sys; sys.path.insert(0, sys.argv[1]); from server.lifeline import die_with_parent; "
    source += "die_with_parent(1 << 22, sys.argv[2]); import time; time.sleep(600)"
    ended = subprocess.run((sys.executable, "-c", source, str(CHECKOUT), way), timeout=20, check=False)
    assert ended.returncode == -signal.SIGKILL
