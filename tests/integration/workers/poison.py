"""Jobs that do harm, for a worker to survive."""

import os
import signal
import time


def fails() -> None:
    raise RuntimeError("this job always fails")


def kills_its_horse() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def takes_too_long() -> None:
    time.sleep(600)


def never_ends() -> None:
    """Takes no notice of the exception by which RQ ends a job."""
    while True:
        try:
            time.sleep(600)
        except Exception:
            continue
