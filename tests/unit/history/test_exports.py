"""Files for other programs: read back by their own readers, and never a formula."""

import csv
import io
import zipfile
from datetime import UTC, date, datetime
from xml.etree import ElementTree

import msgspec
import pytest

from server.history.exports import COLUMNS, export, file_name
from server.history.figures import Report, Row, Spread

EVIL = ['=HYPERLINK("http://x";"a")', "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", 'a "b", c\nd', "Dinas é 🏛"]
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def row(name: str, issued: int | None = 3) -> Row:
    return Row("x", name, issued, 2, 1, 0, 0, 0, Spread(2, 60.5, 60.5, 61.0, 61.0), Spread(), Spread())


def made(*names: str) -> Report:
    day = date(2026, 3, 2)
    rows = [row(name) for name in names]
    return Report("hall", "MPP", "Asia/Makassar", day, day, "agency", datetime(2026, 3, 2, tzinfo=UTC), rows, row(""))


def test_csv_is_rfc_4180_with_columns_that_stay() -> None:
    data = export([made("Pajak", *EVIL)], "csv")
    assert data.startswith(
        b"site,first,last,by,id,name,issued,served,no_shows,cancelled,unfinished,open,"
        b"wait_count,wait_mean,wait_p50,wait_p90,wait_max,way_count,way_mean,way_p50,way_p90,way_max,"
        b"service_count,service_mean,service_p50,service_p90,service_max\r\n"
        b"hall,2026-03-02,2026-03-02,agency,x,Pajak,3,2,1,0,0,0,2,60.5,60.5,61.0,61.0,0,,,,,0,,,,\r\n"
    )
    rows = list(csv.DictReader(io.StringIO(data.decode(), newline="")))
    assert [found["by"] for found in rows] == ["agency"] * 9 + ["all"]
    assert all(len(found) == len(COLUMNS) for found in rows)


@pytest.mark.parametrize("name", EVIL)
def test_no_cell_of_a_csv_is_a_formula(name: str) -> None:
    rows = list(csv.DictReader(io.StringIO(export([made(name)], "csv").decode(), newline="")))
    assert rows[0]["name"].lstrip("'") == name
    assert not rows[0]["name"].startswith(("=", "+", "-", "@", "\t", "\r"))


def test_a_spreadsheet_holds_texts_and_numbers_and_no_formula() -> None:
    with zipfile.ZipFile(io.BytesIO(export([made(*EVIL)], "xlsx"))) as book:
        assert book.testzip() is None
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
        texts = ["".join(one.itertext()) for one in ElementTree.fromstring(book.read("xl/sharedStrings.xml"))]
    assert sheet.findall(f".//{SHEET}f") == []
    cells = {cell.get("r"): cell for cell in sheet.iter(f"{SHEET}c")}
    assert cells["F2"].get("t") == "s"
    assert texts[int(cells["F2"].findtext(f"{SHEET}v") or "")] == EVIL[0]
    assert (cells["G2"].get("t"), cells["G2"].findtext(f"{SHEET}v")) == (None, "3")


def test_json_has_one_report_a_site() -> None:
    found = msgspec.json.decode(export([made("Pajak"), made()], "json"))
    assert [len(one["rows"]) for one in found["reports"]] == [1, 0]
    assert found["reports"][0]["rows"][0]["wait"]["p90"] == 61.0


def test_what_a_counter_does_not_have_is_empty() -> None:
    report = msgspec.structs.replace(made(), rows=[row("Loket 1", None)])
    line = export([report], "csv").decode().splitlines()[1]
    assert line.startswith("hall,2026-03-02,2026-03-02,agency,x,Loket 1,,2,1,")


def test_a_file_is_named_after_what_it_holds() -> None:
    assert file_name(made(), "csv") == "antrean_hall_2026-03-02_agency.csv"
    longer = msgspec.structs.replace(made(), last=date(2026, 3, 31))
    assert file_name(longer, "xlsx") == "antrean_hall_2026-03-02_2026-03-31_agency.xlsx"
