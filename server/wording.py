"""In which words a hall speaks: from its site and its pronunciation table to what the room `audio` can say.

Whoever speaks and whoever makes clips ahead ask here, so that they cannot differ.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import cast

from audio.english import in_english
from audio.phrases import (
    AGAIN,
    Call,
    English,
    Language,
    Notice,
    Phrase,
    Style,
    languages,
    number_phrases,
    place_phrases,
)
from server.domain.site import Site

HIGHEST = 999
"""The ticket number up to which clips are made ahead: more in a day are rare, and made when they are issued."""

ANY = "001"  # prefix and number are phrases of their own: with any number every prefix is said, and the other way round


def call(
    site: Site,
    table: Mapping[str, str],
    number: str,
    counter: str,
    agency: str,
    *,
    repeat: bool | None = None,
    in_english_too: bool | None = None,
) -> Call:
    """The call of a number to a counter, with the agency where the site names it. counter, agency: ids.

    repeat, in_english_too: None for what the site has chosen.
    """
    at, of = site.counter[counter], site.agency[agency]
    named = site.announcement.agency
    english = English(at.spoken_en or in_english(at.spoken), (of.spoken_en or of.spoken) if named else "")
    return Call(
        number=number,
        counter=at.spoken,
        agency=of.spoken if named else "",
        style=style(site),
        repeat=site.announcement.repeat if repeat is None else repeat,
        english=english if (site.announcement.english if in_english_too is None else in_english_too) else None,
        table=table,
    )


def notice(site: Site, table: Mapping[str, str], text: str, language: str, repeat: bool) -> Notice:
    """A spoken notice. language: "id" or "en"."""
    return Notice(text, cast(Language, language), repeat, style(site), table)


def style(site: Site) -> Style:
    """How numbers are read at this site."""
    return "number" if site.number_style == "number" else "digits"


def phrases_of_site(site: Site, table: Mapping[str, str]) -> Iterator[Phrase]:
    """What is said of places: every counter, with every agency it serves if agencies are named."""
    if site.announcement.repeat:
        yield AGAIN["id"]
    for counter in site.counters:
        for agency in site.agencies_at[counter.id]:
            prefix = site.agency[agency].prefix
            called = call(site, table, f"{prefix}-{ANY}", counter.id, agency)
            for language in languages(called.english):
                yield from place_phrases(called, language)


def phrases_of_number(site: Site, number: str) -> Iterator[Phrase]:
    """Prefix and number, in every language of the site. ValueError when it is no number of ours."""
    for language in languages(site.announcement.english):
        yield from number_phrases(number, style(site), language)


def everything(site: Site, table: Mapping[str, str], highest: int = HIGHEST) -> Iterator[Phrase]:
    """All that the site can say of the numbers 1 to `highest`, each phrase once, the most useful first.

    Places and prefixes are in every call; low numbers come every day.
    """
    prefixes = [agency.prefix for agency in site.agencies]
    found = dict.fromkeys(phrases_of_site(site, table))
    for prefix in prefixes:
        found |= dict.fromkeys(phrases_of_number(site, f"{prefix}-{ANY}"))
    for number in range(1, highest + 1):
        found |= dict.fromkeys(phrases_of_number(site, f"{prefixes[0]}-{number:03}"))
    yield from found


def sayable(
    sites: Iterable[Site], table_of: Callable[[Site], Mapping[str, str]], highest: int = HIGHEST
) -> list[Phrase]:
    """All phrases of all the sites, each once, the most useful of each site first."""
    return list(dict.fromkeys(phrase for site in sites for phrase in everything(site, table_of(site), highest)))
