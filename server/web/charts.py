"""The charts of a report, drawn: how many waited through the day, how long, when visitors come, agencies, no-shows."""

from collections.abc import Callable, Mapping, Sequence
from math import ceil

from server.history.courses import Bar, Day, Moment
from server.history.figures import Report, Row, Spread
from server.history.render import day_text, minutes
from server.web.drawing import NARROW, WIDE, Figure, Frame, Sheet, columns, framed, lines_of, ticks

HIGH = 212  # units, of a chart with a scale
LEVELS = 6  # shades of the heat map
ENOUGH = 5  # calls that an agency needs to be named as the one with the longest wait
MOST_ABSENT = 8  # agencies named among the no-shows

Words = Mapping[str, str]


def waiting_chart(moments: Sequence[Moment], begins: int, days: int, words: Words) -> Figure:
    """begins: hour at which the business day does. days: how many the figures are of."""
    peak = max(moments, key=lambda moment: moment.most)
    unit = words["report.waiting.unit"]

    def draw(width: float) -> Sheet:
        sheet = Sheet(width, HIGH)
        frame = framed(sheet, peak.most, unit)
        step = frame.width / len(moments)
        _hours(sheet, frame, moments, begins, words)
        for look, value in (("most", _most), ("area", _mean)):
            edge = [
                (frame.left + (n + side) * step, frame.y(value(m))) for n, m in enumerate(moments) for side in (0, 1)
            ]
            sheet.path([(frame.left, frame.lower), *edge, (frame.right, frame.lower)], look)
        return sheet

    rows = [
        (_clock(m.start, begins, words), f"{m.mean:.1f}".replace(".", words["report.decimal"]), str(m.most))
        for m in moments
    ]
    finding = words["report.waiting.day" if days == 1 else "report.waiting.days"]
    return _figure(
        "waiting",
        words,
        finding.format(n=peak.most, time=_clock(peak.start, begins, words)),
        draw,
        ("report.time", "report.waiting.mean", "report.waiting.most"),
        rows,
    )


def distribution_chart(bars: Sequence[Bar], wait: Spread, words: Words) -> Figure:
    width_of_bar = bars[1].start - bars[0].start if len(bars) > 1 else (bars[0].end or 60)
    labels = [_range(bar, words) for bar in bars]
    p50, p90 = wait.p50 or 0.0, wait.p90 or 0.0

    def draw(width: float) -> Sheet:
        sheet = Sheet(width, HIGH)
        frame = framed(sheet, max(bar.people for bar in bars), words["report.distribution.unit"], upper=50)
        tips = [f"{label}: {bar.people}" for label, bar in zip(labels, bars, strict=True)]
        room = columns(sheet, frame, [("", bar.people, tip) for bar, tip in zip(bars, tips, strict=True)], look="soft")
        every = ceil(len(bars) * 28 / frame.width)
        for n, bar in enumerate(bars):
            if n % every == 0 and n * room < frame.width - 46:
                sheet.text(frame.left + n * room, frame.lower + 16, f"{bar.start // 60}", anchor="middle")
        sheet.text(frame.right, frame.lower + 16, words["report.minutes"], anchor="end")
        for name, seconds, y in (("p50", p50, 22), ("p90", p90, 37)):
            x = frame.left + min(seconds / width_of_bar, len(bars) - 0.5) * room
            sheet.line(x, y + 3, x, frame.lower, name)
            side = "end" if x > width * 0.6 else "start"
            text = words[f"report.mark.{name}"].format(n=minutes(seconds, words))
            sheet.text(x + (-5 if side == "end" else 5), y + 4, text, "strong", side)
        return sheet

    finding = words["report.distribution.finding"].format(p50=minutes(p50, words), p90=minutes(p90, words))
    rows = [(label, str(bar.people)) for label, bar in zip(labels, bars, strict=True)]
    return _figure("distribution", words, finding, draw, ("report.wait", "report.distribution.people"), rows)


def hours_chart(by_hour: Report, words: Words) -> Figure:
    """When visitors came on one day."""
    rows = by_hour.rows
    busiest = max(rows, key=_issued)

    def draw(width: float) -> Sheet:
        sheet = Sheet(width, HIGH)
        frame = framed(sheet, _issued(busiest), words["report.numbers"])
        room = columns(sheet, frame, [(row.id[:2], _issued(row), f"{row.id}: {row.issued}") for row in rows])
        for n, row in enumerate(rows):
            sheet.text(frame.left + (n + 0.5) * room, frame.y(_issued(row)) - 4, str(row.issued), "value", "middle")
        return sheet

    finding = words["report.hours.finding"].format(hour=_hour(busiest.id[:2], words), n=busiest.issued)
    table = [(_hour(row.id[:2], words), str(row.issued)) for row in rows]
    return _figure("hours", words, finding, draw, ("report.by.hour", "report.issued"), table)


def heat_chart(visits: Mapping[tuple[int, int], float], begins: int, words: Words) -> Figure:
    """When visitors come: hour × weekday, numbers issued per such day."""
    names = words["common.days"].split()
    weekdays = sorted({weekday for weekday, _ in visits})
    order = sorted({hour for _, hour in visits}, key=lambda hour: (hour - begins) % 24)
    hours = [(begins + h) % 24 for h in range((order[0] - begins) % 24, (order[-1] - begins) % 24 + 1)]
    (day, hour), most = max(visits.items(), key=lambda found: found[1])

    def draw(width: float) -> Sheet:
        left, high = (62, 30) if width == WIDE else (36, 28)
        sheet = Sheet(width, 26 + high * len(weekdays))
        room = (width - left) / len(hours)
        for n, h in enumerate(hours):
            sheet.text(left + (n + 0.5) * room, 14, f"{h:02d}", anchor="middle")
        for line, weekday in enumerate(weekdays):
            y = 22 + line * high
            name = names[(weekday + 1) % 7]
            sheet.text(left - 8, y + high / 2 + 4, name if width == WIDE else name[:3], anchor="end")
            for n, h in enumerate(hours):
                value = visits.get((weekday, h), 0.0)
                level = ceil(value / most * LEVELS)
                tip = f"{name} {_hour(f'{h:02d}', words)}: {value:.1f}"
                sheet.rect(left + n * room + 1, y + 1, room - 2, high - 2, f"heat heat--{level}", tip)
                if value:
                    text = f"{value:.0f}" if value >= 0.5 else "<1"
                    sheet.text(left + (n + 0.5) * room, y + high / 2 + 4, text, f"on-heat on-heat--{level}", "middle")
        return sheet

    finding = words["report.heat.finding"].format(
        day=names[(day + 1) % 7], hour=_hour(f"{hour:02d}", words), n=f"{most:.0f}"
    )
    table = [
        (
            names[(weekday + 1) % 7],
            *(f"{visits.get((weekday, h), 0.0):.1f}".replace(".", words["report.decimal"]) for h in hours),
        )
        for weekday in weekdays
    ]
    figure = _figure("heat", words, finding, draw, ("report.day",), table)
    return figure._replace(heads=(words["report.day"], *(f"{h:02d}" for h in hours)))


def days_chart(days: Sequence[Day], words: Words) -> Figure:
    busiest = max(days, key=lambda day: day.issued)
    mean = sum(day.issued for day in days) / len(days)

    def draw(width: float) -> Sheet:
        sheet = Sheet(width, 176)
        frame = framed(sheet, busiest.issued, words["report.numbers"])
        every = ceil(len(days) * 20 / frame.width)
        columns(
            sheet,
            frame,
            [
                (str(day.day.day) if n % every == 0 else "", day.issued, f"{day_text(day.day, words)}: {day.issued}")
                for n, day in enumerate(days)
            ],
        )
        sheet.line(frame.left, frame.y(mean), frame.right, frame.y(mean), "p50")
        return sheet

    finding = words["report.days.finding"].format(
        mean=f"{mean:.0f}", day=day_text(busiest.day, words), n=busiest.issued
    )
    rows = [(day_text(day.day, words), str(day.issued), str(day.no_shows)) for day in days]
    return _figure("days", words, finding, draw, ("report.day", "report.issued", "report.no-shows"), rows)


def agencies_chart(by_agency: Report, words: Words) -> Figure:
    """Waits (half of the calls, nine of ten) and visits served, an agency a row."""
    rows = by_agency.rows
    longest = max((row.wait.p90 or 0.0 for row in rows), default=0.0)
    minutes_top = ticks(longest / 60, 4)
    served_top = max(1, *(row.served for row in rows))

    def draw(width: float) -> Sheet:
        wide = width == WIDE
        left, high, names = (222, 27, 1) if wide else (0, 46, 16)
        sheet = Sheet(width, 40 + high * len(rows))
        room = (width - left) * 0.62
        frame = Frame(left, left + room - 44, 0, 0, minutes_top[-1])
        middle, share = left + room, (width - left - room - 34) / served_top
        sheet.text(left, 10, words["report.agencies.waits"], "unit")
        sheet.text(middle, 10 if wide else 26, words["report.served"], "unit")
        for value in minutes_top:
            x = frame.left + frame.width * value / frame.top
            sheet.line(x, 32, x, sheet.height, "grid")
            sheet.text(x, 26, str(value), anchor="middle" if value else "start")
        for n, row in enumerate(rows):
            y = 36 + n * high
            _name(sheet, row.name, y, wide, left)
            y += 0 if wide else names
            p50, p90 = (frame.width * (value or 0) / 60 / frame.top for value in (row.wait.p50, row.wait.p90))
            sheet.rect(frame.left, y + 4, p90, 16, "soft")
            sheet.rect(frame.left, y + 8, p50, 8, "bar")
            if row.wait.count:
                texts = f"{_whole(row.wait.p50)} · {_whole(row.wait.p90)}"
                sheet.text(frame.left + p90 + 5, y + 16, texts, "value")
            sheet.rect(middle, y + 6, row.served * share, 12, "bar")
            sheet.text(middle + row.served * share + 4, y + 16, str(row.served), "value")
        return sheet

    known = [row for row in rows if row.wait.count >= ENOUGH] or rows
    worst = max(known, key=lambda row: row.wait.p90 or 0.0)
    finding = words["report.agencies.finding"].format(agency=worst.name, n=_whole(worst.wait.p90))
    table = [
        (row.name, minutes(row.wait.p50, words), minutes(row.wait.p90, words), str(row.served), str(row.issued))
        for row in rows
    ]
    heads = ("report.by.agency", "report.wait.p50", "report.wait.p90", "report.served", "report.issued")
    return _figure("agencies", words, finding, draw, heads, table)


def no_shows_chart(by_agency: Report, words: Words) -> Figure:
    absent = sorted((row for row in by_agency.rows if row.no_shows), key=lambda row: -row.no_shows)
    shown = absent[:MOST_ABSENT]
    total = by_agency.total

    def draw(width: float) -> Sheet:
        wide = width == WIDE
        left, high = (222, 24) if wide else (0, 44)
        sheet = Sheet(width, 8 + high * max(1, len(shown)))
        room = (width - left - 90) / max((row.no_shows for row in shown), default=1)
        for n, row in enumerate(shown):
            y = 4 + n * high
            _name(sheet, row.name, y, wide, left)
            y += 0 if wide else 16
            sheet.rect(left, y + 5, row.no_shows * room, 13, "absent")
            text = f"{row.no_shows} ({_share(row.no_shows, row.served + row.no_shows)} %)"
            sheet.text(left + row.no_shows * room + 5, y + 16, text, "value")
        if not shown:
            sheet.text(left, 20, words["report.absent.none"])
        return sheet

    share = _share(total.no_shows, total.served + total.no_shows)
    finding = words["report.absent.finding"].format(n=total.no_shows, share=share)
    rows = [(row.name, str(row.no_shows), f"{_share(row.no_shows, row.served + row.no_shows)} %") for row in absent]
    return _figure("absent", words, finding, draw, ("report.by.agency", "report.no-shows", "report.absent.share"), rows)


def _figure(
    name: str,
    words: Words,
    finding: str,
    draw: Callable[[float], Sheet],
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
) -> Figure:
    title = words[f"report.title.{name}"]
    return Figure(name, title, finding, draw(WIDE), draw(NARROW), [words[head] for head in heads], rows)


def _name(sheet: Sheet, name: str, y: float, wide: bool, left: float) -> None:
    """Beside its bars, or above them where there is no room."""
    lines = lines_of(name, left - 8) if wide else lines_of(name, sheet.width, 1)
    for n, line in enumerate(lines):
        sheet.text(0, y + (10 + 11 * n if len(lines) > 1 else 16), line, "name")


def _hours(sheet: Sheet, frame: Frame, moments: Sequence[Moment], begins: int, words: Words) -> None:
    """The clock below the waiting of a day: full hours, or every so many minutes when there are few of them."""
    room = frame.width / len(moments)
    every = next(steps for steps in (1, 2, 3, 6, 12, 24, 48, 144) if steps * room >= (26 if steps >= 6 else 38))
    for n, moment in enumerate(moments):
        if moment.start // 600 % every == 0:
            x = frame.left + n * room
            clock = _clock(moment.start, begins, words)
            sheet.line(x, frame.lower, x, frame.lower + 4, "axis")
            sheet.text(x, frame.lower + 17, clock[:2] if every >= 6 else clock, anchor="middle")


def _clock(start: int, begins: int, words: Words) -> str:
    hour, minute = divmod(start // 60, 60)
    return words["common.time"].format(hours=f"{(begins + hour) % 24:02d}", minutes=f"{minute:02d}")


def _hour(hour: str, words: Words) -> str:
    return words["report.hour"].format(hour=hour)


def _range(bar: Bar, words: Words) -> str:
    if bar.end is None:
        return words["report.range.above"].format(low=bar.start // 60)
    return words["report.range"].format(low=bar.start // 60, high=bar.end // 60)


def _whole(seconds: float | None) -> str:
    """Minutes, as few characters as can be."""
    if seconds is None:
        return "–"
    return "<1" if seconds < 30 else f"{seconds / 60:.0f}"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f}" if whole else "0"


def _issued(row: Row) -> int:
    return row.issued or 0


def _mean(moment: Moment) -> float:
    return moment.mean


def _most(moment: Moment) -> float:
    return moment.most
