"""The folder of recordings, shared by all processes of a machine.

    <folder>/phrases/<digest>.wav       one phrase in one voice, trimmed; kept as long as a site may say it
    <folder>/utterances/<digest>.wav    a whole announcement or the chime, levelled; many, kept for days

A file appears whole (written beside, then renamed) and never changes. One that is damaged all the same is
found by its check, removed, and made anew by whoever needs it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import time
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from audio.errors import DamagedAudio
from audio.pcm import Pcm, from_wav, to_wav
from audio.phrases import Phrase

if TYPE_CHECKING:
    from audio.voices import Voice

FORMAT = 2
"""Part of every digest: raise it when trimming or the file format changes."""

DAY = 86_400.0
HOUR = 3_600.0


def digest_of(*parts: object) -> str:
    """sha256 (64 hex digits) over JSON values."""
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


class Shelf:
    """One folder of such files. `durable`: flushed to the disk before it counts as written."""

    def __init__(self, folder: Path, *, durable: bool) -> None:
        self._folder = folder
        self._durable = durable

    def path(self, digest: str) -> Path:
        return self._folder / f"{digest}.wav"

    def has(self, digest: str) -> bool:
        """Whether the file is there; `read` tells whether it is whole."""
        return self.path(digest).is_file()

    def read(self, digest: str) -> Pcm | None:
        """None when missing, unreadable or damaged; a damaged file is removed."""
        path = self.path(digest)
        try:
            with path.open("rb") as file:
                status = os.fstat(file.fileno())
                content = file.read()
            pcm = from_wav(content)
        except DamagedAudio:
            self._remove_damaged(path)
            return None
        except OSError:
            return None
        if time.time() - status.st_mtime > HOUR:
            with contextlib.suppress(OSError):
                os.utime(path)
        return pcm

    def write(self, digest: str, pcm: Pcm) -> None:
        """OSError when it cannot be kept; then nothing is left behind."""
        self._folder.mkdir(parents=True, exist_ok=True)
        beside = self._beside(digest)
        try:
            with beside.open("xb") as file:
                file.write(to_wav(pcm))
                if self._durable:
                    file.flush()
                    os.fsync(file.fileno())
            beside.replace(self.path(digest))
        except OSError:
            with contextlib.suppress(OSError):
                beside.unlink()
            raise

    def prune(
        self, *, keep_days: float, max_bytes: int, spare: float = HOUR, wanted: Collection[str] = frozenset()
    ) -> int:
        """Removes what was not used for `keep_days`, then the longest unused until `max_bytes` hold the rest.

        What was used within `spare` seconds stays: its address may just have been sent to a speaker. So do the
        digests `wanted`, whatever their age and size.
        Answers the number of files removed.
        """
        now, removed, total = time.time(), 0, 0
        for used, size, path in sorted(self._files(), reverse=True):
            age = now - used
            unfinished = path.name.startswith(".")
            if path.stem in wanted:
                continue
            total += size
            if age > spare and (unfinished or age > keep_days * DAY or total > max_bytes):
                with contextlib.suppress(OSError):
                    path.unlink()
                    removed += 1
                    total -= size
        return removed

    def files(self) -> list[Path]:
        """All that are there, whole or damaged."""
        return [path for _, _, path in self._files() if not path.name.startswith(".")]

    def _beside(self, digest: str) -> Path:
        """A place for it that nobody else knows."""
        return self._folder / f".{digest}.{secrets.token_hex(8)}"

    def _remove_damaged(self, path: Path) -> None:
        """Only the damaged one: a whole one that was written meanwhile is put back."""
        aside = self._beside(path.stem)
        with contextlib.suppress(OSError):
            path.rename(aside)
            try:
                from_wav(aside.read_bytes())
                aside.replace(path)
            except DamagedAudio:
                aside.unlink()

    def _files(self) -> list[tuple[float, int, Path]]:
        files = []
        with contextlib.suppress(OSError), os.scandir(self._folder) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):
                    status = entry.stat()
                    files.append((status.st_mtime, status.st_size, Path(entry.path)))
        return files


class ClipStore:
    """Both shelves under one folder, which need not exist yet."""

    def __init__(self, folder: Path) -> None:
        self.phrases = Shelf(folder / "phrases", durable=True)
        # Not flushed: a call waits for it, and after a power cut it is made again from its phrases.
        self.utterances = Shelf(folder / "utterances", durable=False)

    def digest(self, phrase: Phrase, voice: Voice) -> str:
        """Of the phrase's clip in a voice that speaks its language."""
        language = phrase.language
        return digest_of("phrase", FORMAT, phrase.text, language, voice.name, voice.settings(language))

    def has(self, digest: str) -> bool:
        return self.phrases.has(digest)

    def read(self, digest: str) -> Pcm | None:
        return self.phrases.read(digest)

    def write(self, digest: str, pcm: Pcm) -> None:
        self.phrases.write(digest, pcm)

    def prune_utterances(self, keep_days: float = 7.0, max_bytes: int = 1 << 29) -> int:
        """Bounds them by age and size: they are made again from their phrases."""
        return self.utterances.prune(keep_days=keep_days, max_bytes=max_bytes)

    def prune_phrases(self, sayable: Collection[str], keep_days: float = 14.0) -> int:
        """Removes the clips that are not among the digests `sayable` and were not read for `keep_days`."""
        return self.phrases.prune(keep_days=keep_days, max_bytes=1 << 40, wanted=sayable)
