"""Days on which a hall is closed: Indonesia's holidays, cuti bersama included, and the site's own."""

from collections.abc import Collection
from datetime import date

import holidays

# PUBLIC: national holidays. GOVERNMENT: joint holidays (cuti bersama).
CATEGORIES = (holidays.PUBLIC, holidays.GOVERNMENT)


def public_holidays(years: Collection[int]) -> dict[str, str]:
    """{"2026-12-25": "Hari Raya Natal", …} in order of days.

    A name that ends in "(perkiraan)" is the package's estimate. The government fixes Islamic holidays and
    cuti bersama a year ahead at most; the package learns of them by an update.
    """
    found = holidays.country_holidays("ID", years=years, categories=CATEGORIES, language="id")
    return {day.isoformat(): name for day, name in sorted(found.items())}


def closed_days(today: date, *, public: bool, own: dict[str, str], open_days: Collection[str]) -> dict[str, str]:
    """The closed days of this year and the two next and all of a site's own, without its open days."""
    days = public_holidays(range(today.year, today.year + 3)) if public else {}
    return {day: name for day, name in sorted((days | own).items()) if day not in open_days}
