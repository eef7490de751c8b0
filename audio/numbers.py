"""Ticket numbers in words: letters one by one, then digit by digit or as a number, in Indonesian and English.

Letters stay single capitals with spaces between ("Z Z"): that is what makes the voices say the letter's name
(espeak-ng in Indonesian: B → bé, Q → ki, Z → zét). Spelled out ("be", "ce") the e would be open or mute, and
"ZZ" without a space runs into one word. In English a hyphen joins them ("A-B"): a lone A within a text is the article.
"""

from __future__ import annotations

import re
from typing import Literal

from num2words import num2words

Language = Literal["id", "en"]
Style = Literal["digits", "number"]

DIGITS: dict[Language, tuple[str, ...]] = {
    "id": ("nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan"),
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
}

_BETWEEN_LETTERS: dict[Language, str] = {"id": " ", "en": "-"}
_TICKET = re.compile(r"([A-Z]{1,2})-([0-9]{3,9})")
IN_A_TEXT = re.compile(rf"(?<![\w-])({_TICKET.pattern.replace('(', '(?:')})(?![\w-])", re.ASCII)
"""A ticket number within a text; one group, so that `split` gives text and numbers in turn."""


def letters_and_words(number: str, style: Style, language: Language) -> tuple[str, str]:
    """("Z Z", "nol satu dua") of "ZZ-012". ValueError: it is none of our numbers."""
    found = _TICKET.fullmatch(number)
    if found is None:
        raise ValueError(f"not a ticket number: {number!r}")
    letters, digits = _BETWEEN_LETTERS[language].join(found[1]), found[2]
    if style == "digits":
        return letters, " ".join(DIGITS[language][int(digit)] for digit in digits)
    return letters, in_words(int(digits), language)


def in_words(value: int, language: Language) -> str:
    """12 as "dua belas" or "twelve", in one breath: without the commas of thousands."""
    return str(num2words(value, lang=language)).replace(",", "")
