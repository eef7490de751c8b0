"""Reports for supervisors: pages with charts, files to download, and the same as JSON for programs."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

import msgspec
from sqlalchemy import Engine
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from server.history.exports import MEDIA_TYPES, export, file_name
from server.history.figures import DIMENSIONS, Report, Row
from server.history.period import Period, month_of, read_period
from server.history.render import minutes, period_text, row_name
from server.history.reports import report, today
from server.web import bodies, pages
from server.web.callers import may_supervise, may_supervise_some, supervises
from server.web.problems import Problem
from server.web.rooms import Room, house
from server.web.study import tell

EXAMPLES = {"day": "2026-11-21", "month": "2026-11"}
EARLIEST = date(2000, 1, 1)  # no page leads to what is before


async def index(request: Request) -> Response:
    """To the first hall whose reports the caller may see."""
    caller = await pages.signed_in(request)
    may_supervise_some(caller)
    found = [id for id, room in house(request).rooms.items() if supervises(caller, room.hall.site)]
    if not found:
        raise Problem("unknown-site", "the site of this account is not among those of this server")
    return RedirectResponse(f"/reports/{found[0]}", 303)


async def page(request: Request) -> Response:
    room = house(request).room(request.path_params["site"])
    caller = await pages.signed_in(request)
    site = room.hall.site
    may_supervise(caller, site)
    period, by = _asked(request, room)
    words = pages.words(pages.language_of(request))
    now = today(site, room.hall.clock())
    told = await _in_turn(request, tell, site, period, by, room.hall.clock(), words)
    others = [
        {"id": other.hall.site.id, "name": other.hall.site.name}
        for other in house(request).rooms.values()
        if caller.role == "admin" or caller.site is None
    ]
    return await pages.page(
        request,
        "report.html",
        site={"id": site.id, "name": site.name, "timezone": site.timezone},
        sites=others,
        period=period,
        day=min(period.last, now),
        period_text=period_text(told.shown, words),
        by=by,
        dimensions=DIMENSIONS,
        empty=not told.figures,
        total=told.shown.total,
        called=told.shown.total.served + told.shown.total.no_shows,
        minutes=lambda seconds: minutes(seconds, words),
        figures=told.figures,
        rows=[(row_name(row, by, words), _cells(row, words)) for row in told.shown.rows],
        total_row=_cells(told.shown.total, words),
        query=lambda **changed: _query(period, **{"by": by} | changed),
        ways={way: _query(to, by=by) for way, to in _ways(period, now).items()},
    )


async def download(request: Request) -> Response:
    """The table of the page as a file."""
    room = house(request).room(request.path_params["site"])
    form = request.path_params["form"]
    may_supervise(await pages.signed_in(request), room.hall.site)
    if form not in MEDIA_TYPES:
        raise Problem("not-found", f"there are {', '.join(MEDIA_TYPES)}")
    found = await _report(request, room)
    data = await asyncio.to_thread(export, [found], form)
    headers = {
        "Content-Disposition": f'attachment; filename="{file_name(found, form)}"',
        "Cache-Control": "no-store",
    }
    return Response(data, media_type=MEDIA_TYPES[form], headers=headers)


async def api(request: Request) -> Response:
    room = house(request).room(request.path_params["site"])
    may_supervise(await house(request).callers.required(request), room.hall.site)
    found = await _report(request, room)
    return Response(msgspec.json.encode(found), media_type="application/json", headers={"Cache-Control": "no-store"})


async def _report(request: Request, room: Room) -> Report:
    period, by = _asked(request, room)
    made: Report = await _in_turn(request, report, room.hall.site, period, by, now=room.hall.clock())
    return made


async def _in_turn(request: Request, work: Any, *given: Any, **named: Any) -> Any:
    """One report at a time: a process that calls visitors has better things to do."""
    engine: Engine = request.app.state.engine
    async with request.app.state.reporting:
        return await asyncio.to_thread(work, engine, *given, **named)


def _cells(row: Row, words: Mapping[str, str]) -> Sequence[str]:
    counts = (row.issued, row.served, row.no_shows, row.cancelled, row.unfinished, row.open)
    wait = (row.wait.mean, row.wait.p50, row.wait.p90, row.wait.max)
    times = (*wait, row.way.mean, row.service.mean)
    return [*("–" if count is None else str(count) for count in counts), *(minutes(time, words) for time in times)]


def _asked(request: Request, room: Room) -> tuple[Period, str]:
    """The period and by what, from the query: a `day` or a `month`; today by agency. Raises Problem invalid."""
    given = request.query_params
    by = given.get("by", DIMENSIONS[0])
    if by not in DIMENSIONS:
        raise bodies.invalid([{"field": "by", "message": f"one of {', '.join(DIMENSIONS)}"}])
    name = "month" if "month" in given else "day"
    text = given.get(name, "today")
    try:
        period = read_period(text, today(room.hall.site, room.hall.clock()))
    except ValueError as error:
        raise bodies.invalid([{"field": name, "message": str(error)}]) from None
    if (name == "month") != period.is_month:
        raise bodies.invalid([{"field": name, "message": f"write a {name}, such as {EXAMPLES[name]}"}])
    return period, by


def _query(period: Period, **more: str) -> str:
    return "?" + urlencode({"month" if period.is_month else "day": str(period)} | more)


def _ways(period: Period, now: date) -> dict[str, Period]:
    """Where one may go from here: today, this month, and the day or month before and after (none after today)."""
    around = month_of if period.is_month else _day
    found = {"today": _day(now), "this-month": month_of(now)}
    if period.first > EARLIEST:
        found["earlier"] = around(period.first - timedelta(days=1))
    if period.last < now:
        found["later"] = around(period.last + timedelta(days=1))
    return found


def _day(day: date) -> Period:
    return Period(day, day)


ROUTES = [
    Route("/reports", index),
    Route("/reports/{site}", page),
    Route("/reports/{site}/figures.{form}", download),
    Route("/api/sites/{site}/reports", api),
]
