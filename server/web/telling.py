"""What happened, in words: the sentence of every event, from the catalogue's room `journal`. Pure."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from msgspec import Struct

from server.domain import events as e
from server.domain.site import Site
from server.history.journal import Line

# Groups of types by which people look for something, in the order in which they are offered.
KINDS: Mapping[str, tuple[str, ...]] = {
    "calls": ("ticket-called", "ticket-recalled", "ticket-resumed"),
    "visits": (
        *("ticket-started", "ticket-served", "ticket-no-show", "ticket-parked"),
        *("ticket-returned", "ticket-transferred"),
    ),
    "numbers": ("ticket-issued", "ticket-cancelled"),
    "counters": ("counter-opened", "counter-paused", "counter-closed"),
    "sound": ("notice-announced", "announcement-spoken", "announcement-expired"),
    "system": ("site-configured", "day-opened"),
}
KIND_OF = {type: kind for kind, types in KINDS.items() for type in types}
WHO = {"system": "system", "holder": "holder", "speaker": "speaker"}  # who gives commands and has no account
HERE = "\0"  # where the number stands in a sentence

Named = Callable[[str, str], str]
Person = tuple[str, str, str | None]  # name, role, site


class Told(Struct, frozen=True):
    """A sentence around a number: `before` it, and `after` it; without a number all of it is `before`."""

    before: str
    number: str
    after: str

    def __str__(self) -> str:
        return self.before + self.number + self.after


class Teller:
    """words: a catalogue. old: what ids were called that the site does not know any more, by kind and id. notices: the
    texts of notices by id. people: by id."""

    def __init__(
        self,
        site: Site,
        words: Mapping[str, str],
        old: Mapping[tuple[str, str], str],
        notices: Mapping[str, str],
        people: Mapping[str, Person],
    ) -> None:
        self._site, self._words, self._old, self._notices, self._people = site, words, old, notices, people

    def tell(self, line: Line) -> Told:
        number = line.ticket.number if line.ticket else str(getattr(line.call or line.event, "number", ""))
        key, values = self._sentence(line)
        whole = self._words[f"journal.{key}"].format(number=HERE, **values)
        before, here, after = whole.partition(HERE)
        return Told(before, number or "?", after) if here else Told(whole, "", "")

    def who(self, by: str) -> str:
        """Who asked for it, as people know them."""
        if by in WHO:
            return self._words[f"journal.who.{WHO[by]}"]
        name, role, _ = self._people.get(by, ("", "", None))
        if name:
            return name
        short = by.rpartition("-")[2][:6]
        if role:
            return self._words["journal.who.token"].format(role=self._words[f"journal.role.{role}"], id=short)
        return self._words["journal.who.gone"].format(id=short)

    def counter(self, id: str) -> str:
        return self._site.counter[id].label if id in self._site.counter else self._old.get(("counter", id), id)

    def agency(self, id: str) -> str:
        return self._site.agency[id].short if id in self._site.agency else self._old.get(("agency", id), id)

    def kind(self, id: str) -> str:
        return self._words[f"journal.kind.{id}"]

    def _sentence(self, line: Line) -> tuple[str, dict[str, Any]]:
        """The key within the room, and what fills its places."""
        event, kind = line.event, type(line.event).__struct_config__.tag
        counter = {"counter": self.counter(getattr(event, "counter", ""))}
        match event:
            case e.TicketIssued():
                service, agency = self._service(event.service), self.agency(event.agency)
                return f"{kind}.{event.channel}", {"service": service, "agency": agency}
            case e.TicketCalled() | e.TicketResumed():
                return str(kind), counter | {"agency": self.agency(event.agency)}
            case e.TicketRecalled():
                return str(kind), counter | {"n": event.recall}
            case e.TicketServed():
                return f"{kind}.{event.reason}", counter
            case e.TicketTransferred():
                to = {"service": self._service(event.service), "agency": self.agency(event.agency)}
                if event.to_counter:
                    return f"{kind}.counter", counter | to | {"to": self.counter(event.to_counter)}
                return f"{kind}.service", counter | to
            case e.TicketCancelled():
                return f"{kind}.{event.reason}", {}
            case e.NoticeAnnounced():
                zones = ", ".join(map(self._zone, event.zones))
                text = self._notices.get(event.notice) or self._words["sound.notice.lost"]
                return str(kind), {"zones": zones, "text": text}
            case e.AnnouncementSpoken():
                return self._about(f"{kind}", line), {"zone": self._zone(event.zone)}
            case e.AnnouncementExpired():
                why = self._words[f"journal.expired.{event.reason}"]
                return self._about(f"{kind}", line), {"zone": self._zone(event.zone), "why": why}
            case e.SiteConfigured():
                return str(kind), {"agencies": len(event.site.agencies), "counters": len(event.site.counters)}
            case e.DayOpened():
                return str(kind), {"day": self.day(event.day)}
        return str(kind), counter

    def day(self, day: date) -> str:
        months, days = self._words["common.months"].split(), self._words["common.days"].split()
        name = days[(day.weekday() + 1) % 7]
        return self._words["common.date"].format(day=name, date=day.day, month=months[day.month - 1], year=day.year)

    def _about(self, kind: str, line: Line) -> str:
        return f"{kind}.{'call' if line.call else 'notice'}"

    def _service(self, id: str) -> str:
        return self._site.service[id].name if id in self._site.service else self._old.get(("service", id), id)

    def _zone(self, id: str) -> str:
        return self._site.zone[id].name if id in self._site.zone else id
