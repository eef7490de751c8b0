"""A hall's own colour in every theme, so that text stands out as well as in the house's own colours. Pure.

Each colour of tokens.css that belongs to the hall keeps its luminance and takes the hall's hue. Contrast is a matter of
luminance alone (WCAG 2.2), so what stands out there stands out here, whatever colour a hall chooses.
"""

import colorsys
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from math import ceil, floor
from pathlib import Path

TOKENS = Path(__file__).resolve().parents[2] / "display" / "static" / "css" / "tokens.css"
OF_THE_HALL = re.compile(r"ground|panel|sunken|line(?:-strong)?|ink(?:-soft)?|(?:on-)?brand(?:-strong|-soft)?")
SURFACE = re.compile(r"ground|panel|sunken|line|brand-soft")
MUTED = 0.5  # surfaces take half of the colour: a dark red hall shall not glow
MIDDLE = 0.179  # luminance from which black stands out more than white

Colour = tuple[float, float, float]  # red, green, blue, each 0 to 1


@dataclass(frozen=True)
class Look:
    """colour: "#rrggbb" or "" for the house's own. logo: path of a picture, "" for the house's own."""

    colour: str = ""
    logo: str = ""


@cache
def palettes() -> dict[str, dict[str, str]]:
    """Theme to its tokens that are plain colours, as tokens.css has them: {"light": {"ink": "#0d2422", …}, …}."""
    source = re.sub(r"/\*.*?\*/", "", TOKENS.read_text("utf-8"), flags=re.DOTALL)
    blocks = re.findall(r'\[data-theme="(\w+)"\] \{\n(.*?)^\}', source, re.MULTILINE | re.DOTALL)
    return {theme: dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6});", body)) for theme, body in blocks}


def tinted(colour: str) -> dict[str, dict[str, str]]:
    """The palettes with the hall's colour instead of the house's; the high-contrast theme keeps its own."""
    hue, _, strength = colorsys.rgb_to_hls(*_rgb(colour))
    found = {}
    for theme, tokens in palettes().items():
        own = {name: value for name, value in tokens.items() if OF_THE_HALL.fullmatch(name)}
        if theme != "contrast":
            house_hue, _, house_strength = colorsys.rgb_to_hls(*_rgb(tokens["brand"]))
            turn, share = hue - house_hue, strength / house_strength
            own = {
                name: _turned(value, turn, share * (MUTED if SURFACE.fullmatch(name) else 1))
                for name, value in own.items()
            }
        found[theme] = own | {"hall": colour}
    return found


def style(colour: str) -> str:
    """The style sheet, to be loaded after tokens.css."""
    return "\n".join(_rules(tinted(colour)))


def _rules(themes: dict[str, dict[str, str]]) -> Iterator[str]:
    for theme, tokens in themes.items():
        selector = f'{":root, " if theme == "light" else ""}[data-theme="{theme}"]'
        yield f"{selector} {{ {' '.join(f'--{name}: {value};' for name, value in tokens.items())} }}"


def _turned(value: str, turn: float, share: float) -> str:
    """Another hue and strength, the same luminance, rounded away from the middle so that contrast never shrinks."""
    rgb = _rgb(value)
    hue, _, strength = colorsys.rgb_to_hls(*rgb)
    hue, strength, wanted = (hue + turn) % 1.0, min(1.0, strength * share), luminance(rgb)
    low, high = 0.0, 1.0
    for _ in range(40):
        half = (low + high) / 2
        low, high = (half, high) if luminance(colorsys.hls_to_rgb(hue, half, strength)) < wanted else (low, half)
    away = floor if wanted < MIDDLE else ceil
    parts = (min(255, max(0, away(round(part * 255, 6)))) for part in colorsys.hls_to_rgb(hue, high, strength))
    return "#" + "".join(f"{part:02x}" for part in parts)


def luminance(colour: Colour) -> float:
    """Relative luminance as WCAG 2.2 defines it, 0 to 1."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _rgb(colour: str) -> Colour:
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue
