"""From events to announcements: pure, one entry after another.

An announcement is asked for by a call, a recall or a notice, once in each zone, and ends when a speaker has said it or
when it expires. What ends without having been asked for, as far as is known, is passed over.
"""

from datetime import date, datetime

from msgspec import Struct

from server.domain import events as e
from server.domain.site import Site


class Announcement(Struct):
    """A row of `announcements` but for its site."""

    seq: int
    zone: str
    asked_at: datetime
    epoch: str
    day: date
    kind: str
    ticket: str | None = None
    number: str | None = None
    counter: str | None = None
    ended_at: datetime | None = None
    outcome: str | None = None
    delay_seconds: float | None = None


class Announcements(Struct):
    """What is known before some entries of a life, and after them what has changed.

    day: the business day in force. site: the configuration in force. rows: by zone and seq, those that the entries ask
    for or end.
    """

    epoch: str
    day: date | None
    site: Site | None
    rows: dict[tuple[str, int], Announcement] = {}

    def apply(self, entry: e.Entry) -> None:
        match entry.event:
            case e.TicketCalled() | e.TicketRecalled() | e.TicketResumed() as call:
                counter = self.site.counter.get(call.counter) if self.site else None
                if counter:
                    asked = self._asked(entry, counter.zone, "call")
                    asked.ticket, asked.number, asked.counter = call.ticket, call.number, call.counter
            case e.NoticeAnnounced() as notice:
                for zone in notice.zones:
                    self._asked(entry, zone, "notice")
            case e.AnnouncementSpoken() as spoken:
                self._ended(spoken, "spoken")
            case e.AnnouncementExpired() as expired:
                self._ended(expired, "expired")
            case e.SiteConfigured() as configured:
                self.site = configured.site
            case e.DayOpened() as opened:
                self.site, self.day = opened.site, opened.day

    def _asked(self, entry: e.Entry, zone: str, kind: str) -> Announcement:
        at = entry.event.at
        asked = Announcement(entry.seq, zone, at, self.epoch, self.day or at.date(), kind)
        self.rows[zone, entry.seq] = asked
        return asked

    def _ended(self, event: e.AnnouncementSpoken | e.AnnouncementExpired, outcome: str) -> None:
        row = self.rows.get((event.zone, event.announcement))
        if row:
            row.ended_at, row.outcome = event.at, outcome
            row.delay_seconds = (event.at - row.asked_at).total_seconds() if outcome == "spoken" else None
