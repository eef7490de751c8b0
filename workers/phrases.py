"""What may have to be said in a hall, and which of it still lacks its clip."""

from collections.abc import Iterable, Iterator

from audio.clips import ClipStore
from audio.phrases import AGAIN, Phrase, Style, phrases_of_counter, phrases_of_number
from audio.voices import Voice
from server.domain.events import DayOpened, Entry, SiteConfigured, TicketIssued
from server.domain.site import Site


def phrases_of_site(site: Site) -> Iterator[Phrase]:
    """What is said of places: every counter, with every agency it serves if agencies are named."""
    for counter in site.counters:
        for agency in site.agencies_at[counter.id]:
            spoken = site.agency[agency].spoken if site.announcement.agency else ""
            yield from phrases_of_counter(counter.spoken, spoken)
    if site.announcement.repeat:
        yield AGAIN


class Hall:
    """One hall's log, as far as it was read: tells what each entry may have to be said for."""

    def __init__(self) -> None:
        self._style: Style = "digits"

    def phrases(self, entries: Iterable[Entry]) -> Iterator[Phrase]:
        for entry in entries:
            match entry.event:
                case SiteConfigured(site=site) | DayOpened(site=site):
                    self._style = "number" if site.number_style == "number" else "digits"
                    yield from phrases_of_site(site)
                case TicketIssued(number=number):
                    yield from phrases_of_number(number, self._style)


class Clips:
    """All phrases known so far, and what is to be done about their clips.

    missing: no voice has said it, and one that works off line could. owed: the first voice has not said it. Where that
    voice is silent (no internet), what is owed would be asked for in vain: until one of it gets done, one is tried.
    """

    def __init__(self, store: ClipStore, voices: list[Voice]) -> None:
        self._store, self._voices = store, voices
        self._sure = any(voice.offline for voice in voices)
        self._known: dict[str, Phrase] = {}
        self._rest: set[str] = set()

    def learn(self, phrases: Iterable[Phrase]) -> list[Phrase]:
        """Those that were not known and are missing."""
        new = {phrase.text: phrase for phrase in phrases if phrase.text not in self._known}
        self._known |= new
        return [phrase for phrase in new.values() if self._is_missing(phrase)]

    def due(self) -> list[Phrase]:
        """What to offer now, asked every few seconds: all that is missing, and what makes sense of what is owed.

        A clip that was lost is found missing again.
        """
        rest = [phrase for phrase in self._known.values() if not self._has(phrase, self._voices[0])]
        texts = {phrase.text for phrase in rest}
        some_got_done, self._rest = bool(self._rest - texts), texts
        missing, owed = list[Phrase](), list[Phrase]()
        for phrase in rest:
            (missing if self._is_missing(phrase) else owed).append(phrase)
        return missing + (owed if some_got_done else owed[:1])

    def digest(self, phrase: Phrase) -> str:
        """Of its clip in the first voice."""
        return self._store.digest(phrase.text, self._voices[0])

    def _is_missing(self, phrase: Phrase) -> bool:
        return self._sure and not any(self._has(phrase, voice) for voice in self._voices)

    def _has(self, phrase: Phrase, voice: Voice) -> bool:
        return self._store.has(self._store.digest(phrase.text, voice))
