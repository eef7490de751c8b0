"""The label of a counter in English, where the site's file does not give it."""

from __future__ import annotations

import re
from functools import cache

from audio.numbers import in_words

_WORDS = {
    "loket": "counter",
    "konter": "counter",
    "meja": "desk",
    "ruang": "room",
    "ruangan": "room",
    "lantai": "floor",
    "gedung": "building",
}
_HIGHEST = 999


def in_english(label: str) -> str:
    """ "Loket 3", "loket tiga" → "counter three"; words that are not known stay as they are."""
    known, pattern = _known()

    def said(found: re.Match[str]) -> str:
        word = found[0]
        return in_words(int(word), "en") if word.isdigit() else known[" ".join(word.lower().split())]

    return pattern.sub(said, label)


@cache
def _known() -> tuple[dict[str, str], re.Pattern[str]]:
    """The words, numbers among them, and what finds them or digits: whole, the longest first, capitals or not."""
    known = _WORDS | {in_words(value, "id"): in_words(value, "en") for value in range(_HIGHEST + 1)}
    longest_first = sorted(known, key=len, reverse=True)
    alternatives = "|".join(r"\s+".join(words.split()) for words in longest_first)
    return known, re.compile(rf"(?<!\w)(?:{alternatives}|[0-9]{{1,9}})(?!\w)", re.IGNORECASE)
