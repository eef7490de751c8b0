"""A hall's own look in its site file: its colour, and the picture file of its logo beside the site file."""

import re
from pathlib import Path
from xml.etree import ElementTree

from config.errors import shown

# What kinds of agencies the kiosk has a picture for: display/templates/_icons.html draws them.
ICONS = (
    "bank", "business", "citizen", "court", "customs", "electricity", "employment", "environment", "family", "health",
    "insurance", "justice", "land", "office", "passport", "pension", "police", "post", "protection", "revenue", "roads",
    "school", "social", "tax", "vehicle", "water", "worship",
)  # fmt: skip
COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
LARGEST = 500_000  # bytes: every screen loads it
PNG = b"\x89PNG\r\n\x1a\n"


def mistake_in_logo(file: Path) -> str:
    """What is wrong with the picture; what would be right. "" when it can be shown."""
    if file.suffix not in (".svg", ".png"):
        return f"{shown(file.name)} is no picture that all screens can show; name a .svg or .png file"
    try:
        with file.open("rb") as opened:
            data = opened.read(LARGEST + 1)
    except OSError as error:
        return f"{shown(file.name)} cannot be read ({error.strerror}); put it beside this site file"
    if len(data) > LARGEST:
        return f"{shown(file.name)} is larger than {LARGEST} bytes; make it smaller"
    if file.suffix == ".png":
        return "" if data.startswith(PNG) else f"{shown(file.name)} is no PNG picture; save it as PNG"
    return _mistake_in_svg(file.name, data)


def _mistake_in_svg(name: str, data: bytes) -> str:
    if b"<!ENTITY" in data or b"<!DOCTYPE" in data:
        return f"{shown(name)} holds a DOCTYPE, which no logo needs; remove it"
    try:
        root = ElementTree.fromstring(data)
    except (ElementTree.ParseError, LookupError, ValueError) as error:
        return f"{shown(name)} is no SVG picture ({error}); save it again as SVG"
    if root.tag != "{http://www.w3.org/2000/svg}svg":
        return f"{shown(name)} is no SVG picture; save it as SVG"
    return ""


def whole(colour: str) -> str:
    """ "#0b5" as "#00bb55", small letters; "" stays ""."""
    digits = colour[1:].lower()
    return "" if not colour else "#" + (digits if len(digits) == 6 else "".join(d + d for d in digits))
