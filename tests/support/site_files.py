"""Site files for halls that tests open."""

import re
import tomllib
from datetime import datetime
from zoneinfo import ZoneInfo


def in_mid_day(site: str) -> str:
    """The text of a site file, with a business day that began twelve hours ago: none begins during a test."""
    zone = ZoneInfo(tomllib.loads(site)["site"]["timezone"])
    hour = (datetime.now(zone).hour + 12) % 24
    return re.sub(r"(?m)^day_begins = .*\n", "", site).replace("[site]\n", f"[site]\nday_begins = {hour}\n", 1)
