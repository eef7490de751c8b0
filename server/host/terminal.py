"""What the processes of this machine say, line by line, on the terminal of the one that started them.

A thread writes, so that a terminal that stands still (Ctrl-S) does not hold up the hall; what is too much is dropped.
"""

import contextlib
import queue
import sys
import threading
from typing import TextIO

MOST_LINES = 5_000


class Terminal:
    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self._lines: queue.Queue[str | None] = queue.Queue(MOST_LINES)
        self._writer = threading.Thread(target=self._write, name="terminal", daemon=True)
        self._writer.start()

    def say(self, text: str) -> None:
        with contextlib.suppress(queue.Full):
            self._lines.put_nowait(text)

    def close(self, wait: float = 5.0) -> None:
        """Writes what is left, for at most `wait` seconds."""
        with contextlib.suppress(queue.Full):
            self._lines.put(None, timeout=wait)
        self._writer.join(wait)

    def _write(self) -> None:
        while (text := self._lines.get()) is not None:
            with contextlib.suppress(OSError, ValueError):  # nobody reads any more
                self._stream.write(text + "\n")
                self._stream.flush()
