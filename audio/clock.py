"""The clock by which it is judged whether something may still be said."""

import sys
import time


def now() -> float:
    """Seconds of a clock that never jumps and goes on while the machine sleeps, where the system has such a one."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if sys.platform == "linux" else time.monotonic()
