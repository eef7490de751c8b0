"""What is meant by the days of a report."""

from datetime import date

import pytest

from server.history.period import Period, read_period

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("today", "2026-11-22", "2026-11-22"),
        ("2026-11-21", "2026-11-21", "2026-11-21"),
        ("2026-11", "2026-11-01", "2026-11-30"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2026-12", "2026-12-01", "2026-12-31"),
        ("2026-11-01..2026-11-15", "2026-11-01", "2026-11-15"),
        ("2025-11-22..2026-11-22", "2025-11-22", "2026-11-22"),
    ],
)
def test_what_is_written_is_understood(text: str, first: str, last: str) -> None:
    period = read_period(text, TODAY)
    assert period == Period(date.fromisoformat(first), date.fromisoformat(last))
    assert read_period(str(period), TODAY) == period


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "yesterday",
            "2026",
            "2026-13",
            "2026-00",
            "0000-01",
            "2026-11-31",
            "20261121",
            "2026-W47-1",
            "2026-11-1",
        ),
        *("2026-11..2026-12", "..", "2026-11-21..", "2026-11-21 ", "٢٠٢٦-11-21", "٢٠٢٦-11", "2026-11-21..2026-11-20"),
        *("2025-11-21..2026-11-22", "0001-01-01..9999-12-31"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"write |shorter"):
        read_period(text, TODAY)
