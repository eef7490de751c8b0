"""The pronunciation table: how a hall's codes and names are said where a voice would guess wrong (IKD → "i ka de")."""

from __future__ import annotations

import re
from collections.abc import Mapping


def pronounced(text: str, table: Mapping[str, str]) -> str:
    """`text` with every entry of the table, as written, replaced by what is to be said.

    Whole words only, capitals as written: "SIM" leaves "SIMPATI" and "sim" alone. Where two entries begin at the same
    word the longer one counts, and what has been replaced is not looked at again.
    """
    entries = {" ".join(written.split()): spoken for written, spoken in table.items() if written.strip()}
    if not entries:
        return text
    longest_first = sorted(entries, key=len, reverse=True)
    alternatives = "|".join(r"\s+".join(map(re.escape, written.split())) for written in longest_first)
    return re.sub(rf"(?<!\w)(?:{alternatives})(?!\w)", lambda found: entries[" ".join(found[0].split())], text)
