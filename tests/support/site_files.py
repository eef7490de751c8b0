"""Site files for halls that tests open."""

import re
import tomllib
from datetime import datetime
from zoneinfo import ZoneInfo


def in_mid_day(site: str) -> str:
    """The text of a site file, with a business day of today's date that ends in twelve hours or more."""
    zone = ZoneInfo(tomllib.loads(site)["site"]["timezone"])
    hour = 0 if datetime.now(zone).hour < 12 else 12
    return re.sub(r"(?m)^day_begins = .*\n", "", site).replace("[site]\n", f"[site]\nday_begins = {hour}\n", 1)
