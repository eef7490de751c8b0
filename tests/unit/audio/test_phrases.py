"""The texts a voice is given."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.phrases import AGAIN, DIGITS, Call, Phrase, caption, phrases, phrases_of_counter, phrases_of_number

NUMBERS = [
    ("A-001", "digits", "A", "nol nol satu"),
    ("A-002", "digits", "A", "nol nol dua"),
    ("A-003", "digits", "A", "nol nol tiga"),
    ("A-010", "digits", "A", "nol satu nol"),
    ("A-012", "digits", "A", "nol satu dua"),
    ("B-045", "digits", "B", "nol empat lima"),
    ("C-067", "digits", "C", "nol enam tujuh"),
    ("D-089", "digits", "D", "nol delapan sembilan"),
    ("E-100", "digits", "E", "satu nol nol"),
    ("F-101", "digits", "F", "satu nol satu"),
    ("G-111", "digits", "G", "satu satu satu"),
    ("H-120", "digits", "H", "satu dua nol"),
    ("AA-007", "digits", "A A", "nol nol tujuh"),
    ("AB-500", "digits", "A B", "lima nol nol"),
    ("QX-909", "digits", "Q X", "sembilan nol sembilan"),
    ("ZZ-999", "digits", "Z Z", "sembilan sembilan sembilan"),
    ("ZZ-1000", "digits", "Z Z", "satu nol nol nol"),
    ("A-1234", "digits", "A", "satu dua tiga empat"),
    ("A-10000", "digits", "A", "satu nol nol nol nol"),
    ("A-000", "digits", "A", "nol nol nol"),
    ("A-000", "number", "A", "nol"),
    ("A-001", "number", "A", "satu"),
    ("A-002", "number", "A", "dua"),
    ("A-003", "number", "A", "tiga"),
    ("A-004", "number", "A", "empat"),
    ("A-005", "number", "A", "lima"),
    ("A-006", "number", "A", "enam"),
    ("A-007", "number", "A", "tujuh"),
    ("A-008", "number", "A", "delapan"),
    ("A-009", "number", "A", "sembilan"),
    ("A-010", "number", "A", "sepuluh"),
    ("A-011", "number", "A", "sebelas"),
    ("A-012", "number", "A", "dua belas"),
    ("A-013", "number", "A", "tiga belas"),
    ("A-014", "number", "A", "empat belas"),
    ("A-015", "number", "A", "lima belas"),
    ("A-019", "number", "A", "sembilan belas"),
    ("A-020", "number", "A", "dua puluh"),
    ("A-021", "number", "A", "dua puluh satu"),
    ("A-030", "number", "A", "tiga puluh"),
    ("A-045", "number", "A", "empat puluh lima"),
    ("A-060", "number", "A", "enam puluh"),
    ("A-099", "number", "A", "sembilan puluh sembilan"),
    ("A-100", "number", "A", "seratus"),
    ("A-101", "number", "A", "seratus satu"),
    ("A-110", "number", "A", "seratus sepuluh"),
    ("A-111", "number", "A", "seratus sebelas"),
    ("A-112", "number", "A", "seratus dua belas"),
    ("A-120", "number", "A", "seratus dua puluh"),
    ("A-199", "number", "A", "seratus sembilan puluh sembilan"),
    ("A-200", "number", "A", "dua ratus"),
    ("A-211", "number", "A", "dua ratus sebelas"),
    ("A-305", "number", "A", "tiga ratus lima"),
    ("B-400", "number", "B", "empat ratus"),
    ("B-999", "number", "B", "sembilan ratus sembilan puluh sembilan"),
    ("ZZ-999", "number", "Z Z", "sembilan ratus sembilan puluh sembilan"),
    ("AZ-1000", "number", "A Z", "seribu"),
    ("AZ-1001", "number", "A Z", "seribu satu"),
    ("AZ-1100", "number", "A Z", "seribu seratus"),
    ("AZ-2011", "number", "A Z", "dua ribu sebelas"),
    ("AZ-11000", "number", "A Z", "sebelas ribu"),
]

PLACES = [
    ("loket tiga", "Imigrasi", "silakan menuju loket tiga, Imigrasi."),
    ("loket tiga", "", "silakan menuju loket tiga."),
    ("loket sebelas", "Disdukcapil", "silakan menuju loket sebelas, Disdukcapil."),
    ("meja satu", "Bank Kaltimtara", "silakan menuju meja satu, Bank Kaltimtara."),
    ("loket dua, lantai satu", "Samsat", "silakan menuju loket dua, lantai satu, Samsat."),
    ("  loket   tiga \n", " Pajak ", "silakan menuju loket tiga, Pajak."),
    ("loket tiga.", "Imigrasi.", "silakan menuju loket tiga, Imigrasi."),
    ("loket tiga,", "Imigrasi!", "silakan menuju loket tiga, Imigrasi."),
    ("loket [[a]] <b>tiga</b>", "", "silakan menuju loket a b tiga /b."),
    ("loket\x00tiga", "Ba\x07nk", "silakan menuju loket tiga, Ba nk."),
    ("", "Imigrasi", "silakan menuju Imigrasi."),
    ("", "", "silakan menuju loket."),
]


@pytest.mark.parametrize(("number", "style", "letters", "words"), NUMBERS)
def test_number(number: str, style: str, letters: str, words: str) -> None:
    """A number is said as its letters and its digits or value, and the sentence stays open."""
    said = phrases_of_number(number, style)  # type: ignore[arg-type]
    assert said == (Phrase(f"Nomor antrean {letters},", False), Phrase(f"{words},", False))


@pytest.mark.parametrize(("counter", "agency", "text"), PLACES)
def test_place(counter: str, agency: str, text: str) -> None:
    """The place ends the sentence, whatever was typed into the site's file."""
    assert phrases_of_counter(counter, agency) == (Phrase(text, True),)


def test_call() -> None:
    """A call is the number and then the place."""
    assert [part.text for part in phrases(Call("A-012", "loket tiga", "Imigrasi"))] == [
        "Nomor antrean A,",
        "nol satu dua,",
        "silakan menuju loket tiga, Imigrasi.",
    ]


def test_repeat() -> None:
    """A call said twice uses the same phrases twice, so no further recordings but one."""
    once = phrases(Call("A-012", "loket tiga"))
    assert phrases(Call("A-012", "loket tiga", repeat=True)) == (*once, AGAIN, *once)
    assert AGAIN.text == "Sekali lagi,"


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (
            Call("A-012", "loket tiga", "Imigrasi"),
            "Nomor antrean A-012, silakan menuju loket tiga, Imigrasi.",
        ),
        (
            Call("ZZ-999", "loket dua", "", "number", True),
            "Nomor antrean ZZ-999, silakan menuju loket dua.",
        ),
    ],
)
def test_caption(call: Call, text: str) -> None:
    """The caption is one sentence with the number as printed."""
    assert caption(call) == text


@pytest.mark.parametrize("number", ["", "A012", "a-012", "A-12", "ABC-001", "A-0x1", "A-012\n", "A-٠١٢", "-012"])
def test_no_number(number: str) -> None:
    """What is no ticket number of ours is refused."""
    with pytest.raises(ValueError, match="not a ticket number"):
        phrases(Call(number, "loket satu"))
    with pytest.raises(ValueError, match="not a ticket number"):
        caption(Call(number, "loket satu"))


@given(st.from_regex(r"[A-Z]{1,2}", fullmatch=True), st.integers(0, 99_999))
def test_digits_can_be_read_back(prefix: str, value: int) -> None:
    """Digit by digit, the words say exactly the printed number."""
    number = f"{prefix}-{value:03}"
    first, second = phrases_of_number(number, "digits")
    letters = first.text.removeprefix("Nomor antrean ").rstrip(",").replace(" ", "")
    digits = "".join(str(DIGITS.index(word)) for word in second.text.rstrip(",").split())
    assert f"{letters}-{digits}" == number


@given(st.lists(st.integers(0, 9999), min_size=2, max_size=2, unique=True))
def test_two_numbers_never_sound_the_same(values: list[int]) -> None:
    """Different numbers have different words in either style."""
    for style in ("digits", "number"):
        texts = {phrases_of_number(f"A-{value:03}", style)[1].text for value in values}
        assert len(texts) == 2


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_place_is_one_clean_sentence(counter: str, agency: str) -> None:
    """Nothing typed into a site's file reaches a voice as markup or control characters."""
    (place,) = phrases_of_counter(counter, agency)
    assert re.fullmatch(r"silakan menuju [^\x00-\x1f\x7f<>\[\]{}|\\^`]+\.", place.text, re.DOTALL)
    assert "  " not in place.text
