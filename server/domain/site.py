"""What a hall is made of: zones, agencies, services, counters and the rules it has chosen.

A `Site` is what `site-configured` carries. Its contents were checked by the room `config`; here they are facts.
"""

from functools import cached_property

from msgspec import Struct

PRIORITIES = ("elderly", "disability", "pregnant", "infant")
CHANNELS = ("kiosk", "staff", "online")


class Zone(Struct, frozen=True):
    """A part of the hall with its own TV and loudspeaker. where: how to get there, "" when nothing need be said."""

    id: str
    name: str
    where: str = ""


class Agency(Struct, frozen=True):
    """An organisation in the hall.

    prefix: one or two capital letters, unique in the site, first part of its numbers.
    spoken: its name as the loudspeaker says it; spoken_en: in English, "" for the same.
    where: how to get there, "" for as its counters or their zone.
    icon: what kind of agency it is, for its picture; "" for none.
    hours: weekday ("mon" … "sun") to spans of local time ("08:00", "12:00"); a weekday left out is closed.
    """

    id: str
    name: str
    short: str
    prefix: str
    spoken: str
    hours: dict[str, tuple[tuple[str, str], ...]]
    spoken_en: str = ""
    where: str = ""
    icon: str = ""


class Service(Struct, frozen=True):
    """A thing asked for. minutes: usual length of one visit. keywords: everyday words for the search.
    bring: what to have with one."""

    id: str
    agency: str
    name: str
    minutes: float
    keywords: tuple[str, ...] = ()
    bring: tuple[str, ...] = ()


class Counter(Struct, frozen=True):
    """A desk. services: ids of what it serves.

    spoken: its label as the loudspeaker says it; spoken_en: in English, "" to make it from `spoken`.
    where: how to get there, "" for as its zone.
    """

    id: str
    label: str
    spoken: str
    zone: str
    services: tuple[str, ...]
    spoken_en: str = ""
    where: str = ""


class Announcing(Struct, frozen=True):
    """repeat: say it twice. agency: name the agency. expires: seconds after which it is shown, not spoken.

    english: say it in English too, once, at the end.
    """

    repeat: bool
    agency: bool
    expires: float
    english: bool = False


class Site(Struct, frozen=True, dict=True):
    """One hall.

    timezone: IANA name. day_begins: local hour (0–23) at which a business day begins.
    number_style: "digits" or "number". head_start: seconds per priority group. closed_days: date to its name.
    always_open: opening hours are ignored (trials at night).
    pronunciation: what is written in names and notices to how it is said in Indonesian, from the site file.
    popular: ids of the services that most visitors come for, in the order of the site file.
    """

    id: str
    name: str
    timezone: str
    day_begins: int
    number_style: str
    head_start: dict[str, float]
    recall_limit: int
    announcement: Announcing
    notice: str
    zones: tuple[Zone, ...]
    agencies: tuple[Agency, ...]
    services: tuple[Service, ...]
    counters: tuple[Counter, ...]
    closed_days: dict[str, str] = {}
    always_open: bool = False
    pronunciation: dict[str, str] = {}
    popular: tuple[str, ...] = ()

    @cached_property
    def zone(self) -> dict[str, Zone]:
        return {zone.id: zone for zone in self.zones}

    @cached_property
    def agency(self) -> dict[str, Agency]:
        return {agency.id: agency for agency in self.agencies}

    @cached_property
    def service(self) -> dict[str, Service]:
        return {service.id: service for service in self.services}

    @cached_property
    def counter(self) -> dict[str, Counter]:
        return {counter.id: counter for counter in self.counters}

    @cached_property
    def serving(self) -> dict[str, tuple[str, ...]]:
        """Service id to the ids of the counters that serve it."""
        return {s.id: tuple(c.id for c in self.counters if s.id in c.services) for s in self.services}

    @cached_property
    def agencies_at(self) -> dict[str, tuple[str, ...]]:
        """Counter id to the ids of the agencies it serves, in the order of the site file."""
        found = {c.id: {self.service[s].agency for s in c.services} for c in self.counters}
        return {c: tuple(a.id for a in self.agencies if a.id in ids) for c, ids in found.items()}

    @cached_property
    def rivals(self) -> dict[str, tuple[str, ...]]:
        """Service id to all services that some counter serving it also serves (itself included)."""
        return {
            s: tuple(dict.fromkeys(o for c in counters for o in self.counter[c].services))
            for s, counters in self.serving.items()
        }
