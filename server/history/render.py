"""A report as text for a terminal; times are minutes. Words come from a catalogue of display/words."""

import textwrap
from collections.abc import Mapping, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from server.history.figures import Report, Row
from server.history.period import Period, month_of

NARROWEST = 80
COLUMNS = ("issued", "served", "no-shows", "cancelled", "rest", "mean", "p50", "p90", "max", "way", "service")
GAP_BEFORE = ("issued", "mean", "way")  # one space more, where another group of figures begins


def render(report: Report, words: Mapping[str, str], width: int = NARROWEST) -> str:
    """Fits `width` columns, at least 80; long names go on in a second line. The last row is the total."""
    title = f"{report.name} · {period_text(report, words)}"
    if not report.total.issued and not report.rows:
        return f"{title}\n\n{words['report.none']}"
    heads = [words[f"report.text.{column}"] for column in COLUMNS]
    lines = [_figures(row, words) for row in (*report.rows, report.total)]
    widths = [
        max(len(head), *(len(line[n]) for line in lines)) + (2 if COLUMNS[n] in GAP_BEFORE else 1)
        for n, head in enumerate(heads)
    ]
    names = [row_name(row, report.by, words) for row in report.rows]
    longest = max(map(len, (*names, words[f"report.by.{report.by}"], words["report.total"])))
    room = min(longest, max(14, max(NARROWEST, width) - sum(widths)))
    rule = "-" * (room + sum(widths))
    table = [
        *_line(words[f"report.by.{report.by}"], heads, room, widths),
        rule,
        *(text for name, line in zip(names, lines, strict=False) for text in _line(name, line, room, widths)),
        rule,
        *_line(words["report.total"], lines[-1], room, widths),
    ]
    notes = [words["report.text.units"]]
    if report.by == "hour":
        notes.append(words["report.hours"].format(timezone=report.timezone))
    wrapped = "\n".join(textwrap.fill(note, max(NARROWEST, width)) for note in notes)
    return "\n".join([title, "", *table, "", wrapped])


def row_name(row: Row, by: str, words: Mapping[str, str]) -> str:
    """A row's name as people read it."""
    if by == "priority":
        return words.get(f"common.priority.{row.id}", words["report.priority.none"])
    if by == "hour":
        return words["report.hour"].format(hour=row.id[:2])
    return row.name


def period_text(report: Report, words: Mapping[str, str]) -> str:
    """ "Sabtu, 21 November 2026", "November 2026", "1 November 2026 – 15 November 2026"; of today: until when."""
    period = Period(report.first, report.last)
    if period == month_of(report.first):
        text = words["report.month"].format(
            month=words["common.months"].split()[report.first.month - 1], year=report.first.year
        )
    elif period.days == 1:
        text = day_text(report.first, words)
    else:
        text = " – ".join(day_text(day, words, "report.date") for day in (report.first, report.last))
    now = report.made_at.astimezone(ZoneInfo(report.timezone))
    if report.first <= now.date() <= report.last:
        clock = words["common.time"].format(hours=f"{now.hour:02d}", minutes=f"{now.minute:02d}")
        text += " · " + words["report.until"].format(time=clock)
    return text


def day_text(day: date, words: Mapping[str, str], form: str = "common.date") -> str:
    weekday = words["common.days"].split()[day.isoweekday() % 7]
    month = words["common.months"].split()[day.month - 1]
    return words[form].format(day=weekday, date=day.day, month=month, year=day.year)


def minutes(seconds: float | None, words: Mapping[str, str]) -> str:
    """75.4 → "1,3", 3600 → "60", nothing measured → "–"."""
    if seconds is None:
        return "–"
    return f"{seconds / 60:.1f}".replace(".", words["report.decimal"]) if seconds < 597 else f"{seconds / 60:.0f}"


def _figures(row: Row, words: Mapping[str, str]) -> list[str]:
    rest = None if row.open is None else row.open + row.unfinished
    counts = (row.issued, row.served, row.no_shows, row.cancelled, rest)
    times = (row.wait.mean, row.wait.p50, row.wait.p90, row.wait.max, row.way.mean, row.service.mean)
    return [*("–" if count is None else str(count) for count in counts), *(minutes(time, words) for time in times)]


def _line(name: str, figures: Sequence[str], room: int, widths: Sequence[int]) -> list[str]:
    first, *more = textwrap.wrap(name, room) or [""]
    return [first.ljust(room) + "".join(f.rjust(w) for f, w in zip(figures, widths, strict=True)), *more]
