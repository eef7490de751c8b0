"""The business days a report is about: one, a month, or any from one day to another."""

import re
from calendar import monthrange
from datetime import date

from msgspec import Struct

MOST_DAYS = 366
WRITTEN = "today, a date (2026-11-21), a month (2026-11) or two dates (2026-11-01..2026-11-15)"
MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)


class Period(Struct, frozen=True):
    """From `first` to `last`, both counted."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def is_month(self) -> bool:
        """A whole month of the calendar."""
        return self == month_of(self.first)

    def __str__(self) -> str:
        """As `read_period` reads it."""
        if self.days == 1:
            return self.first.isoformat()
        if self.is_month:
            return f"{self.first:%Y-%m}"
        return f"{self.first.isoformat()}..{self.last.isoformat()}"


def read_period(text: str, today: date) -> Period:
    """What `text` means (see WRITTEN). Raises ValueError with a sentence."""
    if text == "today":
        return Period(today, today)
    if found := MONTH.fullmatch(text):
        year, month = int(found[1]), int(found[2])
        if year and 1 <= month <= 12:
            return month_of(date(year, month, 1))
    first, dots, last = text.partition("..")
    try:
        period = Period(_day(first), _day(last if dots else first))
    except ValueError:
        raise ValueError(f'"{text}" is no period; write {WRITTEN}') from None
    if period.days < 1:
        raise ValueError(f'"{text}" ends before it begins; write the earlier day first')
    if period.days > MOST_DAYS:
        raise ValueError(f'"{text}" is longer than {MOST_DAYS} days; ask for a shorter time')
    return period


def month_of(day: date) -> Period:
    return Period(day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1]))


def _day(text: str) -> date:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        raise ValueError(text)
    return date.fromisoformat(text)
