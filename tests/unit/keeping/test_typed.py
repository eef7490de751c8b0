"""Backup, restore and verify as they are typed: what cannot be done is told in a sentence, before anything is done."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, event

from antrean import main
from server.keeping.form import written
from server.keeping.mark import NAME
from tests.unit.keeping.test_form import MADE


@pytest.fixture
def nothing_kept(tmp_path: Path) -> str:
    """A whole backup with nothing in it."""
    path = tmp_path / "empty.backup"
    with written(path, force=False) as writer:
        writer.finish(MADE, "head", {})
    return str(path)


@pytest.fixture
def small_disk() -> Iterator[None]:
    """SQLite's databases find no room."""

    def few_pages(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA max_page_count = 5")

    event.listen(Engine, "connect", few_pages)
    yield
    event.remove(Engine, "connect", few_pages)


def typed(data: Path, *command: str, **settings: str) -> tuple[int, str]:
    """The exit code and all that was printed. No server of logs answers."""
    env = {"ANTREAN_DATA": str(data), "ANTREAN_REDIS_URL": "redis://127.0.0.1:1/0", **settings}
    ran = CliRunner().invoke(main, command, env=env)
    return ran.exit_code, ran.output


@pytest.mark.parametrize(
    "command", [("token", "create", "--role", "admin"), ("account", "list"), ("verify",), ("backup", "x")]
)
def test_no_command_uses_half_of_a_hall(tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / NAME).write_text("{}")
    code, told = typed(tmp_path, *command)
    assert (code, "give `antrean restore FILE` again" in told) == (1, True), told
    assert [one.name for one in tmp_path.iterdir()] == [NAME]


def test_a_restore_whose_site_files_are_missing_does_nothing(tmp_path: Path, nothing_kept: str) -> None:
    code, told = typed(tmp_path / "var", "restore", nothing_kept, ANTREAN_SITES=str(tmp_path / "missing.toml"))
    assert (code, "missing.toml" in told) == (2, True), told
    assert not (tmp_path / "var").exists()


def test_the_temporary_folder_that_is_full_is_named(tmp_path: Path, nothing_kept: str, small_disk: None) -> None:
    code, told = typed(tmp_path, "verify", nothing_kept)
    assert (code, "TMPDIR" in told, gettempdir() in told) == (1, True, True), told
