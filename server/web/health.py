"""`/admin/health` and `GET /api/health`: every process, device and voice of this installation, for administrators.

What the processes tell each other stands in the log's Redis (server/log/devices.py). While that is away, this process
says so and shows what it knows itself.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from msgspec import Struct
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from server.history.archive import Damaged
from server.history.record import Cursor, read_cursor
from server.jobs import Shelf
from server.log.base import LogUnavailable
from server.log.devices import Device, Known, Server
from server.web import signs
from server.web.api import reply
from server.web.bodies import read_form
from server.web.callers import may_administer, same_origin
from server.web.kept import Kept
from server.web.pages import page, signed_in
from server.web.problems import Problem
from server.web.rooms import Room, house
from server.web.sound import standing

Cursors = Kept[dict[str, Cursor | None]]


class Hall(Struct, frozen=True):
    """How one hall stands. seq: where its log ends, as far as is known. zones, voices: as `GET …/sound` tells them.
    unheard: those of its zones in which nobody hears the calls."""

    id: str
    name: str
    seq: int
    phones: int
    devices: list[signs.Contact]
    sockets: list[signs.Sockets]
    unheard: list[signs.Unheard]
    zones: list[dict[str, Any]]
    voices: list[dict[str, Any]]


class Health(Struct, frozen=True):
    """trouble: how many processes, devices, zones without sound and queues with failed jobs there are to look after.
    shared: whether what all processes know is shown; else what one knows. jobs: RQ's queues, None when its Redis does
    not answer."""

    at: datetime
    shared: bool
    trouble: int
    processes: list[signs.Process]
    jobs: tuple[Shelf, ...] | None
    sites: list[Hall]


def cursors_of(engine: Engine, sites: Mapping[str, Room]) -> Cursors:
    """Up to where the history of each site is written."""

    def ask() -> dict[str, Cursor | None]:
        return {site: read_cursor(engine, site) for site in sites}

    return Kept("cursors", partial(asyncio.to_thread, ask), (SQLAlchemyError, Damaged))


async def show(request: Request) -> Response:
    may_administer(await signed_in(request))
    found = await look(request)
    return await page(request, "health.html", found=found, kinds=signs.KINDS, age=_age(found.at), clock=_clock(request))


async def api(request: Request) -> Response:
    may_administer(await house(request).callers.required(request))
    return reply(await look(request))


async def dismiss(request: Request) -> Response:
    """Form: `device` or `server`, which nobody is to miss any more."""
    here = house(request)
    if not same_origin(request, here.settings):
        raise Problem("forbidden", "this page belongs to another site")
    may_administer(await house(request).callers.required(request))
    form = await read_form(request)
    try:
        if form.get("device"):
            await here.devices.forget(form["device"])
        if form.get("server"):
            await here.devices.board.forget_server(form["server"])
    except LogUnavailable:
        raise Problem("log-unavailable", "the log's Redis does not answer; try again") from None
    return RedirectResponse("/admin/health", 303)


async def look(request: Request) -> Health:
    """All of it, asked at once of all who know."""
    here, state = house(request), request.app.state
    known, jobs, cursors, *sounds = await asyncio.gather(
        _known(request),
        state.sources.rq.get(),
        state.cursors.get(),
        *(standing(request, room) for room in here.rooms.values()),
    )
    now = known.at if known else datetime.now(UTC)
    ends = {site: max(room.hall.confirmed.seq, known.ends[site] if known else 0) for site, room in here.rooms.items()}
    told = _servers(request, known, now, ends)
    processes = [
        *signs.servers(told, now),
        *signs.hands(jobs, datetime.now(UTC), _lag(ends, known.dispatched) if known else None),
        *signs.stores(
            known, now, _history_lag(here.rooms, ends, cursors), cursors is not None, _own_jobs(request, jobs)
        ),
    ]
    sites = []
    for (id, room), sound in zip(here.rooms.items(), sounds, strict=True):
        site = room.hall.confirmed.site or room.hall.site
        living = signs.alive(told, now)
        phones = sum(one.halls[id].phones for one in living if id in one.halls)
        devices = _contacts(request, room, known, now)
        at_work = {one.zone for one in site.counters if room.hall.confirmed.desk(one.id).status != "closed"}
        unheard = signs.unheard(sound["zones"], at_work)
        sites.append(Hall(id, site.name, ends[id], phones, devices, signs.sockets(site, living), unheard, **sound))
    shelves = jobs.shelves if jobs else None
    trouble = [
        *(one for one in processes if one.state != "good"),
        *(one for site in sites for one in site.devices if one.state != "good"),
        *(one for site in sites for one in site.unheard),
        *(one for one in shelves or () if one.failed),
    ]
    return Health(now, known is not None, len(trouble), processes, shelves, sites)


def silent(request: Request, known: Known) -> dict[str, Counter[str]]:
    """How many devices have fallen silent, by site and kind."""
    shown = {site: _contacts(request, room, known, known.at) for site, room in house(request).rooms.items()}
    return {site: Counter(one.kind for one in devices if one.state == "bad") for site, devices in shown.items()}


async def _known(request: Request) -> Known | None:
    here = house(request)
    try:
        return await here.devices.board.read(here.rooms)
    except LogUnavailable:
        return None


def _servers(
    request: Request, known: Known | None, now: datetime, ends: Mapping[str, int]
) -> list[tuple[Server, datetime]]:
    """What others have told of these halls, and this process as it stands now."""
    here = house(request)
    own = here.devices.server(ends)
    others = [told for told in (known.servers if known else ()) if told[0].name != own.name]
    ours = [told for told in others if told[0].halls.keys() & here.rooms.keys()]
    return sorted([(own, now), *ours], key=lambda told: told[0].name)


def _contacts(request: Request, room: Room, known: Known | None, now: datetime) -> list[signs.Contact]:
    site = room.hall.confirmed.site or room.hall.site
    return signs.contacts(site, _devices(request, site.id, known, now), now)


def _devices(request: Request, site: str, known: Known | None, now: datetime) -> list[tuple[Device, datetime]]:
    """What is remembered, with what this process has heard since; without Redis what this process has heard."""
    own = {one.key: (one, now - timedelta(seconds=ago)) for one, ago in house(request).devices.own(site)}
    if known is None:
        return list(own.values())
    told = {one.key: (one, max(seen, own[one.key][1] if one.key in own else seen)) for one, seen in known.devices}
    new = {key: one for key, one in own.items() if (now - one[1]).total_seconds() < signs.SILENT_AFTER}
    return list((new | told).values())


def _lag(ends: Mapping[str, int], read: Mapping[str, int]) -> int:
    return max((0, *(end - read.get(site, 0) for site, end in ends.items())))


def _history_lag(
    rooms: Mapping[str, Room], ends: Mapping[str, int], cursors: Mapping[str, Cursor | None] | None
) -> int | None:
    if cursors is None:
        return None
    same = {site: cursor.seq for site, cursor in cursors.items() if cursor and cursor.epoch == rooms[site].hall.epoch}
    return _lag(ends, same)


def _own_jobs(request: Request, jobs: object) -> bool | None:
    settings = house(request).settings
    return None if settings.jobs_url in (None, settings.redis_url) else jobs is not None


def _age(now: datetime) -> Any:
    """How many seconds ago it was."""
    return lambda at: None if at is None else max(0, round((now - at).total_seconds()))


def _clock(request: Request) -> Any:
    """A moment on the wall clock of the first hall, with its date when that is not today's."""
    hall = next(iter(house(request).rooms.values())).hall
    zone, today = hall.now().tzinfo, hall.now().date()

    def told(at: datetime) -> str:
        there = at.astimezone(zone)
        return f"{there:%H.%M}" if there.date() == today else f"{there:%d-%m %H.%M}"

    return told


ROUTES = [
    Route("/admin/health", show),
    Route("/admin/health/dismiss", dismiss, methods=["POST"]),
    Route("/api/health", api),
]
