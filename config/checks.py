"""What shows only when the parts of a site file are compared with each other.

It works on the raw TOML, where anything may be missing or of the wrong kind, so that these mistakes are told
together with those that pydantic finds. What is of the wrong kind is passed over: pydantic tells of it.
"""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

from config.errors import did_you_mean, shown
from config.paths import path
from config.site import WEEKDAYS, minutes_of

Place = tuple[str | int, ...]
Report = Callable[[Place, str], None]
Raw = dict[str, Any]


def check(raw: Raw, report: Report) -> None:
    """Reports each mistake as (place, what is wrong; what would be right)."""
    _unique(raw, report)
    _days(raw, report)
    _popular(raw, report)
    for a, agency in _tables(raw, "agencies"):
        if agency.get("services") == []:
            report(
                ("agencies", a, "services"),
                "this agency has no services; add at least one, or remove the agency",
            )
        _hours(("agencies", a, "hours"), agency, report)
    _counters(raw, report)
    _served(raw, report)


def _tables(raw: Raw, key: str) -> list[tuple[int, Raw]]:
    entries = raw.get(key)
    return [(i, e) for i, e in enumerate(entries) if isinstance(e, dict)] if isinstance(entries, list) else []


def _strings(raw: Raw, key: str) -> list[tuple[int, str]]:
    entries = raw.get(key)
    return [(i, e) for i, e in enumerate(entries) if isinstance(e, str)] if isinstance(entries, list) else []


def _services(raw: Raw) -> Iterator[tuple[Place, Raw]]:
    for a, agency in _tables(raw, "agencies"):
        for s, service in _tables(agency, "services"):
            yield ("agencies", a, "services", s), service


def _ids(entries: list[tuple[int, Raw]]) -> set[str]:
    return {e["id"] for _, e in entries if isinstance(e.get("id"), str)}


def _unique(raw: Raw, report: Report) -> None:
    def compare(entries: list[tuple[Place, Raw]], key: str, noun: str) -> None:
        first: dict[str, Place] = {}
        for place, entry in entries:
            value = entry.get(key)
            if not isinstance(value, str) or not (value := value.strip()):
                continue
            if value in first:
                where = path(raw, first[value])
                report((*place, key), f"{shown(value)} is already the {key} of {where}; give each {noun} its own")
            first.setdefault(value, place)

    for plural, noun in (("zones", "zone"), ("agencies", "agency"), ("counters", "counter")):
        entries: list[tuple[Place, Raw]] = [((plural, i), e) for i, e in _tables(raw, plural)]
        compare(entries, "id", noun)
        compare(entries, "label" if plural == "counters" else "name", noun)
        if plural == "agencies":
            compare(entries, "prefix", noun)
    compare(list(_services(raw)), "id", "service")
    for a, agency in _tables(raw, "agencies"):
        compare([(("agencies", a, "services", s), e) for s, e in _tables(agency, "services")], "name", "service")


def _days(raw: Raw, report: Report) -> None:
    site = raw.get("site")
    if isinstance(site, dict) and isinstance(closed := site.get("closed_days"), dict):
        for i, day in _strings(site, "open_days"):
            if day in closed:
                report(
                    ("site", "open_days", i),
                    f"{shown(day)} is among closed_days too; keep it in one of the two",
                )


def _popular(raw: Raw, report: Report) -> None:
    known = {s["id"] for _, s in _services(raw) if isinstance(s.get("id"), str)}
    site = raw.get("site")
    named = _strings(site, "popular") if isinstance(site, dict) else []
    for i, name in named:
        if name not in known:
            hint = did_you_mean(name, known, what="the services of this file are")
            report(("site", "popular", i), f"unknown service {shown(name)}; {hint}")
        elif name in (before for _, before in named[:i]):
            report(("site", "popular", i), f"{shown(name)} stands here twice; name it once")


def _hours(place: Place, agency: Raw, report: Report) -> None:
    hours = agency.get("hours")
    if not isinstance(hours, dict):
        return
    if not any(hours.values()):
        report(place, "this agency never opens; write the hours of at least one weekday")
    for day in WEEKDAYS:
        written = [(span, m) for _, span in _strings(hours, day) if (m := minutes_of(span))]
        for (before, (_, end)), (after, (start, _)) in pairwise(written):
            if start < end:
                report(
                    (*place, day),
                    f'"{after}" begins before "{before}" has ended; write spans in order, apart',
                )


def _counters(raw: Raw, report: Report) -> None:
    zones, agencies = _ids(_tables(raw, "zones")), _ids(_tables(raw, "agencies"))
    services = {s["id"] for _, s in _services(raw) if isinstance(s.get("id"), str)}
    used: set[str] = set()
    for c, counter in _tables(raw, "counters"):
        zone = counter.get("zone")
        if isinstance(zone, str):
            used.add(zone)
            if zone not in zones:
                report(("counters", c, "zone"), f"unknown zone {shown(zone)}; {did_you_mean(zone, zones)}")
        for key, noun, known in (("agencies", "agency", agencies), ("services", "service", services)):
            for i, name in _strings(counter, key):
                if name not in known:
                    hint = did_you_mean(name, known, what=f"the {key} of this file are")
                    report(("counters", c, key, i), f"unknown {noun} {shown(name)}; {hint}")
        if not counter.get("agencies") and not counter.get("services"):
            report(("counters", c), "serves nothing; name its agencies or its services")
    if _tables(raw, "counters"):
        for z, zone in _tables(raw, "zones"):
            if isinstance(zone.get("id"), str) and zone["id"] not in used:
                report(("zones", z), "no counter is in this zone; put one there, or remove the zone")


def _served(raw: Raw, report: Report) -> None:
    counters = _tables(raw, "counters")
    if not counters:
        return
    by_agency = {name for _, counter in counters for _, name in _strings(counter, "agencies")}
    by_service = {name for _, counter in counters for _, name in _strings(counter, "services")}
    for a, agency in _tables(raw, "agencies"):
        if not isinstance(agency.get("id"), str) or agency["id"] in by_agency:
            continue
        offered = [(s, e["id"]) for s, e in _tables(agency, "services") if isinstance(e.get("id"), str)]
        missed = [(s, name) for s, name in offered if name not in by_service]
        if offered and len(missed) == len(offered):
            report(("agencies", a), "no counter serves this agency; name it in the agencies of a counter")
        else:
            for s, _ in missed:
                report(("agencies", a, "services", s), "no counter serves this service; name it at a counter")
