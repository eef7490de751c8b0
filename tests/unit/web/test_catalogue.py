"""Every problem that a person may see has words, in both languages."""

import pytest

from server.web.pages import LANGUAGES, words
from server.web.problems import STATUS, TITLES


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_code_has_words(language: str) -> None:
    assert [code for code in STATUS if f"problem.{code}" not in words(language)] == []


def test_each_code_has_a_title() -> None:
    assert STATUS.keys() == TITLES.keys()
