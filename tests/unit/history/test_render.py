"""A report as text: right figures, minutes, never wider than the terminal."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine

from server.history.figures import DIMENSIONS, Report, Row, Spread
from server.history.period import Period
from server.history.render import minutes, period_text, render
from server.history.reports import report
from server.web.pages import words
from tests.unit.history.driver import make_site
from tests.unit.history.test_reports import morning, record

NOW = datetime(2026, 3, 2, 2, 14, tzinfo=UTC)


def made(rows: list[Row], by: str = "agency", first: str = "2026-03-02", last: str = "2026-03-02") -> Report:
    days = date.fromisoformat(first), date.fromisoformat(last)
    return Report("hall", "MPP Uji", "Asia/Makassar", *days, by, NOW, rows, row("all", ""))


def row(one: str, name: str, many: int = 88_888, long: float = 12 * 3600.0) -> Row:
    times = Spread(many, long, long, long, long)
    return Row(one, name, many, many, many, many, many, many, times, times, times)


def test_the_report_of_a_morning(engine: Engine) -> None:
    hall = morning()
    record(engine, hall.entries)
    day = date(2026, 3, 2)
    text = render(report(engine, make_site(), Period(day, day), now=hall.now), words("id"))
    assert text.splitlines() == [
        "MPP Uji · Senin, 2 Maret 2026 · sampai pukul 08.15",
        "",
        "Instansi  ambil selesai absen batal sisa  rata p50 p90 maks  jalan layan",
        "------------------------------------------------------------------------",
        "Pajak         6       2     1     1    1   2,0 1,5 5,0  5,0    0,3   2,5",
        "Polres        0       1     0     0    0   0,8 0,8 0,8  0,8    0,1   1,0",
        "------------------------------------------------------------------------",
        "Semua         6       3     1     1    1   1,8 1,0 5,0  5,0    0,2   2,0",
        "",
        "Menunggu (rata, p50, p90, maks), jalan ke loket, dan layan: dalam menit. Sisa:",
        "masih berjalan atau tidak tuntas sampai hari berakhir.",
    ]


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("by", DIMENSIONS)
@pytest.mark.parametrize("width", [80, 100, 200, 20])
def test_no_line_is_wider_than_the_terminal_and_no_name_is_cut(by: str, language: str, width: int) -> None:
    name = "Dinas Penanaman Modal dan Pelayanan Terpadu Satu Pintu"
    text = render(made([row("08:00", name, 8_888, 5 * 3600.0)], by), words(language), width)
    assert max(map(len, text.splitlines())) <= max(80, width)
    if by == "agency":
        told = {word for line in text.splitlines()[4:] for word in line[: 24 if width < 100 else 60].split()}
        assert {*name.split()} <= told
    if by == "hour":
        assert "Asia/Makassar" in text


@pytest.mark.parametrize(
    ("first", "last", "text"),
    [
        ("2026-03-02", "2026-03-02", "Senin, 2 Maret 2026 · sampai pukul 10.14"),
        ("2026-03-01", "2026-03-01", "Minggu, 1 Maret 2026"),
        ("2026-02-01", "2026-02-28", "Februari 2026"),
        ("2026-03-01", "2026-03-31", "Maret 2026 · sampai pukul 10.14"),
        ("2026-02-27", "2026-03-01", "27 Februari 2026 – 1 Maret 2026"),
    ],
)
def test_a_period_in_words(first: str, last: str, text: str) -> None:
    assert period_text(made([], first=first, last=last), words("id")) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(None, "–"), (0, "0,0"), (59.6, "1,0"), (75.4, "1,3"), (599, "10"), (3600, "60")]
)
def test_times_are_minutes(seconds: float | None, text: str) -> None:
    assert minutes(seconds, words("id")) == text
