"""The shape of one site file: which keys there are, of which kind and within which limits.

What shows only when parts are compared (duplicate ids, overlapping hours) is in `config.checks`.
"""

import re
import unicodedata
from datetime import date
from functools import cache
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from config.errors import did_you_mean, shown
from config.look import COLOUR, FILE_NAME, ICONS

ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
PREFIX = re.compile(r"[A-Z]{1,2}")
SPAN = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-(?:([01][0-9]|2[0-3]):([0-5][0-9])|24:00)")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
POPULAR = 12  # services on the first page of the kiosk; more would be a list to read
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
INDONESIAN_ZONES = {"WIB": "Asia/Jakarta", "WITA": "Asia/Makassar", "WIT": "Asia/Jayapura"}
# Marks that reverse the direction of the text after them: one of them in a name garbles a whole screen.
DIRECTION_MARKS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def mistake(message: str) -> PydanticCustomError:
    """A mistake told in our own words: what is wrong; what would be right."""
    return PydanticCustomError("mistake", "{message}", {"message": message})


def unprintable(text: str) -> str:
    """The first character that must not stand in a name, "" when there is none."""
    for c in text:
        if c in DIRECTION_MARKS or unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp"):
            return c
    return ""


def minutes_of(span: str) -> tuple[int, int] | None:
    """Start and end of "HH:MM-HH:MM" in minutes after midnight; None unless well written and in order."""
    if not SPAN.fullmatch(span):
        return None
    start, end = (int(t[:2]) * 60 + int(t[3:]) for t in span.split("-"))
    return (start, end) if start < end else None


@cache
def zone_names() -> frozenset[str]:
    return frozenset(available_timezones())


def _text(value: str) -> str:
    if not value.strip():
        raise mistake("is empty; write at least one visible character")
    return _clean(value)


def _clean(value: str) -> str:
    if bad := unprintable(value):
        raise mistake(f"contains the control character {shown(bad)[1:-1]}; remove it")
    return value.strip()


def _written(value: str) -> str:
    if value != " ".join(value.split()):
        raise mistake(f"{shown(value)} has spaces too many; write it as it stands in names, words apart by one space")
    return _text(value)


def _spoken(value: str) -> str:
    if not any(c.isalnum() for c in _text(value)):
        raise mistake(f'{shown(value)} holds nothing to say; write it as it is heard, like "i ka de"')
    return _clean(value)


def _id(value: str) -> str:
    if not ID.fullmatch(value):
        raise mistake(f"{shown(value)} is no id; write 1 to 40 small letters, digits and hyphens, no hyphen first")
    return value


def _prefix(value: str) -> str:
    if not PREFIX.fullmatch(value):
        raise mistake(f'{shown(value)} is no prefix; write one or two capital letters, like "A" or "KN"')
    return value


def _span(value: str) -> str:
    if not SPAN.fullmatch(value):
        raise mistake(f'{shown(value)} is no span of time; write it like "08:00-12:00" (the end may be "24:00")')
    if minutes_of(value) is None:
        start, end = value.split("-")
        raise mistake(f"{shown(value)} ends before it has begun; {start} must be earlier than {end}")
    return value


def is_day(value: str) -> bool:
    try:
        return bool(DAY.fullmatch(value)) and bool(date.fromisoformat(value))
    except ValueError:
        return False


def _day(value: str) -> str:
    if not is_day(value):
        raise mistake(f'{shown(value)} is no day of the calendar; write it like "2026-12-25"')
    return value


def _timezone(value: str) -> str:
    if value in zone_names():
        return value
    near = INDONESIAN_ZONES.get(value.strip().upper())
    hint = f"did you mean {shown(near)}?" if near else did_you_mean(value, zone_names())
    examples = 'write for example "Asia/Jakarta", "Asia/Makassar" or "Asia/Jayapura"'
    raise mistake(f"{shown(value)} is no time zone; {hint if hint.startswith('did') else examples}")


def _colour(value: str) -> str:
    if value and not COLOUR.fullmatch(value):
        raise mistake(f'{shown(value)} is no colour; write it like "#07524f"')
    return value


def _file_name(value: str) -> str:
    if value and not FILE_NAME.fullmatch(value):
        raise mistake(f'{shown(value)} is no plain file name; write one like "logo.svg", beside this site file')
    return value


def _icon(value: str) -> str:
    if value and value not in ICONS:
        raise mistake(f"{shown(value)} is no icon; {did_you_mean(value, ICONS, what='the icons are')}")
    return value


Text = Annotated[str, Field(max_length=120), AfterValidator(_text)]
Word = Annotated[str, Field(max_length=60), AfterValidator(_text)]
Written = Annotated[str, Field(max_length=60), AfterValidator(_written)]
Spoken = Annotated[str, Field(max_length=120), AfterValidator(_spoken)]
Running = Annotated[str, Field(max_length=600), AfterValidator(_clean)]
Id = Annotated[str, AfterValidator(_id)]
Prefix = Annotated[str, AfterValidator(_prefix)]
Span = Annotated[str, AfterValidator(_span)]
Day = Annotated[str, AfterValidator(_day)]
Spans = Annotated[list[Span], Field(max_length=12)]
HeadMinutes = Annotated[float, Field(ge=0, le=240, allow_inf_nan=False)]


class Table(BaseModel):
    """A TOML table: unknown keys are mistakes, kinds are not converted, nothing changes afterwards."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class HeadStart(Table):
    """Minutes by which each priority group counts as having come earlier."""

    elderly: HeadMinutes = 15
    disability: HeadMinutes = 15
    pregnant: HeadMinutes = 15
    infant: HeadMinutes = 15


class Announcement(Table):
    """What the loudspeaker says. repeat: twice; agency: its name too; english: in English afterwards, once;
    expires: too old after seconds."""

    repeat: bool = False
    agency: bool = True
    english: bool = False
    expires: Annotated[float, Field(ge=10, le=3600, allow_inf_nan=False)] = 180


class Look(Table):
    """The hall's own colour ("#07524f") and logo (an SVG or PNG file beside the site file); "" for none."""

    colour: Annotated[str, AfterValidator(_colour)] = ""
    logo: Annotated[str, AfterValidator(_file_name)] = ""


class SiteTable(Table):
    """The hall itself. day_begins is the hour at which a business day begins; open_days undo closed days; popular are
    the ids of the services that stand on the kiosk's first page."""

    id: Id
    name: Text
    timezone: Annotated[str, AfterValidator(_timezone)]
    day_begins: Annotated[int, Field(ge=0, le=23)] = 4
    number_style: Literal["digits", "number"] = "digits"
    recall_limit: Annotated[int, Field(ge=0, le=20)] = 3
    notice: Running = ""
    public_holidays: bool = False
    open_days: Annotated[list[Day], Field(max_length=400)] = []
    closed_days: Annotated[dict[Day, Text], Field(max_length=400)] = {}
    popular: Annotated[list[str], Field(max_length=POPULAR)] = []
    head_start: HeadStart = HeadStart()
    announcement: Announcement = Announcement()
    look: Look = Look()


class Zone(Table):
    """A part of the hall with its own TV and loudspeaker. where: how to get there."""

    id: Id
    name: Text
    where: Text | None = None


class Hours(Table):
    """When an agency receives visitors, per weekday; a weekday that is missing is a day without it."""

    mon: Spans = []
    tue: Spans = []
    wed: Spans = []
    thu: Spans = []
    fri: Spans = []
    sat: Spans = []
    sun: Spans = []


class Service(Table):
    """A thing people come for. minutes: the usual time at the counter; keywords: what people call it; bring:
    what to have with one."""

    id: Id
    name: Text
    minutes: Annotated[float, Field(gt=0, le=480, allow_inf_nan=False)]
    keywords: Annotated[list[Word], Field(max_length=40)] = []
    bring: Annotated[list[Text], Field(max_length=12)] = []


class Agency(Table):
    """An organisation. short: for narrow places (else the name); spoken: for the voice (else short); spoken_en: for
    the English voice (else as spoken); where: how to get there."""

    id: Id
    name: Text
    short: Word | None = None
    prefix: Prefix
    icon: Annotated[str, AfterValidator(_icon)] = ""
    spoken: Text | None = None
    spoken_en: Text | None = None
    where: Text | None = None
    hours: Hours
    services: Annotated[list[Service], Field(max_length=500)]


class Counter(Table):
    """A desk; it serves all services of its agencies and each service named. spoken: label for the voice; spoken_en:
    for the English voice (else made from spoken)."""

    id: Id
    label: Word
    spoken: Word | None = None
    spoken_en: Word | None = None
    zone: str
    where: Text | None = None
    agencies: Annotated[list[str], Field(max_length=200)] = []
    services: Annotated[list[str], Field(max_length=500)] = []


class SiteFile(Table):
    """One file: one site. pronunciation: how written words are said in Indonesian, where a voice would guess wrong."""

    site: SiteTable
    pronunciation: Annotated[dict[Written, Spoken], Field(max_length=1000)] = {}
    zones: Annotated[list[Zone], Field(min_length=1, max_length=50)]
    agencies: Annotated[list[Agency], Field(min_length=1, max_length=200)]
    counters: Annotated[list[Counter], Field(min_length=1, max_length=500)]
