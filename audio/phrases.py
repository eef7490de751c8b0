"""What the loudspeaker says, cut into phrases that can be recorded once and reused for ever.

A call is said in three phrases: the prefix, the number, the place. A hall thus needs one clip per prefix,
one per number and one per counter and agency, not one per combination of them. A phrase that does not end
the sentence carries a trailing comma, so that a voice does not let its tone fall there.

The order: Indonesian; when calls are repeated "Sekali lagi," and the same; then, in a hall that speaks
English too, the English once. The pronunciation table is for the Indonesian voice and leaves English alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from audio.cutting import pieces, plain, sentences
from audio.numbers import IN_A_TEXT, letters_and_words
from audio.numbers import Language as Language
from audio.numbers import Style as Style
from audio.pronunciation import pronounced


@dataclass(frozen=True)
class Phrase:
    """`text` is what a voice is given, closing mark included; `final`: ends a sentence."""

    text: str
    final: bool
    language: Language = "id"


@dataclass(frozen=True)
class English:
    """The place in English, as spoken ("counter three", "Immigration" or "")."""

    counter: str
    agency: str = ""


@dataclass(frozen=True)
class Call:
    """One call of one ticket. `counter` and `agency` are as spoken ("loket tiga", "Imigrasi" or "").

    english: say it in English too. table: the pronunciation of written words (`audio.pronunciation`).
    """

    number: str
    counter: str
    agency: str = ""
    style: Style = "digits"
    repeat: bool = False
    english: English | None = None
    table: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Notice:
    """A text to be spoken, given by hand. `style`: how ticket numbers in it ("A-012") are read."""

    text: str
    language: Language = "id"
    repeat: bool = False
    style: Style = "digits"
    table: Mapping[str, str] = field(default_factory=dict, hash=False)


Utterable = Call | Notice


@dataclass(frozen=True)
class _Words:
    number: str
    go_to: str
    anywhere: str
    again: str


_WORDS: dict[Language, _Words] = {
    "id": _Words("Nomor antrean", "silakan menuju", "loket", "Sekali lagi,"),
    "en": _Words("Number", "please proceed to", "the counter", "Once again,"),
}
AGAIN: dict[Language, Phrase] = {language: Phrase(words.again, False, language) for language, words in _WORDS.items()}


def phrases(what: Utterable) -> tuple[Phrase, ...]:
    """All phrases in speaking order. ValueError: the number is none of ours, or the notice has nothing to say."""
    once = _notice_phrases(what) if isinstance(what, Notice) else _call_phrases(what, "id")
    again = (AGAIN[once[0].language], *once) if what.repeat else ()
    english = _call_phrases(what, "en") if isinstance(what, Call) and what.english else ()
    return once + again + english


def caption(what: Utterable) -> str:
    """The same to read: once, numbers as printed and names as the site writes them. ValueError as `phrases`."""
    phrases(what)
    if isinstance(what, Notice):
        return " ".join(what.text.split())
    return " ".join(
        f"{_WORDS[language].number} {what.number}, {_place(what, language)}." for language in languages(what.english)
    )


def languages(english: object) -> tuple[Language, ...]:
    """Those in which a hall calls, in speaking order; `english`: anything true for a hall that speaks it."""
    return ("id", "en") if english else ("id",)


def number_phrases(number: str, style: Style, language: Language) -> tuple[Phrase, ...]:
    """The prefix and the number: what can be recorded as soon as a ticket is issued. ValueError as `phrases`."""
    letters, words = letters_and_words(number, style, language)
    return (
        Phrase(f"{_WORDS[language].number} {letters},", False, language),
        Phrase(f"{words},", False, language),
    )


def place_phrases(call: Call, language: Language) -> tuple[Phrase, ...]:
    """The place: what can be recorded as soon as the site is configured. One phrase, unless it is very long."""
    place = _place(call, language)
    return _as_phrases(pieces(pronounced(place, call.table) if language == "id" else place, "."), language)


def _call_phrases(call: Call, language: Language) -> tuple[Phrase, ...]:
    return number_phrases(call.number, call.style, language) + place_phrases(call, language)


def _place(call: Call, language: Language) -> str:
    named = call.english if language == "en" and call.english else call
    words = _WORDS[language]
    place = ", ".join(part for part in (plain(named.counter), plain(named.agency)) if part)
    return f"{words.go_to} {place or words.anywhere}"


def _notice_phrases(notice: Notice) -> tuple[Phrase, ...]:
    def said(part: str) -> str:
        if IN_A_TEXT.fullmatch(part):
            return ", ".join(letters_and_words(part, notice.style, notice.language))
        return pronounced(part, notice.table) if notice.language == "id" else part

    text = "".join(map(said, IN_A_TEXT.split(notice.text)))
    found = _as_phrases(sentences(text), notice.language)
    if not found:
        raise ValueError(f"nothing to say in {notice.text!r}")
    return found


def _as_phrases(cut: Iterable[tuple[str, bool]], language: Language) -> tuple[Phrase, ...]:
    return tuple(Phrase(text, final, language) for text, final in cut)
