"""What waits to be spoken in a zone, as the log knows it: each thing once, in the order in which it was asked for.

Who says it, and when, is decided in server.domain.turns.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from server.domain.site import Site

MOST_NOTICES = 10  # that wait in one zone: more would be said when nobody needs them, and calls wait behind them
GRACE = timedelta(seconds=30)  # an announcement begun just before it grew too old may be said to its end


class Announcement(Struct, frozen=True, kw_only=True):
    """Something to be spoken in one zone.

    id: the seq of its event, the same in all its zones. at: when it was asked for. dropped_at: when it ceased to be
    true.
    """

    id: int
    at: datetime
    dropped_at: datetime | None = None


class CallAnnouncement(Announcement, frozen=True, kw_only=True):
    """A ticket is called to a counter, for the first time or again."""

    ticket: str
    number: str
    counter: str
    agency: str


class NoticeAnnouncement(Announcement, frozen=True, kw_only=True):
    """A notice is read out. notice: its id; the text stands in SQL."""

    notice: str


class AnnouncementQueue(Struct):
    """What waits in one zone. waiting: by id, in the order in which it was asked for."""

    waiting: dict[int, Announcement] = {}

    @property
    def in_hand(self) -> Announcement | None:
        """The one that is to be spoken now."""
        return next(iter(self.waiting.values()), None)

    def ask(self, announcement: Announcement) -> None:
        self.waiting[announcement.id] = announcement

    def end(self, announcement: int) -> None:
        """It was spoken, or it expired."""
        self.waiting.pop(announcement, None)

    def drop(self, ticket: str, at: datetime) -> None:
        """What waits to be said of this ticket is no longer true; the first reason counts."""
        for id, announcement in self.waiting.items():
            if isinstance(announcement, CallAnnouncement) and announcement.ticket == ticket:
                self.waiting[id] = replace(announcement, dropped_at=announcement.dropped_at or at)

    def copy(self) -> "AnnouncementQueue":
        return AnnouncementQueue(self.waiting.copy())

    @property
    def takes_notices(self) -> bool:
        """Whether one more may wait."""
        return sum(isinstance(one, NoticeAnnouncement) for one in self) < MOST_NOTICES

    def __iter__(self) -> Iterator[Announcement]:
        return iter(self.waiting.values())

    def __len__(self) -> int:
        return len(self.waiting)


def must_expire(site: Site, announcement: Announcement, now: datetime) -> bool:
    """Whether an announcement not yet begun may no longer be spoken: it is no longer true, or too old."""
    return announcement.dropped_at is not None or now >= _too_old_at(site, announcement)


def gives_up(site: Site, announcement: Announcement) -> datetime:
    """When a Tick expires it, for want of a speaker that would have done so."""
    return min(_too_old_at(site, announcement), announcement.dropped_at or datetime.max.replace(tzinfo=UTC)) + GRACE


def _too_old_at(site: Site, announcement: Announcement) -> datetime:
    return announcement.at + timedelta(seconds=site.announcement.expires)
