"""The one error of this room: every mistake of a configuration at once, each in one line.

Exception
└── ConfigError     carries `problems`, a tuple of Problem
"""

import difflib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

BARE = re.compile(r"[A-Za-z0-9_-]{1,60}")
SHOWN_AT_MOST = 60


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake.

    file:    the site file as it was named, or the environment variable
    key:     where in the file (`counters[loket-3].zone`, `line 7`), "" for the whole file or for a variable
    message: what is wrong; what would be right
    """

    file: str
    key: str
    message: str

    def __str__(self) -> str:
        line = ": ".join(part for part in (self.file, self.key, self.message) if part)
        return "".join(map(_visible, line))


class ConfigError(Exception):
    """The configuration cannot be used; `problems` names every mistake, `str()` gives one line for each."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def shown(value: object) -> str:
    """A value as an operator may see it: on one line, cut short, with nothing unprintable in it."""
    match value:
        case str():
            text = value if len(value) <= SHOWN_AT_MOST else value[:SHOWN_AT_MOST] + "…"
            return "".join(_visible(c) for c in json.dumps(text, ensure_ascii=False))
        case bool():
            return "true" if value else "false"
        case int() | float():
            try:
                text = str(value)
            except ValueError:  # sys.get_int_max_str_digits
                return "a huge number"
            return text if len(text) <= SHOWN_AT_MOST else text[:SHOWN_AT_MOST] + "…"
        case dict():
            return "a table"
        case list() | tuple():
            return "a list"
        case _:
            return f"a {type(value).__name__}"


def _visible(c: str) -> str:
    return c if c.isprintable() else f"\\u{ord(c):04x}"


def shown_key(key: str) -> str:
    return key if BARE.fullmatch(key) else shown(key)


def did_you_mean(word: str, known: Iterable[str], *, what: str = "known are") -> str:
    """`did you mean "x"?`, or what is known when nothing is near."""
    words = sorted(set(known))
    folded = {w.casefold(): w for w in words}
    near = difflib.get_close_matches(word[:80].casefold(), list(folded), n=2, cutoff=0.6)
    if near:
        return f"did you mean {' or '.join(shown(folded[w]) for w in near)}?"
    if not words:
        return "there is none"
    return f"{what} {', '.join(shown_key(w) for w in words[:20])}{', …' if len(words) > 20 else ''}"
