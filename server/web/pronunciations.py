"""How a hall says what is written: the table of a site, for supervisors to see and to correct."""

import asyncio

import msgspec
import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.history.answers import Answer
from server.history.pronunciations import Pronunciations
from server.web import bodies
from server.web.api import asking, identity_outside, reply
from server.web.callers import may_supervise
from server.web.rooms import house

FRESH = 5.0  # seconds between two looks at what other processes were told


log = structlog.get_logger(__name__)


async def table(request: Request) -> Response:
    """One route for both, so that a 405 names both."""
    return await (correct if request.method == "POST" else show)(request)


async def show(request: Request) -> Response:
    here = house(request)
    hall = here.room(request.path_params["site"]).hall
    may_supervise(await here.callers.required(request), hall.site)
    await asyncio.to_thread(here.pronunciations.refresh)
    file, own = (hall.confirmed.site or hall.site).pronunciation, here.pronunciations.own(hall.site.id)
    return reply({"pronunciations": [_entry(written, file, own.get(written)) for written in sorted(file | own)]})


async def correct(request: Request) -> Response:
    here = house(request)
    room, by = await asking(request)
    hall = room.hall
    may_supervise(await here.callers.required(request), hall.site)
    body = await bodies.read_body(request, bodies.Pronunciation)
    command = identity_outside(request, by, body, room)
    entry = _entry(body.written, (hall.confirmed.site or hall.site).pronunciation, body.spoken)
    answer = Answer(command["id"] if command["keyed"] else "", command["digest"], msgspec.json.encode(entry).decode())
    kept = await asyncio.to_thread(here.pronunciations.set, hall.site.id, body.written, body.spoken, answer)
    return reply(msgspec.Raw(kept.encode()))


async def keep_fresh(pronunciations: Pronunciations) -> None:
    """For ever: what was given in at another process is known here within seconds; without SQL the last stays."""
    told = False
    while True:
        await asyncio.sleep(FRESH)
        try:
            await asyncio.to_thread(pronunciations.refresh)
            told = False
        except SQLAlchemyError as error:
            if not told:
                log.warning("pronunciations-unavailable", error=repr(error))
            told = True


def _entry(written: str, file: dict[str, str], own: str | None) -> dict[str, str | None]:
    """spoken: which of the two counts; null: as the voice guesses."""
    of_file = file.get(written)
    return {"written": written, "spoken": own or of_file, "file": of_file, "own": own}


ROUTES = [Route("/api/sites/{site}/pronunciations", table, methods=["GET", "POST"])]
