"""What a hall's log tells of what may have to be said."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress

from audio.phrases import Phrase, phrases
from server import wording
from server.domain.events import DayOpened, Entry, NoticeAnnounced, SiteConfigured, TicketIssued
from server.domain.site import Site
from server.history.notices import Notice


class Hall:
    """One hall's log, as far as it was read: tells what may have to be said.

    table_of: the pronunciations as of now. notice_of: the spoken notice of an id, None when it is not to be had.
    """

    def __init__(
        self, table_of: Callable[[Site], Mapping[str, str]], notice_of: Callable[[str], Notice | None]
    ) -> None:
        self._table_of = table_of
        self._notice_of = notice_of
        self._site: Site | None = None
        self._table: Mapping[str, str] | None = None

    def phrases(self, entries: Iterable[Entry]) -> Iterator[Phrase]:
        """Of these entries, and of all places when the site or its pronunciations have changed."""
        for entry in entries:
            match entry.event:
                case SiteConfigured(site=site) | DayOpened(site=site):
                    self._site, self._table = site, None
                case TicketIssued(number=number) if self._site:
                    yield from wording.phrases_of_number(self._site, number)
                case NoticeAnnounced(notice=id) if self._site and (found := self._notice_of(id)):
                    with suppress(ValueError):  # it holds nothing to say
                        said = wording.notice(
                            self._site, self._table_of(self._site), found.text, found.language, found.repeat
                        )
                        yield from phrases(said)
        if self._site and self._table != (table := self._table_of(self._site)):
            self._table = table
            yield from wording.phrases_of_site(self._site, table)
