"""The sound of a hall, for its supervisors: what it would say to be heard beforehand, its voices, its loudspeakers."""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from audio.errors import SpeechUnavailable
from audio.phrases import Notice, Utterable
from audio.speech import Speech, Utterance
from audio.standing import Standing, standings
from server import wording
from server.domain.site import Site
from server.history.pronunciations import Pronunciations
from server.log.base import LogUnavailable
from server.log.speakers import Connected
from server.web import bodies
from server.web.api import asking, identity_outside, reply
from server.web.callers import may_supervise, supervises
from server.web.kept import Kept
from server.web.pages import page, signed_in
from server.web.problems import Problem
from server.web.rooms import Room, house


async def show(request: Request) -> Response:
    """The page of a site; without one, of the first that the caller supervises."""
    here = house(request)
    caller = await signed_in(request)
    own = [room.hall.site for room in here.rooms.values() if supervises(caller, room.hall.site)]
    if "site" not in request.path_params:
        if not own:
            raise Problem("forbidden", "for supervisors and administrators")
        return RedirectResponse(f"/admin/sound/{own[0].id}", 303)
    hall = here.room(request.path_params["site"]).hall
    may_supervise(caller, hall.site)
    site = hall.confirmed.site or hall.site
    return await page(
        request,
        "sound.html",
        site={"id": site.id, "name": site.name},
        sites=[{"id": one.id, "name": one.name} for one in own],
        zones=site.zones,
        counters=site.counters,
        desks=[
            {
                "id": counter.id,
                "agencies": [
                    {"id": a, "name": site.agency[a].short, "prefix": site.agency[a].prefix}
                    for a in site.agencies_at[counter.id]
                ],
            }
            for counter in site.counters
        ],
        announcing=site.announcement,
    )


async def state(request: Request) -> Response:
    here = house(request)
    room = here.room(request.path_params["site"])
    may_supervise(await here.callers.required(request), room.hall.site)
    return reply(await standing(request, room))


async def standing(request: Request, room: Room) -> dict[str, Any]:
    """Voices and zones of a hall with their loudspeakers, as `GET …/sound` tells them."""
    kept: Standings = request.app.state.standing
    voices, found = await asyncio.gather(kept.of(room.hall.site.id).get(), _connected(room))
    queues = room.hall.confirmed.announcements
    zones = [
        {
            "id": zone.id,
            "name": zone.name,
            "waiting": len(queues[zone.id].waiting) if zone.id in queues else 0,
            "speakers": None if found is None else [one for one in found if one.zone == zone.id],
        }
        for zone in (room.hall.confirmed.site or room.hall.site).zones
    ]
    return {"voices": [_standing(one) for one in voices or ()], "zones": zones}


async def hear(request: Request) -> Response:
    """Makes a sound for one pair of ears: nothing of the hall changes, so a repeat just makes it again, and of its key
    it matters only that it is not that of another request."""
    here = house(request)
    room, by = await asking(request)
    site = room.hall.confirmed.site or room.hall.site
    may_supervise(await here.callers.required(request), site)
    body = await bodies.read_body(request, bodies.Hear)
    identity_outside(request, by, body, room)
    tried = {body.written: body.spoken} if body.written and body.spoken else {}
    made, chime = await _made(request, _utterable(site, here.pronunciations.table(site) | tried, body))
    return reply(
        {
            "text": made.caption,
            "clips": [f"/audio/{part.digest}.wav" for part in (chime, made)],
            "seconds": round(chime.seconds + made.seconds, 3),
            "voice": made.voice,
        }
    )


class Standings:
    """How the voices stand at each site, counted at most every few seconds, in a thread."""

    def __init__(self, rooms: Mapping[str, Room], speech: Speech, spoken: Pronunciations) -> None:
        def count(room: Room) -> list[Standing]:
            return standings(speech, wording.sayable([room.hall.site], spoken.table))

        self._kept = {
            id: Kept(f"clips of {id}", partial(asyncio.to_thread, count, room), (OSError,))
            for id, room in rooms.items()
        }

    def of(self, site: str) -> Kept[list[Standing]]:
        return self._kept[site]


async def _connected(room: Room) -> list[Connected] | None:
    try:
        return await room.roster.all()
    except LogUnavailable:
        return None


def _utterable(site: Site, table: Mapping[str, str], body: bodies.Hear) -> Utterable:
    """Raises Problem unknown-counter; invalid for an agency that is not at the counter."""
    if body.text is not None:
        return wording.notice(site, table, body.text, body.language, bool(body.repeat))
    assert body.number
    assert body.counter
    if body.counter not in site.counter:
        raise Problem("unknown-counter", f"no counter {body.counter!r} at this site")
    agency = body.agency or next((a for a in site.agencies_at[body.counter]), "")
    if agency not in site.agencies_at[body.counter]:
        raise bodies.invalid([{"field": "agency", "message": "an agency of this counter"}])
    return wording.call(site, table, body.number, body.counter, agency, repeat=body.repeat, in_english_too=body.english)


async def _made(request: Request, what: Utterable) -> tuple[Utterance, Utterance]:
    """The utterance and the chime, one at a time: calls in the hall come first. Raises Problem."""
    speech = house(request).speech
    async with request.app.state.hearing:
        try:
            return await asyncio.to_thread(partial(_both, speech, what))
        except SpeechUnavailable as error:
            raise Problem("speech-unavailable", error.reason) from None
        except ValueError as error:
            field = "text" if isinstance(what, Notice) else "number"
            raise bodies.invalid([{"field": field, "message": str(error)}]) from None


def _both(speech: Speech, what: Utterable) -> tuple[Utterance, Utterance]:
    return speech.utterance(what), speech.chime()


def _standing(one: Standing) -> dict[str, Any]:
    trouble = one.trouble
    return {
        "name": one.voice.name,
        "languages": one.languages,
        "local": one.voice.local,
        "on_the_spot": one.voice.on_the_spot,
        "clips": one.clips,
        "sayable": one.sayable,
        "trouble": {"reason": trouble.reason, "seconds": round(trouble.retry_after or 0)} if trouble else None,
    }


ROUTES = [
    Route("/admin/sound", show),
    Route("/admin/sound/{site}", show),
    Route("/api/sites/{site}/sound", state),
    Route("/api/sites/{site}/hearing", hear, methods=["POST"]),
]
