"""The texts of notices in one process: asked of SQL once each, never in the way of a screen."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from server.history.engine import connect
from server.history.migrate import migrate
from server.history.notices import Notice, find_notices, keep_notice
from server.web.notice_texts import NoticeTexts
from server.web.problems import Problem
from tests.support.proxy import until

MORNING = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def notice(id: str = "n", text: str = "Kantin sudah buka.") -> Notice:
    return Notice(id, "mpp-uji", text, "id", False, "account-1", MORNING)


class Asked:
    """A database, and how often it was asked for notices."""

    def __init__(self, file: Path) -> None:
        url = f"sqlite:///{file}"
        migrate(url)
        self.engine = connect(url)
        self.times = 0
        event.listen(self.engine, "before_cursor_execute", self._count)

    def _count(self, _db: object, _cursor: object, statement: str, *_: object) -> None:
        self.times += "FROM notices" in statement


def tell(tmp_path: Path, story: Callable[[NoticeTexts, Asked, list[int]], Awaitable[None]]) -> None:
    async def told() -> None:
        asked, found = Asked(tmp_path / "h.sqlite3"), [0]

        def come() -> None:
            found[0] += 1

        texts = NoticeTexts(asked.engine, come)
        try:
            await story(texts, asked, found)
        finally:
            await texts.aclose()
            asked.engine.dispose()

    asyncio.run(told())


def test_a_text_of_another_process_comes_a_little_later_and_that_is_told(tmp_path: Path) -> None:
    async def story(texts: NoticeTexts, asked: Asked, found: list[int]) -> None:
        keep_notice(asked.engine, notice())
        assert texts.known("n") is None
        assert texts.known("n") is None
        await until(lambda: found[0])
        assert texts.known("n") == await texts.find("n") == notice()
        assert (asked.times, found) == (1, [2]), "both who asked in vain are told"

    tell(tmp_path, story)


def test_one_kept_here_is_known_at_once_without_asking(tmp_path: Path) -> None:
    async def story(texts: NoticeTexts, asked: Asked, found: list[int]) -> None:
        await texts.keep(notice())
        assert texts.known("n") == await texts.find("n") == notice()
        assert asked.times == 0

    tell(tmp_path, story)


def test_one_that_is_not_there_is_asked_for_again_but_not_by_each_view(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.web.notice_texts.AGAIN", 60.0)

    async def story(texts: NoticeTexts, asked: Asked, found: list[int]) -> None:
        assert await texts.find("n") is None
        for _ in range(50):
            assert texts.known("n") is None
        monkeypatch.setattr("server.web.notice_texts.AGAIN", 0.0)
        assert await texts.find("m") is None
        keep_notice(asked.engine, notice("m"))
        await until(lambda: texts.known("m"))
        assert asked.times == 1 + 2

    tell(tmp_path, story)


def test_without_a_database_nothing_is_kept_and_no_words_are_found(tmp_path: Path) -> None:
    async def story() -> None:
        (tmp_path / "folder").mkdir()
        engine: Engine = connect(f"sqlite:///{tmp_path / 'folder'}")
        texts = NoticeTexts(engine, lambda: None)
        with pytest.raises(Problem) as caught:
            await texts.keep(notice())
        assert caught.value.code == "log-unavailable"
        assert await texts.find("n") is None
        await texts.aclose()
        engine.dispose()

    asyncio.run(story())


def test_a_text_never_changes(tmp_path: Path) -> None:
    asked = Asked(tmp_path / "h.sqlite3")
    for text in ("Kantin sudah buka.", "Kantin tutup."):
        keep_notice(asked.engine, notice(text=text))
    keep_notice(asked.engine, notice("m"))
    assert find_notices(asked.engine, ["n", "m", "x"]) == {"n": notice(), "m": notice("m")}
    asked.engine.dispose()
