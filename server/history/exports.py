"""A report for other programs: CSV (RFC 4180, UTF-8), XLSX, JSON. Durations are seconds, ids of columns stay as they are.

A text that a spreadsheet would take for a formula gets an apostrophe before it in CSV, and is a plain text in XLSX.
"""

import csv
from collections.abc import Iterable, Sequence
from io import BytesIO, StringIO

import msgspec
from xlsxwriter import Workbook

from server.history.figures import Report, Row

SPREAD = ("count", "mean", "p50", "p90", "max")
COLUMNS = (
    *("site", "first", "last", "by", "id", "name"),
    *("issued", "served", "no_shows", "cancelled", "unfinished", "open"),
    *(f"{what}_{figure}" for what in ("wait", "way", "service") for figure in SPREAD),
)
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}
WIDE = {"site": 18, "id": 18, "name": 48, "first": 12, "last": 12}  # columns in XLSX, in characters; the others: 11

Cell = str | int | float | None


def export(reports: Sequence[Report], form: str) -> bytes:
    """All of them in one file; form: csv, xlsx or json. The rows of the totals say "all" where the others say by what."""
    if form == "json":
        return msgspec.json.format(msgspec.json.encode({"reports": reports}), indent=2) + b"\n"
    rows = [cells(report, row) for report in reports for row in (*report.rows, report.total)]
    return as_csv(COLUMNS, rows) if form == "csv" else _xlsx(rows)


def file_name(report: Report, form: str) -> str:
    days = "_".join(dict.fromkeys((report.first.isoformat(), report.last.isoformat())))
    return f"antrean_{report.site}_{days}_{report.by}.{form}"


def cells(report: Report, row: Row) -> tuple[Cell, ...]:
    """One row, in the order of COLUMNS."""
    by = "all" if row is report.total else report.by
    place = (report.site, report.first.isoformat(), report.last.isoformat(), by, row.id, row.name)
    counts = (row.issued, row.served, row.no_shows, row.cancelled, row.unfinished, row.open)
    times = (getattr(spread, figure) for spread in (row.wait, row.way, row.service) for figure in SPREAD)
    return (*place, *counts, *times)


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """A table in RFC 4180; no text in it is taken for a formula."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell for cell in row])
    return text.getvalue().encode()


def _xlsx(rows: Iterable[Sequence[Cell]]) -> bytes:
    data = BytesIO()
    with Workbook(data, {"in_memory": True}) as book:
        sheet = book.add_worksheet("report")
        head = book.add_format({"bold": True, "bottom": 1})
        number = book.add_format({"num_format": "0.0"})
        for n, name in enumerate(COLUMNS):
            sheet.set_column(n, n, WIDE.get(name, 11))
            sheet.write_string(0, n, name, head)
        for line, row in enumerate(rows, start=1):
            for n, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(line, n, cell)
                elif cell is not None:
                    sheet.write_number(line, n, cell, number if isinstance(cell, float) else None)
        sheet.freeze_panes(1, COLUMNS.index("name") + 1)
        sheet.autofilter(0, 0, line, len(COLUMNS) - 1)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.repeat_rows(0)
        sheet.fit_to_pages(1, 0)
    return data.getvalue()
