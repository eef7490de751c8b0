"""`/hall/{site}/log`: what happened, as a list that a supervisor reads, filters and takes along as CSV.

Days that the history has recorded come from SQL, what it has not recorded yet from the log itself.
"""

import asyncio
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from itertools import islice
from typing import Any
from urllib.parse import urlencode

import structlog
from msgspec import Struct
from sqlalchemy import Connection, Engine, select
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.domain.days import business_day, local
from server.domain.events import Entry, NoticeAnnounced
from server.domain.site import Site
from server.history import tables as t
from server.history.engine import reading
from server.history.exports import MEDIA_TYPES, as_csv
from server.history.journal import Line, Number, Place, Reading, Tail, Wanted, lives, of_day, people
from server.history.notices import find_notices
from server.history.record import read_cursor
from server.history.reports import today
from server.log.base import LogError
from server.web import bodies, pages
from server.web.callers import may_supervise
from server.web.problems import Problem
from server.web.reports import EARLIEST
from server.web.rooms import Room, house
from server.web.telling import KIND_OF, KINDS, WHO, Person, Teller

PAGE = 100  # entries
TYPED = re.compile(r"([A-Z]{1,2})[ .-]*([0-9]{1,9})")  # a number, however it is separated and padded
MOST_EXPORTED = 100_000
PLACE = re.compile(r"(\d{1,9})-(\d{1,15})", re.ASCII)
COLUMNS = ("seq", "at", "type", "number", "what", "who", "who_id")
FILTERS = ("kind", "counter", "agency", "number", "by")

log = structlog.get_logger(__name__)


class Asked(Struct, frozen=True):
    """What the address asks for. given: the filters in it."""

    wanted: Wanted
    before: Place | None
    given: dict[str, str]

    def query(self, **changed: str) -> str:
        """The address of the same with something changed; "" leaves it out."""
        whole = {"day": self.wanted.day.isoformat(), **self.given} | changed
        return "?" + urlencode({name: value for name, value in whole.items() if value})


class Found(Struct, frozen=True):
    """lines: newest first, at most as many as asked for. more: there are older ones. complete: the newest of the day are
    among them. zone: the hall's time zone is that of `site`."""

    site: Site
    lines: list[Line]
    more: bool
    complete: bool
    teller: Teller
    people: dict[str, Person]


async def page(request: Request) -> Response:
    room, asked = await _asked(request)
    found = await _find(request, room, asked, PAGE)
    site, day, now = found.site, asked.wanted.day, today(room.hall.site, room.hall.clock())
    ways = {"earlier": day - timedelta(days=1), "today": now, "later": day + timedelta(days=1)}
    return await pages.page(
        request,
        "journal.html",
        site=pages.named(site),
        day=day,
        day_text=found.teller.day(day),
        is_today=day == now,
        newest=asked.before is None,
        complete=found.complete,
        rows=[_row(line, found) for line in found.lines],
        older=asked.query(before=str(found.lines[-1].place)) if found.more else "",
        ways={way: asked.query(day=to.isoformat()) for way, to in ways.items() if EARLIEST <= to <= now},
        query=asked.query,
        given=asked.given,
        options=_options(found, asked.given),
    )


async def download(request: Request) -> Response:
    room, asked = await _asked(request)
    async with request.app.state.reporting:
        found = await _find(request, room, asked, MOST_EXPORTED)
        must_be_whole(found)
        rows = ((*(row[name] for name in COLUMNS),) for row in (_row(line, found) for line in found.lines))
        data = await asyncio.to_thread(as_csv, COLUMNS, rows)
    name = f"antrean_{found.site.id}_{asked.wanted.day.isoformat()}_log.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(data, media_type=MEDIA_TYPES["csv"], headers=headers)


def must_be_whole(found: Found) -> None:
    """A file cannot say what it lacks. Raises Problem."""
    if not found.complete:
        raise Problem("log-unavailable", "the log does not answer, so the newest entries cannot be read: try again")
    if found.more:
        message = f"more than {MOST_EXPORTED} entries: ask for one kind, agency or counter at a time"
        raise bodies.invalid([{"field": "kind", "message": message}])


async def _find(request: Request, room: Room, asked: Asked, limit: int) -> Found:
    engine: Engine = request.app.state.engine
    words = pages.words(pages.language_of(request))
    recorded, tail, complete = await _tail(engine, room, asked.wanted.day)
    return await asyncio.to_thread(_read, engine, room, asked, tail, recorded, complete, limit, words)


async def _tail(engine: Engine, room: Room, day: date) -> tuple[Place | None, Tail, bool]:
    """Up to where the archive counts, what the log holds beyond, and whether that is all there is of the day."""
    hall, site = room.hall, room.hall.confirmed.site or room.hall.site
    cursor, known = await asyncio.to_thread(_recorded, engine, site.id)
    life = known.get(hall.epoch, max(known.values(), default=0) + 1)
    same = cursor is not None and cursor.epoch == hall.epoch
    recorded = Place(known[cursor.epoch], cursor.seq) if cursor and cursor.epoch in known else None
    try:
        after = cursor.seq if cursor and same else max(await room.log.day_start(), await room.log.first_seq()) - 1
        entries: list[Entry] = []
        while found := await room.log.read(entries[-1].seq if entries else max(0, after)):
            entries += found
    except LogError as error:
        log.warning("journal-without-its-end", site=site.id, why=str(error))
        return recorded, Tail(life), bool(same and cursor.day and cursor.day > day)
    of = of_day(entries, day, cursor.day if cursor and same else None, lambda at: business_day(site, at))
    tickets = {
        id: Number(one.number, one.agency, one.agency, one.service) for id, one in hall.confirmed.tickets.items()
    }
    return recorded, Tail(life, of, tickets), True


def _recorded(engine: Engine, site: str) -> tuple[Any, dict[str, int]]:
    with engine.connect() as db:
        known = lives(db, site)
    return read_cursor(engine, site), known


def _read(
    engine: Engine,
    room: Room,
    asked: Asked,
    tail: Tail,
    recorded: Place | None,
    complete: bool,
    limit: int,
    words: Mapping[str, str],
) -> Found:
    site = room.hall.confirmed.site or room.hall.site
    with reading(engine) as db:
        lines = list(islice(Reading(db, site, asked.wanted, tail, recorded).lines(asked.before), limit + 1))
        known, old = people(db), _old_names(db, site.id)
    said = {line.event.notice for line in lines if isinstance(line.event, NoticeAnnounced)}
    notices = {id: notice.text for id, notice in find_notices(engine, said).items()} if said else {}
    teller = Teller(site, words, old, notices, known)
    return Found(site, lines[:limit], len(lines) > limit, complete, teller, known)


def _old_names(db: Connection, site: str) -> dict[tuple[str, str], str]:
    one = t.names.c
    return {
        (row.kind, row.id): row.name for row in db.execute(select(one.kind, one.id, one.name).where(one.site == site))
    }


def _options(found: Found, given: Mapping[str, str]) -> dict[str, list[tuple[str, str]]]:
    """What is offered to filter by, each with what it is called; what is filtered by is among it, were it no more."""
    site, teller = found.site, found.teller
    own = {id for id, (_, _, of) in found.people.items() if of in (None, site.id)}
    by = {*own, *WHO, *(line.event.cause.by for line in found.lines)}
    offered: dict[str, tuple[Iterable[str], Callable[[str], str]]] = {
        "kind": (KINDS, teller.kind),
        "agency": (site.agency, teller.agency),
        "counter": (site.counter, teller.counter),
        "by": (sorted(by, key=lambda id: teller.who(id).lower()), teller.who),
    }
    return {
        name: [(id, called(id)) for id in dict.fromkeys([*ids, given.get(name, "")]) if id]
        for name, (ids, called) in offered.items()
    }


def _row(line: Line, found: Found) -> dict[str, Any]:
    """For the page and for CSV."""
    type_ = str(type(line.event).__struct_config__.tag)
    at, told = local(found.site, line.event.at), found.teller.tell(line)
    return {
        "place": str(line.place),
        "seq": line.place.seq,
        "at": at.isoformat(timespec="milliseconds"),
        "clock": f"{at:%H.%M.%S}",
        "type": type_,
        "kind": KIND_OF[type_],
        "told": told,
        "number": told.number,
        "what": str(told),
        "priority": getattr(line.event, "priority", None),
        "who": found.teller.who(line.event.cause.by),
        "who_id": line.event.cause.by,
    }


async def _asked(request: Request) -> tuple[Room, Asked]:
    """Of which hall what is asked for, by one who supervises it. Raises SignInFirst, Problem."""
    room = house(request).room(request.path_params["site"])
    may_supervise(await pages.signed_in(request), room.hall.site)
    return room, _wanted(request, room)


def _wanted(request: Request, room: Room) -> Asked:
    """Raises Problem invalid."""
    given = {name: request.query_params.get(name, "").strip() for name in FILTERS}
    given = {name: value for name, value in given.items() if value}
    if "number" in given:
        given["number"] = as_on_the_slip(given["number"])
    kind, before = given.get("kind", ""), request.query_params.get("before", "")
    now = today(room.hall.site, room.hall.clock())
    wrong = []
    try:
        day = date.fromisoformat(request.query_params.get("day") or now.isoformat())
    except ValueError:
        day = date.max
    if not EARLIEST <= day <= now:
        wrong.append({"field": "day", "message": "a day that has begun, such as 2026-11-21"})
    if kind and kind not in KINDS:
        wrong.append({"field": "kind", "message": f"one of {', '.join(KINDS)}"})
    place = PLACE.fullmatch(before)
    if before and not place:
        wrong.append({"field": "before", "message": "a place, as the link to older entries has it"})
    if wrong:
        raise bodies.invalid(wrong)
    wanted = Wanted(
        day=day,
        kinds=KINDS[kind] if kind else (),
        counter=given.get("counter", ""),
        agency=given.get("agency", ""),
        number=given.get("number", ""),
        by=given.get("by", ""),
    )
    return Asked(wanted, Place(int(place[1]), int(place[2])) if place else None, given)


def as_on_the_slip(number: str) -> str:
    """A number as it is written there, however somebody has typed it: "a 1" is A-001."""
    typed = TYPED.fullmatch(number.upper())
    return f"{typed[1]}-{int(typed[2]):03d}" if typed else number.upper()


ROUTES = [
    Route("/hall/{site}/log", page),
    Route("/hall/{site}/log.csv", download),
]
