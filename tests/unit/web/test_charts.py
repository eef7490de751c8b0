"""Charts: every mark lies on its sheet, the scale is round, and nothing strange comes of odd figures."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.history.courses import Day, Moment, distribution
from server.history.figures import Report, Row, Spread, spread
from server.web import charts
from server.web.drawing import NARROW, WIDE, Figure, Sheet, lines_of, ticks
from server.web.pages import words

WORDS = words("id")
LONG = "Dinas Penanaman Modal dan Pelayanan Terpadu Satu Pintu Kabupaten Kutai Kartanegara Provinsi Kalimantan"
DAY = date(2026, 3, 2)


def row(one: str, name: str, waits: list[float], served: int, absent: int = 0) -> Row:
    wait = spread(waits)
    return Row(one, name, served + absent, served, absent, 0, 0, 0, wait, Spread(), wait)


def made(rows: list[Row], by: str = "agency") -> Report:
    served, absent = sum(one.served for one in rows), sum(one.no_shows for one in rows)
    total = row("all", "", [], served, absent)
    return Report("hall", "MPP", "Asia/Makassar", DAY, DAY, by, datetime(2026, 3, 2, tzinfo=UTC), rows, total)


def all_figures(agencies: int, people: int, longest: float) -> list[Figure]:
    waits = [longest * n / max(1, people) for n in range(people)]
    by_agency = made([row(f"a{n}", f"{LONG} {n}", waits, n, n % 3) for n in range(agencies)])
    hours = made([row(f"{h:02d}:00", f"{h:02d}:00", waits, people + h) for h in range(6, 18)], "hour")
    moments = [Moment(6 * 3600 + n * 600, people * n / 70, people + n) for n in range(60)]
    days = [Day(DAY + timedelta(days=n), people + n, n) for n in range(31)]
    heat = {(n % 6, 6 + n % 11): people + n / 3 for n in range(40)}
    found = [
        charts.waiting_chart(moments, 0, 30, WORDS),
        charts.agencies_chart(by_agency, WORDS),
        charts.hours_chart(hours, WORDS),
        charts.heat_chart(heat, 0, WORDS),
        charts.days_chart(days, WORDS),
        charts.no_shows_chart(by_agency, WORDS),
    ]
    if bars := distribution(waits):
        found.append(charts.distribution_chart(bars, spread(waits), WORDS))
    return found


def outside(sheet: Sheet) -> list[object]:
    """Marks, and texts as long as they probably are, that leave the sheet by more than a hair."""
    found: list[object] = []
    for mark in sheet.marks:
        left = right = mark.x
        if mark.kind == "text":
            wide = len(mark.text) * 5.4
            left -= {"start": 0.0, "middle": wide / 2, "end": wide}[mark.anchor]
            right = left + wide
        elif mark.kind == "rect":
            right += mark.x2
        elif mark.kind == "line":
            right = max(mark.x, mark.x2)
        if mark.kind != "path" and not (-2 <= left <= right <= sheet.width + 2 and 0 <= mark.y <= sheet.height):
            found.append(mark)
    return found


@pytest.mark.parametrize("longest", [20.0, 3000.0, 30_000.0])
@pytest.mark.parametrize("people", [1, 40, 9000])
@pytest.mark.parametrize("agencies", [1, 27])
def test_everything_stays_on_its_sheet(agencies: int, people: int, longest: float) -> None:
    for figure in all_figures(agencies, people, longest):
        assert (figure.wide.width, figure.narrow.width) == (WIDE, NARROW)
        for sheet in (figure.wide, figure.narrow):
            assert outside(sheet) == [], figure.id
        assert all(len(line) == len(figure.heads) for line in figure.rows)
        assert "{" not in figure.finding


@pytest.mark.parametrize("longest", [0.0, 1e-9])
def test_nobody_having_waited_is_drawn_too(longest: float) -> None:
    for figure in all_figures(2, 1, longest):
        assert outside(figure.wide) == []


@pytest.mark.parametrize("many", [1, 2, 5, 7, 60, 144])
def test_a_day_has_a_clock_from_its_first_ten_minutes_on(many: int) -> None:
    first = 8 * 3600 + 600
    figure = charts.waiting_chart([Moment(first + n * 600, 1.0, 2) for n in range(many)], 0, 1, WORDS)
    for sheet in (figure.wide, figure.narrow):
        assert [mark.text for mark in sheet.marks if mark.kind == "text" and mark.anchor == "middle"]
        assert outside(sheet) == []


def test_no_shows_of_nobody_are_said_in_words() -> None:
    figure = charts.no_shows_chart(made([row("a", "Pajak", [60.0], 3)]), WORDS)
    assert [mark.text for mark in figure.wide.marks] == ["Semua yang dipanggil hadir."]


@given(st.floats(0, 1e6))
def test_a_scale_is_round_and_not_crowded(highest: float) -> None:
    steps = ticks(highest)
    assert 2 <= len(steps) <= 6
    assert steps[0] == 0
    assert steps[-1] >= highest
    assert str(steps[1]).rstrip("0") in ("1", "2", "5")
    assert len({b - a for a, b in pairwise(steps)}) == 1


def test_a_long_name_takes_two_lines_and_then_ends_with_dots() -> None:
    assert lines_of("Pajak", 200) == ["Pajak"]
    first, second = lines_of(LONG, 214)
    assert LONG.startswith(first)
    assert second.endswith("…")
