"""The small pure parts of the screens: reconnecting, the hall's clock, columns, waiting times."""

import pytest

from tests.unit.display.conftest import Run


def test_the_first_attempt_comes_within_half_a_second_and_none_after_more_than_ten(run: Run) -> None:
    delays = run(
        "session.js",
        "return [0, 1, 2, 5, 60].map((attempt) => [m.nextDelay(attempt, 0), m.nextDelay(attempt, 0.9999)])",
    )
    assert [low for low, _ in delays] == [0, 0, 0, 0, 0]
    assert delays[0][1] < 500
    assert all(high <= 10_000 for _, high in delays)
    assert [high for _, high in delays] == sorted(high for _, high in delays)


def test_data_are_old_after_twelve_seconds_without_a_frame(run: Run) -> None:
    assert run("session.js", "return [m.isStale(11999, 0), m.isStale(12000, 0)]") == [False, True]


def test_only_the_contract_s_three_codes_are_refusals(run: Run) -> None:
    codes = [1000, 1006, 1012, 4001, 4003, 4004]
    assert run("session.js", "return given.filter((code) => code in m.REFUSED)", codes) == [4001, 4003, 4004]


@pytest.mark.parametrize(
    ("text", "shown", "zone"),
    [
        ("2025-12-24T09:05:00+08:00", "09.05", "WITA"),
        ("2025-12-24T23:59:59.999999+07:00", "23.59", "WIB"),
        ("2025-12-24T00:00:00+09:00", "00.00", "WIT"),
        ("2025-12-24T01:05:00Z", "01.05", ""),
        ("2025-12-24T01:05:00-03:30", "01.05", ""),
    ],
)
def test_a_time_is_shown_as_the_hall_s_wall_clock(run: Run, text: str, shown: str, zone: str) -> None:
    assert run("clock.js", "return [m.formatTime(given), m.zoneName(given)]", text) == [shown, zone]


def test_no_time_is_shown_as_nothing(run: Run) -> None:
    assert run("clock.js", "return [m.formatTime(null), m.formatTime('soon'), m.formatTime('')]") == ["", "", ""]


@pytest.mark.parametrize(("count", "columns"), [(1, 1), (2, 2), (30, 6)])
def test_counters_stand_in_as_many_columns_as_make_them_largest(run: Run, count: int, columns: int) -> None:
    plan = run("tv-counters.js", "return m.arrange(given, 1280, 400, 3.9, 8.6, 8)", count)
    assert plan["columns"] == columns
    assert plan["columns"] * plan["rows"] >= count


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0, 20, [0, 1]), (480, 1260, [8, 25]), (1500, 1501, [25, 30]), (90, 130, [1, 3]), (0, 0, [0, 1])],
)
def test_an_estimate_is_rounded_outwards(run: Run, low: int, high: int, expected: list[int]) -> None:
    body = "const range = m.minutesRange(given); return [range.low, range.high]"
    assert run("estimate.js", body, {"low": low, "high": high}) == expected


def test_only_agencies_with_somebody_waiting_are_paged(run: Run) -> None:
    waiting = [{"agency": f"a{i}", "count": i % 2} for i in range(27)]
    pages = run("tv-waiting.js", "return [0, 1, 2, 3].map((page) => m.pageOf(given, page, 5))", waiting)
    assert [one["page"] for one in pages] == [0, 1, 2, 0]
    assert sum(len(one["agencies"]) for one in pages[:3]) == 13
