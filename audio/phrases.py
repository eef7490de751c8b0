"""What the loudspeaker says, cut into phrases that can be recorded once and reused for ever.

A call is said in three phrases: the prefix, the number, the place. A hall thus needs one clip per prefix,
one per number and one per counter and agency, not one per combination of them. A phrase that does not end
the sentence carries a trailing comma, so that a voice does not let its tone fall there.

Letters stay single capitals with spaces between ("Z Z"): that is what makes both voices say the letter's
Indonesian name (espeak-ng: B → bé, Q → ki, Z → zét). Spelled out ("be", "ce") the e would be open or mute,
and "ZZ" without a space runs into one word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from num2words import num2words

Style = Literal["digits", "number"]

DIGITS = ("nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan")

_NUMBER = re.compile(r"([A-Z]{1,2})-([0-9]{3,9})")
_UNSPEAKABLE = re.compile(r"[\x00-\x1f\x7f<>\[\]{}|\\^`]+")


@dataclass(frozen=True)
class Phrase:
    """`text` is what a voice is given, closing comma or full stop included; `final`: ends a sentence."""

    text: str
    final: bool


@dataclass(frozen=True)
class Call:
    """One call of one ticket. `counter` and `agency` are as spoken ("loket tiga", "Imigrasi" or "")."""

    number: str
    counter: str
    agency: str = ""
    style: Style = "digits"
    repeat: bool = False


AGAIN = Phrase("Sekali lagi,", final=False)


def phrases(call: Call) -> tuple[Phrase, ...]:
    """All phrases of a call in speaking order. ValueError when the number is none of ours."""
    once = phrases_of_number(call.number, call.style) + phrases_of_counter(call.counter, call.agency)
    return (*once, AGAIN, *once) if call.repeat else once


def phrases_of_number(number: str, style: Style) -> tuple[Phrase, ...]:
    """The prefix and the number: what can be recorded as soon as a ticket is issued."""
    prefix, digits = _parts(number)
    return (
        Phrase(f"Nomor antrean {' '.join(prefix)},", final=False),
        Phrase(f"{_spoken_number(digits, style)},", final=False),
    )


def phrases_of_counter(counter: str, agency: str = "") -> tuple[Phrase, ...]:
    """The place: what can be recorded as soon as the site is configured."""
    place = ", ".join(part for part in (_plain(counter), _plain(agency)) if part)
    return (Phrase(f"silakan menuju {place or 'loket'}.", final=True),)


def caption(call: Call) -> str:
    """The call as one sentence to read."""
    _parts(call.number)
    place = phrases_of_counter(call.counter, call.agency)[0].text
    return f"Nomor antrean {call.number}, {place}"


def _parts(number: str) -> tuple[str, str]:
    found = _NUMBER.fullmatch(number)
    if found is None:
        raise ValueError(f"not a ticket number: {number!r}")
    return found[1], found[2]


def _spoken_number(digits: str, style: Style) -> str:
    if style == "digits":
        return " ".join(DIGITS[int(digit)] for digit in digits)
    return str(num2words(int(digits), lang="id"))


def _plain(text: str) -> str:
    """Words only: no control characters, nothing a voice could take for markup, no closing punctuation."""
    return " ".join(_UNSPEAKABLE.sub(" ", text).split()).rstrip(" .,;:!?")
