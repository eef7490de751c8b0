"""Reads site files: TOML in, JSON-ready dicts in the shape of `server.domain.site.Site` out."""

import os
import re
import tomllib
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from config.calendar import closed_days
from config.checks import check
from config.errors import ConfigError, Problem, shown
from config.explain import explained
from config.look import mistake_in_logo, whole
from config.paths import id_of
from config.paths import path as name_of
from config.site import Agency, Counter, Look, SiteFile

LARGEST = 2_000_000


def load_sites(
    paths: Iterable[Path], *, always_open: bool = False, speed: float = 1.0, today: date | None = None
) -> list[dict[str, Any]]:
    """One dict per site, in the order of the paths; a folder stands for its *.toml files by name.

    Beside the shape of Site it has "look": {"colour": "#rrggbb" or "", "logo": path or ""}, which only pages need.
    speed:  how much faster than life a demo runs; head starts and the age of announcements are divided by it.
    today:  the day from which public holidays are counted; by default today at each site.
    Raises ConfigError with every mistake of every file.
    """
    problems: list[Problem] = []
    sites: list[SiteFile] = []
    files_of: dict[str, Path] = {}
    for file in _files(paths, problems):
        raw = _parse(file, problems)
        if raw is None:
            continue
        site = _checked(raw, file, problems)
        name = id_of(raw.get("site"))
        if name in files_of:
            message = f"{shown(name)} is already the id of {files_of[name]}; give each site its own"
            problems.append(Problem(str(file), "site.id", message))
        elif name:
            files_of[name] = file
        if site:
            sites.append(site)
    if problems:
        raise ConfigError(problems)
    return [_as_json(site, always_open, speed, today) | _look(site.site.look, files_of[site.site.id]) for site in sites]


def _checked(raw: dict[str, Any], file: Path, problems: list[Problem]) -> SiteFile | None:
    """The site of one file, or None with the file's mistakes added to `problems`."""
    before = len(problems)
    site = None
    try:
        site = SiteFile.model_validate(raw)
    except ValidationError as error:
        problems += explained(error, raw, str(file))
    check(raw, lambda place, message: problems.append(Problem(str(file), name_of(raw, place), message)))
    if site and (logo := site.site.look.logo) and (message := mistake_in_logo(file.parent / logo)):
        problems.append(Problem(str(file), "site.look.logo", message))
    return site if len(problems) == before else None


def _files(paths: Iterable[Path], problems: list[Problem]) -> list[Path]:
    files: dict[Path, Path] = {}
    named = list(paths)
    if not named:
        problems.append(Problem("sites", "", "no site file is named; name at least one"))
    for path in named:
        if os.path.isdir(path):
            found = sorted(f for f in path.glob("*.toml") if not f.name.startswith(".") and f.is_file())
            if not found:
                problems.append(Problem(str(path), "", "this folder has no .toml file; put a site file there"))
        elif os.path.exists(path):
            found = [path]
        else:
            problems.append(Problem(str(path), "", "there is no such file or folder; check the name"))
            continue
        for file in found:
            files.setdefault(file.resolve(), file)
    return list(files.values())


def _parse(file: Path, problems: list[Problem]) -> dict[str, Any] | None:
    def refuse(key: str, message: str) -> None:
        problems.append(Problem(str(file), key, message))

    try:
        with file.open("rb") as opened:
            data = opened.read(LARGEST + 1)
    except OSError as error:
        refuse("", f"cannot be read ({error.strerror}); name a readable file")
        return None
    if len(data) > LARGEST:
        refuse("", f"is larger than {LARGEST} bytes; a site file is far smaller, name the right file")
        return None
    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        refuse(f"line {line}", "is not UTF-8 text; save the file with the encoding UTF-8")
    except tomllib.TOMLDecodeError as error:
        refuse(*_syntax(str(error), data))
    except ValueError as error:  # an integer of thousands of digits
        refuse("", f"holds a value that cannot be read ({error}); correct it")
    except RecursionError:
        refuse("", "is nested too deeply; write it like the example in config/sites")
    return None


def _syntax(message: str, data: bytes) -> tuple[str, str]:
    """("line 3", what is wrong) from tomllib's "… (at line 3, column 5)" or "… (at end of document)"."""
    found = re.search(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$", message)
    line = found[1] if found and found[1] else str(data.count(b"\n") + 1)
    column = f" at column {found[2]}" if found and found[2] else ""
    what = message[: found.start()] if found else message
    what = "".join(c if c.isprintable() else " " for c in what)[:200]
    return f"line {line}", f"is not TOML: {what}{column}; correct it there or just before"


def _as_json(file: SiteFile, always_open: bool, speed: float, today: date | None) -> dict[str, Any]:
    site = file.site
    now = today or datetime.now(ZoneInfo(site.timezone)).date()
    return {
        "id": site.id,
        "name": site.name,
        "timezone": site.timezone,
        "day_begins": site.day_begins,
        "number_style": site.number_style,
        "head_start": {group: minutes * 60 / speed for group, minutes in site.head_start},
        "recall_limit": site.recall_limit,
        "announcement": {
            "repeat": site.announcement.repeat,
            "agency": site.announcement.agency,
            "english": site.announcement.english,
            "expires": site.announcement.expires / speed,
        },
        "notice": site.notice,
        "popular": list(site.popular),
        "pronunciation": dict(file.pronunciation),
        "zones": [{"id": zone.id, "name": zone.name, "where": zone.where or ""} for zone in file.zones],
        "agencies": [_agency(agency) for agency in file.agencies],
        "services": [
            {
                "id": s.id,
                "agency": a.id,
                "name": s.name,
                "minutes": float(s.minutes),
                "keywords": list(s.keywords),
                "bring": list(s.bring),
            }
            for a in file.agencies
            for s in a.services
        ],
        "counters": [_counter(counter, file.agencies) for counter in file.counters],
        "closed_days": closed_days(now, public=site.public_holidays, own=site.closed_days, open_days=site.open_days),
        "always_open": always_open,
    }


def _look(look: Look, file: Path) -> dict[str, Any]:
    logo = str(file.resolve().parent / look.logo) if look.logo else ""
    return {"look": {"colour": whole(look.colour), "logo": logo}}


def _agency(agency: Agency) -> dict[str, Any]:
    short = agency.short or agency.name
    return {
        "id": agency.id,
        "name": agency.name,
        "short": short,
        "prefix": agency.prefix,
        "icon": agency.icon,
        "spoken": agency.spoken or short,
        "spoken_en": agency.spoken_en or "",
        "where": agency.where or "",
        "hours": {day: [span.split("-") for span in spans] for day, spans in agency.hours if spans},
    }


def _counter(counter: Counter, agencies: list[Agency]) -> dict[str, Any]:
    of_agencies = [s.id for a in agencies if a.id in counter.agencies for s in a.services]
    return {
        "id": counter.id,
        "label": counter.label,
        "spoken": counter.spoken or counter.label,
        "spoken_en": counter.spoken_en or "",
        "zone": counter.zone,
        "where": counter.where or "",
        "services": list(dict.fromkeys([*of_agencies, *counter.services])),
    }
