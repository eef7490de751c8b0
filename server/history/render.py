"""A report as text for a terminal."""

from collections.abc import Sequence

from server.history.figures import Row

WORDS = {
    "id": {
        "columns": (
            "Instansi",
            "Diambil",
            "Selesai",
            "Tidak hadir",
            "Batal",
            "Menunggu",
            "Tunggu rata-rata",
            "median",
            "p90",
            "terlama",
            "Layanan",
        ),
        "all": "Semua",
        "none": "Belum ada nomor antrean pada hari ini.",
    },
    "en": {
        "columns": (
            "Agency",
            "Issued",
            "Served",
            "No-shows",
            "Cancelled",
            "Waiting",
            "Wait: mean",
            "median",
            "p90",
            "longest",
            "Service",
        ),
        "all": "All",
        "none": "No numbers on this day.",
    },
}
WIDEST_NAME = 40


def render(rows: Sequence[Row], language: str = "id") -> str:
    """A table, times as minutes:seconds; the last row, that of all agencies, below a line."""
    words = WORDS[language]
    if len(rows) < 2:
        return str(words["none"])
    lines = [tuple(words["columns"]), *(_cells(row, str(words["all"])) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    texts = ["  ".join(_aligned(cells, widths)).rstrip() for cells in lines]
    rule = "-" * (sum(widths) + 2 * (len(widths) - 1))
    return "\n".join([texts[0], rule, *texts[1:-1], rule, texts[-1]])


def clock(seconds: float | None) -> str:
    """75.4 → "1:15", 3700 → "1:01:40", nothing measured → "–"."""
    if seconds is None:
        return "–"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"


def _cells(row: Row, everything: str) -> tuple[str, ...]:
    name = everything if row.agency is None else row.name
    counts = (row.issued, row.served, row.no_shows, row.cancelled, row.waiting)
    times = (row.wait.mean, row.wait.median, row.wait.p90, row.wait.longest, row.service.mean)
    short = name if len(name) <= WIDEST_NAME else name[: WIDEST_NAME - 1] + "…"
    return (short, *map(str, counts), *map(clock, times))


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [cells[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(cells[1:], widths[1:], strict=True))]
