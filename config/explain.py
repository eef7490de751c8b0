"""pydantic's findings about a site file in the words of an operator."""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ValidationError

from config.errors import Problem, did_you_mean, shown
from config.paths import path
from config.site import (
    WEEKDAYS,
    Agency,
    Announcement,
    Counter,
    HeadStart,
    Hours,
    Look,
    Service,
    SiteFile,
    SiteTable,
    Zone,
)

MODELS: dict[tuple[str, ...], type[BaseModel]] = {
    (): SiteFile,
    ("site",): SiteTable,
    ("site", "head_start"): HeadStart,
    ("site", "announcement"): Announcement,
    ("site", "look"): Look,
    ("zones",): Zone,
    ("agencies",): Agency,
    ("agencies", "hours"): Hours,
    ("agencies", "services"): Service,
    ("counters",): Counter,
}
INDONESIAN_DAYS = dict(
    zip(("senin", "selasa", "rabu", "kamis", "jumat", "sabtu", "minggu"), WEEKDAYS, strict=True),
    ahad="sun",
    **{"jum'at": "fri"},
)
KINDS = {
    "string_type": "text in quotes",
    "int_type": "a whole number without quotes",
    "float_type": "a number without quotes",
    "bool_type": "true or false without quotes",
    "list_type": "a list in square brackets",
    "dict_type": "a table",
    "model_type": "a table",
}
EXAMPLES = {
    "id": 'id = "a-short-name"',
    "name": 'name = "…"',
    "timezone": 'timezone = "Asia/Makassar"',
    "prefix": 'prefix = "A"',
    "hours": '[agencies.hours] with mon = ["08:00-12:00", "13:00-15:00"] and so on',
    "services": "services = [ … ]",
    "minutes": "minutes = 10, the usual time at the counter",
    "label": 'label = "Loket 1"',
    "zone": 'zone = "…", the id of one of the zones',
    "site": "a [site] table",
    "zones": "a [[zones]] table for each zone",
    "agencies": "an [[agencies]] table for each agency",
    "counters": "a [[counters]] table for each counter",
}


def explained(error: ValidationError, raw: dict[str, Any], file: str) -> Iterator[Problem]:
    """One problem for each finding, in the order of the models."""
    for found in error.errors(include_url=False):
        place = tuple(step for step in found["loc"] if step != "[key]")
        yield Problem(
            file,
            path(raw, place),
            _message(found["type"], place, found["input"], found["msg"], found.get("ctx", {})),
        )


def _message(kind: str, place: tuple[str | int, ...], value: Any, message: str, context: dict[str, Any]) -> str:
    if kind in KINDS:
        return f"is {shown(value)}; write {KINDS[kind]}"
    match kind:
        case "mistake":
            return message
        case "missing":
            return f"is missing; add {EXAMPLES[str(place[-1])]}"
        case "extra_forbidden":
            return _unknown_key(place)
        case "greater_than":
            return f"is {shown(value)}; write a number above {context['gt']:g}"
        case "greater_than_equal":
            return f"is {shown(value)}; write {context['ge']:g} or more"
        case "less_than_equal":
            return f"is {shown(value)}; write {context['le']:g} or less"
        case "finite_number":
            return f"is {shown(value)}; write an ordinary number"
        case "literal_error":
            return f"is {shown(value)}; write {context['expected']}".replace("'", '"')
        case "string_too_long":
            return f"is {len(value)} characters long; shorten it to at most {context['max_length']}"
        case "too_long":
            return f"has {len(value)} entries; at most {context['max_length']} are allowed"
        case "too_short":
            return "is empty; write at least one"
    return f"is {shown(value)}; {message[:1].lower()}{message[1:]}"


def _unknown_key(place: tuple[str | int, ...]) -> str:
    key = str(place[-1])
    model = MODELS[tuple(step for step in place[:-1] if isinstance(step, str))]
    if model is Hours:
        word = key.casefold()
        day = INDONESIAN_DAYS.get(word, word[:3])
        hint = f'did you mean "{day}"?' if day in WEEKDAYS else f"write {', '.join(WEEKDAYS)}"
        return f"unknown weekday; {hint}"
    return f"unknown key; {did_you_mean(key, model.model_fields, what='the keys here are')}"
