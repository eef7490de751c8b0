"""The loudspeaker of this machine: plays recordings one after another and knows when they were really heard.

The device stays open and is fed silence between recordings. So its asking for samples shows at any time that it is
there, a cheap amplifier does not fall asleep and swallow the first syllable, and how much it holds back is known.
"""

from __future__ import annotations

import contextlib
import math
import threading
from collections.abc import Generator, Sequence
from time import monotonic
from types import TracebackType
from typing import Any

import miniaudio

from audio import clock
from audio.errors import SoundUnavailable
from audio.pcm import RATE, Pcm

NULL = "null"
"""The device that takes sound at its pace and makes none: for tests, and machines without a sound card."""

_PERIOD, _PERIODS = 50, 4  # ms; steadiness matters here, not 200 ms of delay
_STALLED = 3.0  # seconds without being asked for samples: the device is gone; PulseAudio takes up to 1.8 s to begin
_SLOWEST = 1.5  # times as long as the recordings; a device that takes longer stutters
_LOOK_EVERY = 3.0  # seconds
_LEARNING = 60.0  # seconds in which the device's buffer is measured; later its clock and ours have drifted apart
_LEAST_BUFFER = _PERIOD * _PERIODS * RATE // 1000  # samples; it may hold more than was asked for
_BEHIND = round(0.1 * RATE)  # samples for the mixer and converter behind that buffer, which nobody tells us of
_SILENT = (b"null", b"auto_null")  # what ALSA and PulseAudio offer when there is no sound card
_BYTES = 2
_BACKENDS = (
    miniaudio.Backend.PULSEAUDIO,
    miniaudio.Backend.ALSA,
    miniaudio.Backend.COREAUDIO,
    miniaudio.Backend.SNDIO,
    miniaudio.Backend.AUDIO4,
    miniaudio.Backend.OSS,
)


def devices() -> list[str]:
    """The names of the loudspeakers that are there now."""
    return [name for _, name, _ in _found()]


class Tape:
    """What the device is fed: recordings as they come, silence between them. Positions are samples since the start."""

    def __init__(self) -> None:
        self.given = 0
        self._left = b""

    def put(self, clips: Sequence[Pcm]) -> int:
        """Adds recordings; the position of the end of the last one."""
        self._left += b"".join(clip.astype("<i2").tobytes() for clip in clips)
        return self.given + len(self._left) // _BYTES

    def cut(self) -> None:
        """Leaves out what was not given yet."""
        self._left = b""

    def take(self, samples: int) -> bytes:
        size = samples * _BYTES
        given, self._left = self._left[:size], self._left[size:]
        self.given += samples
        return given.ljust(size, b"\0")


class Player:
    """One open device, for one recording at a time. Use it with `with`, or close it.

    device: None for the system's own choice, a name or a part of one as `devices` tells it, or NULL.
    SoundUnavailable when there is no such device or it cannot be opened.
    """

    def __init__(self, device: str | None = None) -> None:
        self._asked = threading.Condition()
        self._tape = Tape()
        self._buffer = _LEAST_BUFFER  # samples that the device holds between being given and being heard
        self._began = self._last = monotonic()
        self._stops = 0
        self._lost = False
        self._closed = threading.Event()
        self._device, self.name = _open(device)
        self._device.stop_callback = self._lose
        feed = self._feed()
        next(feed)
        try:
            self._device.start(feed)
        except miniaudio.MiniaudioError as error:
            self._device.close()
            raise SoundUnavailable(f"{self.name} cannot be started: {error}") from error
        self._chosen = device not in (None, NULL)
        threading.Thread(target=self._watch, daemon=True).start()

    def play(self, clips: Sequence[Pcm], over: float = math.inf) -> bool:
        """Returns when the last sample has been heard: True; False when `stop` cut it short.

        over: when, by audio.clock, it must be silent again. SoundUnavailable when that, or the device's end, comes
        first: it was not heard to the end.
        """
        with self._asked:
            stops, end = self._stops, self._tape.put(clips)
            over = min(over, clock.now() + _SLOWEST * (end - self._tape.given) / RATE + _STALLED)
            try:
                while self._tape.given < end + self._buffer + _BEHIND:
                    if self._stops != stops or self._closed.is_set():
                        return False
                    self.check()
                    if clock.now() > over:
                        raise SoundUnavailable(f"{self.name} takes sound too slowly; is the machine overloaded?")
                    self._asked.wait(_STALLED / 4)
            finally:
                self._tape.cut()
        self._look()
        self.check()
        return True

    def check(self) -> None:
        """SoundUnavailable when the device no longer takes samples."""
        if self._lost or monotonic() - self._last > _STALLED:
            raise SoundUnavailable(f"{self.name} does not take sound any more; is it still plugged in?")

    def stop(self) -> None:
        """From another thread: cuts short what is being played; up to 0.2 s of it may still be heard."""
        with self._asked:
            self._stops += 1
            self._tape.cut()
            self._asked.notify_all()

    def close(self) -> None:
        """At any moment, while the device is just going too: miniaudio then says that it does not run, though its
        thread has not ended, and would free it beneath that thread and wait for ever."""
        if self._closed.is_set():
            return
        self._closed.set()
        self.stop()
        self._device.running = True
        self._device.close()

    def __enter__(self) -> Player:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _feed(self) -> Generator[bytes, int, None]:
        samples = yield b""
        self._began = monotonic()
        while True:
            with self._asked:
                data = self._tape.take(samples)
                self._last = monotonic()
                if (since := self._last - self._began) < _LEARNING:
                    self._buffer = max(self._buffer, self._tape.given - round(since * RATE))
                self._asked.notify_all()
            samples = yield data

    def _watch(self) -> None:
        while not (self._lost or self._closed.wait(_LOOK_EVERY)):
            self._look()

    def _look(self) -> None:
        """PulseAudio and PipeWire go on taking what was for an unplugged device, and nobody hears it."""
        if self._device.backend == "PulseAudio":
            there = devices()
            if not there or (self._chosen and self.name not in there):
                self._lose()

    def _lose(self) -> None:
        with self._asked:
            self._lost = True
            self._asked.notify_all()


def _open(device: str | None) -> tuple[Any, str]:
    if device == NULL:
        return _device(miniaudio.Backend.NULL, None), NULL
    found = _found()
    if not found:
        raise SoundUnavailable("no loudspeaker is connected to this machine")
    if device is None:
        return _device(found[0][0], None), "the system's loudspeaker"
    named = [one for one in found if one[1] == device] or [one for one in found if device.lower() in one[1].lower()]
    if len(named) != 1:
        there = ", ".join(f'"{name}"' for _, name, _ in found)
        raise SoundUnavailable(f'{len(named)} loudspeakers are called "{device}"; there are: {there}')
    backend, name, number = named[0]
    return _device(backend, number), name


def _device(backend: miniaudio.Backend, number: Any) -> Any:
    try:
        return miniaudio.PlaybackDevice(
            output_format=miniaudio.SampleFormat.SIGNED16,
            nchannels=1,
            sample_rate=RATE,
            buffersize_msec=_PERIOD,
            callback_periods=_PERIODS,
            device_id=number,
            backends=[backend],
            app_name="antrean",
        )
    except miniaudio.MiniaudioError as error:
        raise SoundUnavailable(f"the loudspeaker cannot be opened ({error}); does another program use it?") from error


def _found() -> list[tuple[miniaudio.Backend, str, Any]]:
    """The devices of the first sound system that has any: (its backend, name, number)."""
    for backend in _BACKENDS:
        with contextlib.suppress(miniaudio.MiniaudioError):
            there = [
                (backend, one["name"], one["id"])
                for one in miniaudio.Devices([backend]).get_playbacks()
                if miniaudio.ffi.string(miniaudio.ffi.cast("char *", one["id"])) not in _SILENT
            ]
            if there:
                return there
    return []
