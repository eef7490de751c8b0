"""What a chart is made of: marks with places on a sheet, written as SVG by display/templates/_charts.html.

Colours and type are the style sheet's: a mark carries a class (`look`), never a colour of its own.
"""

import textwrap
from collections.abc import Sequence
from itertools import count
from math import ceil
from typing import NamedTuple

WIDE, NARROW = 620, 330  # units of a sheet; one is about a pixel on a desk's screen and on a phone's
CHARACTER = 6.0  # units that a character of a label takes, about


class Mark(NamedTuple):
    """kind: text (at x, y; `text` on the side that `anchor` says), line (x, y to x2, y2), rect (x2 wide, y2 high, with
    `text` as its tooltip) or path (`text` is its course)."""

    kind: str
    look: str
    x: float = 0
    y: float = 0
    x2: float = 0
    y2: float = 0
    text: str = ""
    anchor: str = "start"


class Sheet:
    """Marks in the order in which they are drawn, the last on top."""

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = width, height
        self.marks: list[Mark] = []

    def text(self, x: float, y: float, text: str, look: str = "label", anchor: str = "start") -> None:
        self.marks.append(Mark("text", look, round(x, 1), round(y, 1), text=text, anchor=anchor))

    def line(self, x: float, y: float, x2: float, y2: float, look: str = "grid") -> None:
        self.marks.append(Mark("line", look, round(x, 1), round(y, 1), round(x2, 1), round(y2, 1)))

    def rect(self, x: float, y: float, width: float, height: float, look: str = "bar", tip: str = "") -> None:
        wide, high = round(max(0, width), 1), round(max(0, height), 1)
        self.marks.append(Mark("rect", look, round(x, 1), round(y, 1), wide, high, tip))

    def path(self, points: Sequence[tuple[float, float]], look: str) -> None:
        course = " ".join(f"{'ML'[n > 0]}{x:.1f} {y:.1f}" for n, (x, y) in enumerate(points))
        self.marks.append(Mark("path", look, text=course))


class Frame(NamedTuple):
    """Where a chart's values lie on its sheet; y grows upwards from 0 to `top`."""

    left: float
    right: float
    upper: float
    lower: float
    top: float

    def y(self, value: float) -> float:
        return self.lower - (self.lower - self.upper) * value / self.top

    @property
    def width(self) -> float:
        return self.right - self.left


class Figure(NamedTuple):
    """A chart as a page shows it: twice drawn, for desks and paper and for phones, with its numbers in a table.

    finding: what it says, in a sentence. heads, rows: of the table.
    """

    id: str
    title: str
    finding: str
    wide: Sheet
    narrow: Sheet
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


def framed(sheet: Sheet, highest: float, unit: str, upper: float = 22) -> Frame:
    """Draws the scale of values on the left and tells where values go; `unit` stands above it.

    upper: where the highest value lies, in units from the top.
    """
    steps = ticks(highest)
    frame = Frame(34, sheet.width - 6, upper, sheet.height - 24, steps[-1])
    for value in steps:
        sheet.line(frame.left, frame.y(value), frame.right, frame.y(value), "axis" if value == 0 else "grid")
        sheet.text(frame.left - 6, frame.y(value) + 4, f"{value:g}", anchor="end")
    sheet.text(0, 10, unit, "unit")
    return frame


def ticks(highest: float, most: int = 5) -> list[int]:
    """0 and at most `most` round whole numbers above it, the last at least `highest`."""
    step = next(
        step for power in count() for step in (10**power, 2 * 10**power, 5 * 10**power) if step * most >= highest
    )
    return [step * n for n in range(max(1, ceil(highest / step)) + 1)]


def columns(sheet: Sheet, frame: Frame, bars: Sequence[tuple[str, float, str]], *, look: str = "bar") -> float:
    """Bars side by side: (label below or "", value, tooltip). The width of one with its gap."""
    room = frame.width / len(bars)
    gap = min(4.0, room * 0.2)
    for n, (label, value, tip) in enumerate(bars):
        x = frame.left + n * room
        sheet.rect(x + gap / 2, frame.y(value), room - gap, frame.lower - frame.y(value), look, tip)
        if label:
            sheet.text(x + room / 2, frame.lower + 16, label, anchor="middle")
    return room


def lines_of(text: str, width: float, most: int = 2) -> list[str]:
    """The text in at most `most` lines that are about `width` units wide."""
    return textwrap.wrap(text, max(8, int(width / CHARACTER)), max_lines=most, placeholder=" …") or [""]
