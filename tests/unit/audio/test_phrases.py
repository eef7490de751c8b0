"""The texts a voice is given, against a table written by hand (`spoken.txt`)."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from audio.cutting import LONGEST
from audio.english import in_english
from audio.numbers import DIGITS, IN_A_TEXT
from audio.phrases import (
    AGAIN,
    Call,
    English,
    Language,
    Notice,
    Phrase,
    Style,
    caption,
    number_phrases,
    phrases,
    place_phrases,
)
from audio.pronunciation import pronounced

Rows = list[tuple[str, ...]]


def tables() -> dict[str, Rows]:
    """The rows of `spoken.txt` by the name of their first column."""
    found: dict[str, Rows] = defaultdict(list)
    name = ""
    for line in (Path(__file__).parent / "spoken.txt").read_text("utf-8").splitlines():
        if line.startswith("## "):
            name = line[3:].split(" | ")[0]
        elif line and not line.startswith("#"):
            found[name].append(tuple(cell.strip() for cell in line.split("|")))
    return found


TABLES = tables()


def table(cell: str) -> dict[str, str]:
    return dict(entry.split("=") for entry in cell.split("; ")) if cell else {}


def as_phrases(cell: str, language: Language = "id") -> tuple[Phrase, ...]:
    return tuple(Phrase(text, not text.endswith(","), language) for text in cell.split(" · "))


def language_of(cell: str) -> Language:
    return next(language for language in get_args(Language) if language == cell)


def style_of(cell: str) -> Style:
    return next(style for style in get_args(Style) if style == cell)


def test_the_table_has_at_least_200_texts() -> None:
    assert sum(map(len, TABLES.values())) >= 200
    assert len(TABLES["number"]) == len({row[:3] for row in TABLES["number"]}) > 130


@pytest.mark.parametrize(("number", "style", "language", "heard"), TABLES["number"])
def test_number(number: str, style: str, language: str, heard: str) -> None:
    """A number is said as its letters and its digits or value, and the sentence stays open."""
    spoken = language_of(language)
    assert number_phrases(number, style_of(style), spoken) == as_phrases(heard, spoken)


@pytest.mark.parametrize(("counter", "agency", "heard"), TABLES["counter"])
def test_place(counter: str, agency: str, heard: str) -> None:
    """The place ends the sentence, whatever was typed into the site's file."""
    assert place_phrases(Call("A-001", counter, agency), "id") == as_phrases(heard)


@pytest.mark.parametrize(("label", "english"), TABLES["label"])
def test_english_label(label: str, english: str) -> None:
    """The usual labels of counters need no English of their own."""
    assert in_english(label) == english


@pytest.mark.parametrize(("written", "entries", "said"), TABLES["written"])
def test_pronunciation(written: str, entries: str, said: str) -> None:
    """Whole words, capitals as written, the longest entry first."""
    assert pronounced(written, table(entries)) == said


@pytest.mark.parametrize(("text", "language", "style", "entries", "heard"), TABLES["notice"])
def test_notice(text: str, language: str, style: str, entries: str, heard: str) -> None:
    """A notice is cut into sentences and long ones into clauses; ticket numbers in it are read as such."""
    notice = Notice(text, language_of(language), style=style_of(style), table=table(entries))
    assert phrases(notice) == as_phrases(heard, notice.language)


def test_call() -> None:
    """A call is the number and then the place."""
    assert phrases(Call("A-012", "loket tiga", "Imigrasi")) == as_phrases(
        "Nomor antrean A, · nol satu dua, · silakan menuju loket tiga, Imigrasi."
    )


def test_a_call_in_two_languages() -> None:
    """English comes at the end, with the agency where it is named, and in the same style."""
    english = English("counter three", "Immigration")
    assert phrases(Call("A-012", "loket tiga", "Imigrasi", english=english)) == (
        *as_phrases("Nomor antrean A, · nol satu dua, · silakan menuju loket tiga, Imigrasi."),
        *as_phrases("Number A, · zero one two, · please proceed to counter three, Immigration.", "en"),
    )
    assert phrases(Call("A-012", "loket tiga", style="number", english=English("counter three"))) == (
        *as_phrases("Nomor antrean A, · dua belas, · silakan menuju loket tiga."),
        *as_phrases("Number A, · twelve, · please proceed to counter three.", "en"),
    )


def test_said_twice_it_is_english_once() -> None:
    """Indonesian, "Sekali lagi" and the same phrases, then English: no further recordings but one."""
    said = phrases(Call("A-012", "loket tiga", repeat=True, english=English("counter three")))
    assert said[3] == Phrase("Sekali lagi,", False, "id") == AGAIN["id"]
    assert said[:3] == said[4:7]
    assert [phrase.language for phrase in said] == ["id"] * 7 + ["en"] * 3


def test_a_notice_said_twice() -> None:
    assert phrases(Notice("Loket tutup. Terima kasih!", repeat=True)) == as_phrases(
        "Loket tutup. · Terima kasih! · Sekali lagi, · Loket tutup. · Terima kasih!"
    )
    assert phrases(Notice("We close.", "en", repeat=True)) == as_phrases("We close. · Once again, · We close.", "en")


def test_the_table_is_for_counters_and_agencies_in_indonesian() -> None:
    """Not for the number, whose letters the voices know, and not for English."""
    call = Call("IK-001", "loket IK", "IKD", english=English("counter IK", "IKD"), table={"IKD": "i ka de", "IK": "ik"})
    assert phrases(call) == (
        *as_phrases("Nomor antrean I K, · nol nol satu, · silakan menuju loket ik, i ka de."),
        *as_phrases("Number I-K, · zero zero one, · please proceed to counter IK, IKD.", "en"),
    )


def test_what_the_table_brings_is_no_markup_either() -> None:
    said = place_phrases(Call("A-001", "loket tiga", "IKD", table={"IKD": "[[i:]] <ka>.\n"}), "id")
    assert said == (Phrase("silakan menuju loket tiga, i: ka.", True),)


@pytest.mark.parametrize(
    ("what", "text"),
    [
        (Call("A-012", "loket tiga", "Imigrasi"), "Nomor antrean A-012, silakan menuju loket tiga, Imigrasi."),
        (Call("ZZ-999", "loket dua", "", "number", True), "Nomor antrean ZZ-999, silakan menuju loket dua."),
        (
            Call("A-012", "loket tiga", "IKD", english=English("counter three", "IKD"), table={"IKD": "i ka de"}),
            "Nomor antrean A-012, silakan menuju loket tiga, IKD. Number A-012, please proceed to counter three, IKD.",
        ),
        (Notice(" Loket  IKD tutup.\nNomor A-012? ", repeat=True, table={"IKD": "x"}), "Loket IKD tutup. Nomor A-012?"),
    ],
)
def test_caption(what: Call | Notice, text: str) -> None:
    """The caption is to be read: once, numbers as printed, names as written."""
    assert caption(what) == text


@pytest.mark.parametrize("number", ["", "A012", "a-012", "A-12", "ABC-001", "A-0x1", "A-012\n", "A-٠١٢", "-012"])
def test_no_number(number: str) -> None:
    """What is no ticket number of ours is refused."""
    for ask in (phrases, caption):
        with pytest.raises(ValueError, match="not a ticket number"):
            ask(Call(number, "loket satu"))


@pytest.mark.parametrize("text", ["", " \n ", "...", "?! – <>", "\x00"])
def test_nothing_to_say(text: str) -> None:
    """A notice without a word is refused."""
    for ask in (phrases, caption):
        with pytest.raises(ValueError, match="nothing to say"):
            ask(Notice(text))


@given(st.from_regex(r"[A-Z]{1,2}", fullmatch=True), st.integers(0, 99_999), st.sampled_from(get_args(Language)))
def test_digits_can_be_read_back(prefix: str, value: int, language: Language) -> None:
    """Digit by digit, the words say exactly the printed number."""
    number = f"{prefix}-{value:03}"
    first, second = number_phrases(number, "digits", language)
    letters = re.sub(r"[ ,-]", "", first.text.removeprefix("Nomor antrean ").removeprefix("Number "))
    digits = "".join(str(DIGITS[language].index(word)) for word in second.text.rstrip(",").split())
    assert f"{letters}-{digits}" == number


@given(st.lists(st.integers(0, 9999), min_size=2, max_size=2, unique=True), st.sampled_from(get_args(Language)))
def test_two_numbers_never_sound_the_same(values: list[int], language: Language) -> None:
    """Different numbers have different words in either style."""
    for style in get_args(Style):
        assert len({number_phrases(f"A-{value:03}", style, language)[1].text for value in values}) == 2


def check(said: tuple[Phrase, ...]) -> None:
    """Sane pieces, nothing a voice could take for markup, and an end."""
    for phrase in said:
        assert len(phrase.text) <= LONGEST
        assert re.search(r"\w", phrase.text)
        assert not re.search(r"[\x00-\x1f\x7f<>\[\]{}|\\^`]|  ", phrase.text)
        assert phrase.text[-1] in (".!?" if phrase.final else ",")
    assert said[-1].final


@given(st.text(max_size=130), st.text(max_size=130), st.dictionaries(st.text(max_size=9), st.text(max_size=99)))
def test_any_place_is_one_clean_sentence(counter: str, agency: str, entries: dict[str, str]) -> None:
    said = place_phrases(Call("A-001", counter, agency, table=entries), "id")
    check(said)
    assert [phrase.final for phrase in said].count(True) == 1


@given(st.text(st.sampled_from("aB1 .,;:!?-\n'\"–…é\x00<[*"), max_size=400))
def test_any_notice_is_clean_sentences_that_lose_no_word(text: str) -> None:
    assume(not IN_A_TEXT.search(text))
    try:
        said = phrases(Notice(text))
    except ValueError:
        assert not re.search(r"\w", text)
        return
    check(said)
    assert re.findall(r"\w", "".join(phrase.text for phrase in said)) == re.findall(r"\w", text)
