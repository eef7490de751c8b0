"""How every voice sounds and how long it takes: loudness, pauses, seconds per clip and per utterance.

gTTS answers from its stand-in on this machine, which speaks with espeak-ng and sends MP3 over TLS: its row measures our
part (request, decoding, trimming, joining), not Google's voice. Piper is the models of ANTREAN_PIPER_MODEL, or, when
none is named, a model that hums.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple, TypeVar

from audio.clips import ClipStore
from audio.espeak_voice import EspeakVoice
from audio.phrases import Call, English, Language, Notice, Utterable, phrases
from audio.piper_voice import PiperVoice
from audio.speech import Speech
from audio.voices import Voice
from bench.figures import Figure
from config.settings import load_settings
from tests.integration.audio.measures import joins, loudness, quiet_around, rendered
from tests.integration.audio.piper_model import build
from tests.integration.audio.stand_in import running

LOUDNESS, TOLERANCE = -16.0, 1.0  # LUFS, LU
SHORTEST, LONGEST = 80.0, 150.0  # ms between two phrases
AT_ONCE = 1000.0  # ms that a call may wait for its utterance

SAID: list[Utterable] = [
    *(Call(f"A-{number:03}", "loket tiga", "Imigrasi") for number in (1, 12, 100, 345, 999)),
    *(Call(f"KN-{number:03}", "loket dua puluh satu", "Samsat", "number", repeat=True) for number in (7, 11, 200)),
    *(Call(f"B-{number:03}", "loket enam", english=English("counter six", "Immigration")) for number in (4, 38, 765)),
    Notice("Perhatian. Pemilik mobil KT 1234 AB, silakan ke depan. Terima kasih!", repeat=True),
    Notice("The hall closes in ten minutes.", "en"),
]


Given = TypeVar("Given")


class Row(NamedTuple):
    """One voice: LUFS of each utterance, ms of each pause between phrases, ms of each clip made and of each utterance
    joined, levelled and written from clips that are there."""

    name: str
    voice: str
    loudness: list[float]
    pauses: list[float]
    clips: list[float]
    utterances: list[float]


def measure() -> Iterator[Figure]:
    with ExitStack() as ends, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        espeak = EspeakVoice()
        ends.callback(espeak.close)
        google = ends.enter_context(running("server.pem"))
        google.speak_with(espeak)
        models = load_settings().piper_model
        hum: dict[Language, Path] = {"id": build(folder, "id"), "en": build(folder, "en-us")}
        piper = PiperVoice(hum | models)
        ends.callback(piper.close)
        named = ", ".join(path.name for path in models.values()) or "model yang bersenandung"
        rows = [
            _row("gTTS (pengganti setempat)", google.voice(folder, read=10, whole=10), folder),
            _row(f"Piper ({named})", piper, folder),
            _row("espeak-ng", espeak, folder),
        ]
    print(table(rows), flush=True)
    for row in rows:
        off = max(abs(value - LOUDNESS) for value in row.loudness)
        yield Figure(f"{row.name}: farthest from {LOUDNESS:g} LUFS", off, TOLERANCE, "LU", "issue 3")
        yield Figure(f"{row.name}: longest pause between phrases", max(row.pauses), LONGEST, "ms", "issue 3")
        yield Figure(
            f"{row.voice}: {SHORTEST:g} ms to the shortest pause", SHORTEST / min(row.pauses), 1, "x", "issue 3"
        )
        yield Figure(
            f"{row.voice}: an utterance from its clips", max(row.utterances), AT_ONCE, "ms", "a call waits for it"
        )
    slowest = sum(sorted(rows[-1].clips)[-3:]) + max(rows[-1].utterances)
    yield Figure("espeak-ng: a call of which nothing is there", slowest, AT_ONCE, "ms", "a call waits for it")


def _row(described: str, voice: Voice, folder: Path) -> Row:
    row = Row(voice.name, described, [], [], [], [])
    speech = Speech(ClipStore(folder / "clips"), [voice])
    for what in SAID:
        for phrase in phrases(what):
            if not speech.store.has(speech.store.digest(phrase, voice)):
                row.clips.append(_ms(speech.prepare, phrase))
        row.utterances.append(_ms(speech.utterance, what))
        pcm = rendered(speech, speech.utterance(what).digest)
        row.loudness.append(loudness(pcm))
        row.pauses.extend(1000 * quiet_around(pcm, at) for at in joins(speech, voice, what, pcm))
    return row


def _ms(does: Callable[[Given], object], given: Given) -> float:
    begun = time.perf_counter()
    does(given)
    return 1000 * (time.perf_counter() - begun)


def table(rows: Sequence[Row]) -> str:
    """As it stands in docs/suara.md."""
    lines = [
        "| suara | kenyaringan, LUFS | jeda antarfrasa, ms | ms per klip | ms per pengumuman |",
        "| --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        cells = [_spread(row.loudness, 1), _spread(row.pauses), _spread(row.clips), _spread(row.utterances)]
        lines.append(f"| {row.voice} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _spread(values: Sequence[float], digits: int = 0) -> str:
    """Least / median / most."""
    return " / ".join(f"{value:.{digits}f}" for value in (min(values), statistics.median(values), max(values)))
