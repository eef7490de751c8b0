"""espeak-ng: always there, off line, milliseconds a phrase.

One child process per process that speaks (see espeak_child.py), started at the first word, started again
when it died or hung, ended with this object. A process forked from ours gets a child of its own.
"""

from __future__ import annotations

import contextlib
import os
import re
import select
import signal
import struct
import subprocess
import sys
import threading
import time
import weakref
from importlib.metadata import version
from pathlib import Path

import espeakng_loader
import numpy as np

from audio.errors import VoiceUnavailable
from audio.pcm import Pcm, resample

CHILD = Path(__file__).with_name("espeak_child.py")

LANGUAGE = "id"
WORDS_PER_MINUTE = 155
PITCH = 48

# espeak-ng 1.52 gives these an open e or the wrong stress; the sounds are those of KBBI (loket, empat …).
SOUNDS = {
    "loket": "l'okEt",
    "empat": "@mp'at",
    "enam": "@n'am",
    "belas": "b@l'as",
    "sebelas": "s@b@l'as",
}
_MISREAD = re.compile(rf"\b({'|'.join(SOUNDS)})\b", re.IGNORECASE)

_LONGEST = 2000
_FRAME = struct.Struct("<II")
_LARGEST_REPLY = 1 << 26


class EspeakVoice:
    """The `id` voice of espeak-ng. `answer_within`: seconds after which the child counts as hung."""

    name = "espeak"
    offline = True

    def __init__(self, *, answer_within: float = 10.0) -> None:
        self.settings = (
            f"espeakng-loader {version('espeakng-loader')} {LANGUAGE} "
            f"{WORDS_PER_MINUTE}wpm pitch {PITCH} sounds {sorted(SOUNDS.items())}"
        )
        self._answer_within = answer_within
        self._children: dict[int, _Child] = {}
        self._finalizer = weakref.finalize(self, _end_all, self._children)

    def synthesise(self, text: str) -> Pcm:
        """Raw speech at RATE. VoiceUnavailable when the library cannot be used or says nothing."""
        spoken = _MISREAD.sub(lambda found: f"[[{SOUNDS[found[0].lower()]}]]", _harmless(text))
        rate, data = self._child().say(spoken.encode(), self._answer_within)
        if not data:
            raise VoiceUnavailable(f"espeak-ng says nothing for {text!r}")
        return resample(np.frombuffer(data, dtype="<i2").astype(np.int16), rate)

    def close(self) -> None:
        """Ends the child; the voice may be used again."""
        _end_all(self._children)

    def _child(self) -> _Child:
        child = self._children.get(os.getpid())
        if child is None:
            for pid in [pid for pid in self._children if pid != os.getpid()]:
                self._children.pop(pid).end()
            # setdefault is atomic, and a lock of our own could have been held by another thread at the fork.
            child = self._children.setdefault(os.getpid(), _Child())
        return child


class _Child:
    """One child process, spoken to by one thread at a time."""

    def __init__(self) -> None:
        self._owner = os.getpid()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._rate = 0

    def say(self, text: bytes, within: float) -> tuple[int, bytes]:
        with self._lock:
            for attempt in (1, 2):
                try:
                    process = self._running(within)
                    _send(process, struct.pack("<I", len(text)) + text)
                    return self._rate, _receive(process, time.monotonic() + within)
                except (OSError, EOFError) as error:
                    self._end()
                    if attempt == 2 or isinstance(error, TimeoutError):
                        raise VoiceUnavailable(f"espeak-ng: {error}", retry_after=1.0) from error
            raise AssertionError("unreachable")

    def end(self) -> None:
        if self._owner == os.getpid():
            with self._lock:
                self._end()
        elif (process := self._process) is not None:
            # Inherited over a fork: its parent ends it, we only let go of the pipe.
            _close_pipes(process)
            process.poll()

    def _running(self, within: float) -> subprocess.Popen[bytes]:
        if self._process is None:
            library = Path(espeakng_loader.get_library_path())
            data = Path(espeakng_loader.get_data_path())
            command = [sys.executable, "-I", "-S", str(CHILD), str(library), LANGUAGE]
            # The library cuts paths of more than some 160 characters: its data is where the child stands.
            self._process = subprocess.Popen(
                [*command, str(WORDS_PER_MINUTE), str(PITCH)],
                cwd=data.parent,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,
                process_group=0,
            )
            first = _receive(self._process, time.monotonic() + within)
            self._rate = int.from_bytes(first, "little")
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        _close_pipes(process)
        # Its group: the child, and the fork that speaks at this moment. It has nothing to put in order.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _end_all(children: dict[int, _Child]) -> None:
    while children:
        children.popitem()[1].end()


def _close_pipes(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


def _harmless(text: str) -> str:
    """No brackets, which would be read as phonemes, no zero byte, and no endless text."""
    return text.replace("[", " ").replace("]", " ").replace("\0", " ")[:_LONGEST]


def _send(process: subprocess.Popen[bytes], data: bytes) -> None:
    assert process.stdin is not None
    process.stdin.write(data)


def _receive(process: subprocess.Popen[bytes], deadline: float) -> bytes:
    status, length = _FRAME.unpack(_read(process, _FRAME.size, deadline))
    if length > _LARGEST_REPLY:
        raise EOFError(f"a reply of {length} bytes")
    payload = _read(process, length, deadline)
    if status:
        raise VoiceUnavailable(f"espeak-ng: {payload.decode(errors='replace')}", retry_after=60.0)
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
            raise EOFError("the child process ended")
        read += part
    return bytes(read)
