"""The form of a backup: one ZIP file of JSON lines, which other tools can read too.

    sql/TABLE.jsonl     a row a line, the same whichever database it came from
    log/SITE.jsonl      an entry a line: {"seq", "event"}
    clips/DIGEST.wav    a recording; only when asked for
    manifest.json       what is in it, with the digest of each part: see Manifest

It is written beside its place, flushed to the disk and then renamed. The list of a ZIP file's parts stands at its end,
so one that was cut short has none; what was changed does not fit its digest.
"""

import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from glob import escape
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import IO
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

import msgspec
from msgspec import Struct

from server.keeping.errors import Damaged, KeepingError

FORMAT = 1
MANIFEST = "manifest.json"
LARGEST_MANIFEST = 64 << 20  # bytes
PIECE = 1 << 20  # bytes read at a time
# What zipfile raises for a file that is damaged; NotImplementedError and RuntimeError when damage looks like a form of
# compression or encryption that it does not know.
UNREADABLE = (BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError)


class Part(Struct, frozen=True):
    """One file in the backup: sha256 of its content, bytes, lines (0 for a recording)."""

    sha256: str
    size: int
    lines: int


class KeptLog(Struct, frozen=True):
    """The log of a site: its life, the seqs of its first and last entry (0: none), and of the last day-opened."""

    epoch: str
    first: int
    last: int
    day: int


class Manifest(Struct, frozen=True):
    """schema: the step of server.history.migrate at which the rows were read. parts: by name."""

    format: int
    made_at: datetime
    schema: str
    logs: dict[str, KeptLog]
    parts: dict[str, Part]

    def lines(self, folder: str) -> dict[str, int]:
        """How many lines each part of a folder has, by the part's name without folder and ending."""
        found = {name.rpartition("/"): part for name, part in self.parts.items()}
        return {name.partition(".")[0]: part.lines for (of, _, name), part in found.items() if of == folder}


class Writer:
    """Writes the parts, one after another."""

    def __init__(self, archive: ZipFile) -> None:
        self.parts: dict[str, Part] = {}
        self._archive = archive

    @contextmanager
    def part(self, name: str) -> Iterator["Writing"]:
        info = ZipInfo(name)  # without the hour: a clock that stands before 1980 would be refused
        info.compress_type, info.external_attr = ZIP_DEFLATED, 0o600 << 16
        with self._archive.open(info, "w", force_zip64=True) as out:
            writing = Writing(out)
            yield writing
        self.parts[name] = writing.part()

    def finish(self, made_at: datetime, schema: str, logs: dict[str, KeptLog]) -> Manifest:
        manifest = Manifest(FORMAT, made_at, schema, logs, dict(self.parts))
        with self.part(MANIFEST) as part:
            part.write(msgspec.json.format(msgspec.json.encode(manifest)))
        return manifest


class Writing:
    """A part being written."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out, self._digest = out, sha256()
        self._size = self._lines = 0

    def write(self, data: bytes) -> None:
        self._digest.update(data)
        self._size += len(data)
        self._out.write(data)

    def line(self, value: object) -> None:
        self.write(msgspec.json.encode(value) + b"\n")
        self._lines += 1

    def part(self) -> Part:
        return Part(self._digest.hexdigest(), self._size, self._lines)


@contextmanager
def written(path: Path, *, force: bool) -> Iterator[Writer]:
    """A new backup at `path`, there when all went well and only then; for its owner alone to read. What former ones that
    were killed have left beside is taken away.

    Raises KeepingError when there is a file already, unless `force`, and when it cannot be written.
    """
    beside = path.with_name(f"{path.name}.{token_hex(4)}.part")
    try:
        _must_be_free(path, force)
        for left in path.parent.glob(f"{escape(path.name)}.????????.part"):
            left.unlink(missing_ok=True)
        file = os.fdopen(os.open(beside, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")
        try:
            with file:
                with ZipFile(file, "w") as archive:
                    yield Writer(archive)
                file.flush()
                os.fsync(file.fileno())
            _must_be_free(path, force)
            beside.replace(path)
            sync_folder(path.parent)
        except BaseException:
            with suppress(OSError):
                beside.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise KeepingError(f"{path} cannot be written ({error.strerror or error}); name another file.") from error


def _must_be_free(path: Path, force: bool) -> None:
    if path.is_dir():
        raise KeepingError(f"{path} is a folder; name a file in it.")
    if not force and path.exists():
        raise KeepingError(f"{path} is there already; name another file, or add --force to replace it.")


def sync_folder(folder: Path) -> None:
    """On return, names that were made or changed in it are on the disk."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


class Backup:
    """A backup to be read. What reads it raises Damaged."""

    def __init__(self, path: Path, archive: ZipFile, manifest: Manifest) -> None:
        self.path, self.manifest = path, manifest
        self._archive = archive

    def lines(self, name: str) -> Iterator[bytes]:
        """The lines of a part; none when there is no such part."""
        if name not in self.manifest.parts:
            return
        with self._reading(name) as part:
            yield from part

    def content(self, name: str) -> bytes:
        with self._reading(name) as part:
            return part.read()

    def check(self) -> None:
        """Reads all of it: each part must be what the manifest says of it."""
        listed = set(self._archive.namelist()) - {MANIFEST}
        if listed != self.manifest.parts.keys():
            raise self._damaged("parts are missing or were added")
        for name, part in self.manifest.parts.items():
            digest = sha256()
            with self._reading(name) as content:
                while piece := content.read(PIECE):
                    digest.update(piece)
            if digest.hexdigest() != part.sha256:
                raise self._damaged(f"{name} was changed")

    @contextmanager
    def _reading(self, name: str) -> Iterator[IO[bytes]]:
        try:
            with self._archive.open(name) as part:
                yield part
        except (*UNREADABLE, KeyError) as error:
            raise self._damaged(f"{name}: {error}") from error

    def _damaged(self, why: str) -> Damaged:
        return Damaged(f"{self.path} is damaged ({why}); take another backup.")


@contextmanager
def opened(path: Path) -> Iterator[Backup]:
    """The backup in the file `path`, its manifest read. Raises KeepingError."""
    try:
        archive = ZipFile(path)
    except FileNotFoundError:
        raise KeepingError(f"There is no file {path}.") from None
    except PermissionError:
        raise KeepingError(f"{path} may not be read by this user; give the command as the file's owner.") from None
    except UNREADABLE as error:
        why = f"{path} cannot be read as a backup ({error}): it was cut short, or is something else; take another one."
        raise Damaged(why) from error
    with archive:
        try:
            if archive.getinfo(MANIFEST).file_size > LARGEST_MANIFEST:
                raise ValueError("its manifest is too large")
            content = archive.read(MANIFEST)
            made_in = msgspec.json.decode(content, type=dict[str, msgspec.Raw]).get("format")
            if made_in is not None and bytes(made_in) != str(FORMAT).encode():
                raise KeepingError(f"{path} was made by a newer version of antrean; update this one first.")
            manifest = msgspec.json.decode(content, type=Manifest)
        except (*UNREADABLE, KeyError, ValueError) as error:
            raise Damaged(f"{path} is no backup of antrean, or a damaged one ({error}).") from error
        yield Backup(path, archive, manifest)
