"""The figures of a report, against numbers worked out by hand."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import to_builtins
from sqlalchemy import Engine

from server.domain import commands as c
from server.history.figures import Row, Spread, spread
from server.history.record import catch_up
from server.history.render import clock, render
from server.history.reports import report, report_text, today
from server.log.memory import MemoryLog
from tests.unit.history.driver import Driver, fill, make_site

DAY = date(2026, 3, 2)


def record(engine: Engine, hall: Driver) -> None:
    async def all_of_it() -> None:
        log = MemoryLog("hall")
        await fill(log, hall.entries)
        await catch_up(engine, log)

    asyncio.run(all_of_it())


def serve_after(hall: Driver, counter: str, *, way: int, service: int) -> None:
    hall.call(counter)
    hall.later(seconds=way)
    hall.do(c.Start, counter=counter)
    hall.later(seconds=service)
    hall.do(c.Finish, counter=counter)


def morning() -> Driver:
    """Tax: waits of 60, 120, 300 (a no-show) and 5 s (sent on to the police); one waits, one is cancelled."""
    hall = Driver()
    hall.issue("a")
    hall.later(seconds=60)
    serve_after(hall, "c1", way=10, service=100)
    hall.issue("a")
    hall.later(seconds=120)
    serve_after(hall, "c1", way=30, service=200)
    hall.issue("a")
    hall.later(seconds=300)
    hall.call("c1")
    hall.do(c.NoShow, counter="c1")
    moved = hall.issue("a")
    hall.call("c2")
    hall.do(c.Return, counter="c2")
    hall.later(seconds=5)
    hall.call("c2")
    hall.do(c.Transfer, counter="c2", service="b")
    hall.later(seconds=45)
    serve_after(hall, "c3", way=5, service=60)
    assert hall.state.tickets[moved].status == "served"
    hall.issue("a")
    hall.do(c.CancelTicket, ticket=hall.issue("a"))
    return hall


def test_the_figures_of_a_morning(engine: Engine) -> None:
    record(engine, morning())
    tax, police, everyone = report(engine, "hall", DAY)
    assert (tax.agency, tax.name, tax.issued, tax.served, tax.no_shows) == ("tax", "Pajak", 6, 2, 1)
    assert (tax.cancelled, tax.waiting, tax.unfinished) == (1, 1, 0)
    assert tax.wait == Spread(count=4, mean=(60 + 120 + 300 + 5) / 4, median=90, p90=300, longest=300)
    assert tax.way == Spread(count=2, mean=20, median=20, p90=30, longest=30)
    assert tax.service == Spread(count=2, mean=150, median=150, p90=200, longest=200)
    assert (police.agency, police.issued, police.served, police.waiting) == ("police", 0, 1, 0)
    assert police.wait == Spread(count=1, mean=45, median=45, p90=45, longest=45)
    assert (everyone.agency, everyone.issued, everyone.served) == (None, 6, 3)
    assert everyone.wait == Spread(count=5, mean=530 / 5, median=60, p90=300, longest=300)


def test_the_end_of_the_day_is_told_as_it_is(engine: Engine) -> None:
    hall = Driver()
    for _ in range(3):
        hall.issue()
    hall.call("c1")
    hall.do(c.Start, counter="c1")
    hall.end_day()
    record(engine, hall)
    (tax, _) = report(engine, "hall", DAY, now=hall.now)
    assert (tax.issued, tax.served, tax.unfinished, tax.cancelled, tax.waiting) == (3, 0, 1, 2, 0)
    assert tax.service.count == 0


def test_a_range_holds_its_first_and_its_last_day_and_no_other(engine: Engine) -> None:
    hall = Driver()
    for _ in range(3):
        hall.issue()
        hall.call()
        hall.end_day()
    record(engine, hall)

    def issued(first: int, last: int) -> int:
        day = timedelta(days=1)
        return report(engine, "hall", DAY + first * day, DAY + last * day, now=hall.now)[-1].issued

    assert [issued(0, 0), issued(0, 1), issued(1, 2), issued(-9, 9), issued(3, 9)] == [1, 2, 2, 3, 0]


def test_what_lies_in_the_future_does_not_count(engine: Engine) -> None:
    hall = Driver()
    hall.issue()
    before = hall.now
    hall.later(minutes=1)
    hall.call()
    hall.issue()
    record(engine, hall)
    (tax, _) = report(engine, "hall", DAY, now=before)
    assert (tax.issued, tax.wait.count) == (1, 0)


def test_a_day_without_numbers_has_only_the_row_of_all(engine: Engine) -> None:
    (everyone,) = report(engine, "hall", DAY)
    assert (everyone.agency, everyone.issued, everyone.wait) == (None, 0, Spread())
    assert render([everyone]) == "Belum ada nomor antrean pada hari ini."


def test_an_agency_that_the_site_has_given_up_keeps_its_name(engine: Engine) -> None:
    hall = Driver()
    hall.issue("b")
    site = make_site()
    fields = {field: getattr(site, field) for field in site.__struct_fields__}
    fields |= {"agencies": site.agencies[:1], "services": site.services[:1], "counters": site.counters[:2]}
    hall.do(c.ConfigureSite, site=type(site)(**fields))
    record(engine, hall)
    assert [row.name for row in report(engine, "hall", DAY)] == ["Polres", ""]


@pytest.mark.parametrize(
    ("timezone", "begins", "day"),
    [
        ("Asia/Makassar", 0, "2026-03-03"),
        ("Asia/Makassar", 4, "2026-03-02"),
        ("Asia/Jakarta", 0, "2026-03-03"),
        ("America/Lima", 0, "2026-03-02"),
    ],
)
def test_today_is_the_business_day_of_the_hall(timezone: str, begins: int, day: str) -> None:
    site = make_site(timezone=timezone, day_begins=begins)
    assert today(site, datetime(2026, 3, 2, 17, 30, tzinfo=UTC)).isoformat() == day


def test_the_report_of_a_day_as_text(engine: Engine, url: str) -> None:
    hall = morning()
    record(engine, hall)
    text = report_text(url, [to_builtins(make_site())], now=hall.now)
    assert text.splitlines() == [
        "MPP Uji · 2026-03-02",
        "",
        "Instansi  Diambil  Selesai  Tidak hadir  Batal  Menunggu  Tunggu rata-rata  median   p90  terlama  Layanan",
        "-" * 106,
        "Pajak           6        2            1      1         1              2:01    1:30  5:00     5:00     2:30",
        "Polres          0        1            0      0         0              0:45    0:45  0:45     0:45     1:00",
        "-" * 106,
        "Semua           6        3            1      1         1              1:46    1:00  5:00     5:00     2:00",
    ]


def test_the_table_speaks_english_too(engine: Engine) -> None:
    record(engine, morning())
    text = render(report(engine, "hall", DAY), "en")
    assert text.startswith("Agency")
    assert text.splitlines()[-1].startswith("All ")


def test_the_rows_that_pages_get_keep_seconds(engine: Engine) -> None:
    record(engine, morning())
    rows = to_builtins(report(engine, "hall", DAY))
    assert [row["agency"] for row in rows] == ["tax", "police", None]
    assert rows[0]["wait"] == {"count": 4, "mean": 121.25, "median": 90.0, "p90": 300.0, "longest": 300.0}
    assert isinstance(rows[0], dict)
    assert rows[0].keys() == set(Row.__struct_fields__)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "–"), (0, "0:00"), (59.6, "1:00"), (75.4, "1:15"), (3599.7, "1:00:00"), (3700, "1:01:40")],
)
def test_times_are_read_like_a_clock(seconds: float | None, text: str) -> None:
    assert clock(seconds) == text


@given(st.lists(st.floats(0, 100_000), min_size=1, max_size=60))
def test_nine_of_ten_do_not_exceed_p90_and_it_is_the_smallest_such_value(seconds: list[float]) -> None:
    p90 = spread(seconds).p90
    assert p90 in seconds

    def within(limit: float) -> int:
        return sum(10 for one in seconds if one <= limit)

    assert within(p90) >= 9 * len(seconds)
    assert all(within(one) < 9 * len(seconds) for one in seconds if one < p90)


@pytest.mark.parametrize(("count", "p90"), [(1, 1), (2, 2), (9, 9), (10, 9), (11, 10), (20, 18), (100, 90), (101, 91)])
def test_p90_by_hand(count: int, p90: int) -> None:
    assert spread(range(1, count + 1)).p90 == p90
