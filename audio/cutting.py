"""Any text, cut into pieces that a voice can take at once: sentences, and where one is long, its clauses."""

from __future__ import annotations

import re
from collections.abc import Iterator

LONGEST = 100
"""Characters of a piece, its closing mark included: what Google's voice takes in one request."""

_UNSPEAKABLE = re.compile(r"[\x00-\x1f\x7f<>\[\]{}|\\^`]+")
_CLOSING = " .,;:!?…\"'”’)–-"
_STOP = re.compile(r"([.!?…]+)[\"'”’)]*(?=\s|$)|\n")
_CLAUSE = re.compile(r"[,;:]\s|\s[–-]\s")
_ABBREVIATED = re.compile(
    r"[a-z]|bpk|sdri?|yth|jln?|no|r[tw]|kel|kec|kab|prov|telp?|hp|pkl|prof|dr[sag]?|ir|hj|mrs?|ms|st", re.IGNORECASE
)


def plain(text: str) -> str:
    """Words only: no control characters, nothing a voice could take for markup, no closing punctuation."""
    return " ".join(_UNSPEAKABLE.sub(" ", text).split()).rstrip(" .,;:!?")


def sentences(text: str) -> Iterator[tuple[str, bool]]:
    """(piece, whether it ends a sentence), each with its closing mark; nothing when the text has no word."""
    begin = 0
    for stop in _STOP.finditer(text):
        if not _goes_on(text, stop):
            yield from pieces(text[begin : stop.start()], _mark(stop[1] or ""))
            begin = stop.end()
    yield from pieces(text[begin:], ".")


def pieces(sentence: str, mark: str) -> Iterator[tuple[str, bool]]:
    """One sentence without its mark, cut where a speaker would draw breath; only the last piece gets the mark."""
    rest, found = plain(sentence).rstrip(_CLOSING), list[str]()
    while len(rest) + len(mark) > LONGEST:
        end = _breath(rest[:LONGEST])
        found.append(rest[:end].rstrip(_CLOSING))
        rest = rest[end:].lstrip()
    *before, last = [piece for piece in (*found, rest) if any(c.isalnum() for c in piece)] or [""]
    yield from ((f"{piece},", False) for piece in before)
    if last:
        yield f"{last}{mark}", True


def _breath(window: str) -> int:
    """Where to cut: after the last clause unless that is very early, else at the last space, else anywhere."""
    clauses = [found.end() for found in _CLAUSE.finditer(window) if found.end() > LONGEST // 4]
    return clauses[-1] if clauses else window.rfind(" ") if " " in window else LONGEST - 1


def _mark(stop: str) -> str:
    return next((mark for mark in "?!" if mark in stop), ".")


def _goes_on(text: str, stop: re.Match[str]) -> bool:
    """A full stop that ends an abbreviation ("Bpk. Ahmad", "B. J. Habibie", "dll. dan") ends no sentence."""
    after = text[stop.end() :].lstrip(" ")
    if stop[1] != "." or not after:
        return False
    words = text[: stop.start()].split()
    word = words[-1].lstrip("(\"'") if words else ""
    return after[0].islower() or _ABBREVIATED.fullmatch(word) is not None
