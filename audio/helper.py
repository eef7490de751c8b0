"""A process beside ours that makes sound for a voice whose library has global state or may take us along when it falls.

It is started at the first word, started again when it died or hung, and ends with its `Helper`, or when the pipe to it
closes. A process forked from ours gets a helper of its own.

    first frame     status, length, payload: nothing, when it is ready to speak
    request         4 bytes length, payload: a line that says how, "\\n", the text in UTF-8
    reply           status, length, payload: the sample rate as 4 bytes, 16-bit mono PCM
    status          4 bytes: 0 good, else the payload is the error in words
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import struct
import subprocess
import threading
import time
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from audio.errors import VoiceUnavailable
from audio.pcm import Pcm, resample

_FRAME = struct.Struct("<II")
_RATE = struct.Struct("<I")
_LARGEST_REPLY = 1 << 26


@dataclass(frozen=True)
class Command:
    """How a helper is started. `within`: seconds after which it counts as hung; `name`: for error messages."""

    name: str
    arguments: Sequence[str]
    folder: Path
    within: float


class Helper:
    """One process per process of ours, spoken to by one thread at a time."""

    def __init__(self, command: Command) -> None:
        self._command = command
        self._children: dict[int, _Child] = {}
        self._finalizer = weakref.finalize(self, _end_all, self._children)

    def speak(self, how: str, text: str) -> Pcm:
        """Raw speech at RATE. VoiceUnavailable when the helper cannot speak, died twice, or does not answer in time."""
        payload = self._child().ask(f"{how}\n{text}".encode())
        sound = payload[_RATE.size :]
        if not sound:
            raise VoiceUnavailable(f"{self._command.name} says nothing for {text!r}")
        return resample(np.frombuffer(sound, dtype="<i2").astype(np.int16), _RATE.unpack_from(payload)[0])

    def close(self) -> None:
        """Ends the process; the next word starts another, that of a thread which was about to speak too."""
        _end_all(self._children)

    def _child(self) -> _Child:
        """Of this process, the same for ever: whatever a late thread starts, the finalizer ends."""
        child = self._children.get(os.getpid())
        if child is None:
            # setdefault is atomic, and a lock of our own could have been held by another thread at the fork.
            child = self._children.setdefault(os.getpid(), _Child(self._command))
            for pid in list(self._children):
                if pid != os.getpid() and (inherited := self._children.pop(pid, None)):
                    inherited.end()
        return child


class _Child:
    def __init__(self, command: Command) -> None:
        self._command = command
        self._owner = os.getpid()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, request: bytes) -> bytes:
        name, within = self._command.name, self._command.within
        with self._lock:
            for attempt in (1, 2):
                try:
                    process = self._running()
                    _send(process, struct.pack("<I", len(request)) + request)
                    return _receive(process, name, time.monotonic() + within)
                except (OSError, EOFError) as error:
                    self._end()
                    if attempt == 2 or isinstance(error, TimeoutError):
                        raise VoiceUnavailable(f"{name}: {error}", retry_after=1.0) from error
            raise AssertionError("unreachable")

    def end(self) -> None:
        if self._owner == os.getpid():
            with self._lock:
                self._end()
        elif (process := self._process) is not None:
            # Inherited over a fork: its parent ends it, we only let go of the pipe.
            _close_pipes(process)
            process.poll()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(
                self._command.arguments,
                cwd=self._command.folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,
                process_group=0,
            )
            try:
                _receive(self._process, self._command.name, time.monotonic() + self._command.within)
            except VoiceUnavailable:
                self._end()
                raise
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        _close_pipes(process)
        # Its group: the process, and a fork of it that speaks at this moment. It has nothing to put in order.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _end_all(children: dict[int, _Child]) -> None:
    for child in list(children.values()):
        child.end()


def _close_pipes(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


def _send(process: subprocess.Popen[bytes], data: bytes) -> None:
    assert process.stdin is not None
    process.stdin.write(data)


def _receive(process: subprocess.Popen[bytes], name: str, deadline: float) -> bytes:
    status, length = _FRAME.unpack(_read(process, _FRAME.size, deadline))
    if length > _LARGEST_REPLY:
        raise EOFError(f"a reply of {length} bytes")
    payload = _read(process, length, deadline)
    if status:
        raise VoiceUnavailable(f"{name}: {payload.decode(errors='replace')}", retry_after=60.0)
    return payload


def _read(process: subprocess.Popen[bytes], length: int, deadline: float) -> bytes:
    assert process.stdout is not None
    descriptor = process.stdout.fileno()
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    read = bytearray()
    while len(read) < length:
        left = deadline - time.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            raise TimeoutError("no answer in time")
        part = os.read(descriptor, min(length - len(read), 1 << 16))
        if not part:
            raise EOFError("the helper process ended")
        read += part
    return bytes(read)
