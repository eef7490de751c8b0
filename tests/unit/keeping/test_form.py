"""The file of a backup: there as a whole or not at all, and whatever is not as it was written is refused."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from server.keeping.errors import Damaged, KeepingError
from server.keeping.form import KeptLog, opened, written

MADE = datetime(2026, 11, 22, tzinfo=UTC)


def make(path: Path, *, force: bool = False, lines: int = 2000) -> None:
    with written(path, force=force) as writer:
        with writer.part("log/hall.jsonl") as part:
            for n in range(lines):
                part.line({"seq": n, "event": f"event {n * n}"})
        with writer.part("clips/0.wav") as part:
            part.write(b"\0" * 5000)
        writer.finish(MADE, "0004", {"hall": KeptLog("life", 1, lines, 1)})


def read(path: Path) -> int:
    with opened(path) as kept:
        kept.check()
        return len(list(kept.lines("log/hall.jsonl")))


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.backup"
    make(path)
    assert read(path) == 2000
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["a.backup"]
    with opened(path) as kept:
        assert kept.content("clips/0.wav") == b"\0" * 5000
        assert kept.manifest.lines("log") == {"hall": 2000}
        assert list(kept.lines("sql/nothing.jsonl")) == []


def test_a_file_that_is_there_is_not_replaced_unless_asked(tmp_path: Path) -> None:
    path = tmp_path / "a.backup"
    make(path)
    with pytest.raises(KeepingError, match="is there already"):
        make(path, lines=1)
    assert read(path) == 2000
    make(path, force=True, lines=1)
    assert read(path) == 1


def test_what_is_not_finished_leaves_nothing_and_the_former_one_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.backup"
    make(path)
    with pytest.raises(ZeroDivisionError), written(path, force=True) as writer, writer.part("log/hall.jsonl") as part:
        part.line(1 // 0)
    assert [one.name for one in tmp_path.iterdir()] == ["a.backup"]
    assert read(path) == 2000


def test_what_one_that_was_killed_left_is_taken_away_by_the_next(tmp_path: Path) -> None:
    other = "b.backup.0a1b2c3d.part"
    for left in ("a.backup.0a1b2c3d.part", other):
        (tmp_path / left).write_bytes(b"half")
    make(tmp_path / "a.backup")
    assert {one.name for one in tmp_path.iterdir()} == {"a.backup", other}


@contextmanager
def as_nobody() -> Iterator[None]:
    """Root may read everything; others are nobody already."""
    own = os.geteuid()
    if own == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(own)


def test_one_that_may_not_be_read_is_no_damaged_one(tmp_path: Path) -> None:
    path = tmp_path / "a.backup"
    make(path)
    path.chmod(0)
    with as_nobody(), pytest.raises(KeepingError, match="give the command as the file's owner"):
        read(path)


def test_a_place_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(KeepingError, match="cannot be written"):
        make(tmp_path / "nowhere" / "a.backup")
    with pytest.raises(KeepingError, match="is a folder"):
        make(tmp_path)


def test_one_that_was_cut_short_is_refused_wherever_it_was_cut(tmp_path: Path) -> None:
    path, cut = tmp_path / "a.backup", tmp_path / "cut.backup"
    make(path)
    whole = path.read_bytes()
    for length in (0, 1, 100, *range(0, len(whole), len(whole) // 37), len(whole) - 1):
        cut.write_bytes(whole[:length])
        with pytest.raises(Damaged):
            read(cut)


def test_one_in_which_a_byte_was_changed_is_refused_or_still_the_same(tmp_path: Path) -> None:
    """Some bytes of a ZIP file, such as an hour, say nothing of what is in it."""
    path, changed = tmp_path / "a.backup", tmp_path / "changed.backup"
    make(path)
    whole = path.read_bytes()
    with opened(path) as kept:
        manifest = kept.manifest
    refused = 0
    for place in range(0, len(whole), len(whole) // 211):
        changed.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        try:
            with opened(changed) as kept:
                kept.check()
                assert kept.manifest == manifest
        except KeepingError:
            refused += 1
    assert refused > 150


def test_other_files_are_refused_in_a_sentence(tmp_path: Path) -> None:
    other = tmp_path / "other"
    with pytest.raises(KeepingError, match="There is no file"):
        read(other)
    other.write_text("not a backup")
    with pytest.raises(Damaged, match="cannot be read as a backup"):
        read(other)
    with written(other, force=True) as writer, writer.part("x") as part:
        part.write(b"no manifest")
    with pytest.raises(Damaged, match="is no backup of antrean"):
        read(other)
    with written(other, force=True) as writer, writer.part("manifest.json") as part:
        part.write(b'{"format": 2, "more": []}')
    with pytest.raises(KeepingError, match="newer version"):
        read(other)


def test_a_part_that_was_left_out_or_added_is_found(tmp_path: Path) -> None:
    path = tmp_path / "a.backup"
    with written(path, force=True) as writer:
        with writer.part("log/hall.jsonl") as part:
            part.line(1)
        writer.finish(MADE, "0004", {})
        with writer.part("log/other.jsonl") as part:
            part.line(1)
    with pytest.raises(Damaged, match="parts are missing or were added"):
        read(path)
