"""Spoken notices by hand: asked for by a supervisor, queued in the log like calls, their texts kept in SQL."""

from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.domain.commands import AnnounceNotice
from server.domain.decide import must_take_notices
from server.domain.state import Noticed
from server.history.notices import Notice
from server.web import bodies
from server.web.api import asking, identity, reply
from server.web.callers import may_supervise
from server.web.problems import Problem
from server.web.rooms import house


async def announce(request: Request) -> Response:
    """The text is kept before the log is told of it: whoever reads of a notice there finds its words."""
    room, by = await asking(request)
    site = room.hall.site
    may_supervise(await house(request).callers.required(request), site)
    body = await bodies.read_body(request, bodies.Announce)
    if body.zone is not None and body.zone not in site.zone:
        raise Problem("unknown-zone", f"no zone {body.zone!r} at this site")
    command = identity(request, by, body, room)
    whole = f"{site.id} {command['id']} {command['digest']}"
    notice = Notice(
        id=sha256(whole.encode()).hexdigest()[:32],
        site=site.id,
        text=body.text,
        language=body.language,
        repeat=body.repeat,
        by=by,
        created_at=command["at"],
    )
    zones = () if body.zone is None else (body.zone,)
    known = room.hall.confirmed
    if known.site and not known.answered(command["id"]):
        must_take_notices(known, zones or tuple(site.zone))
    await room.notices.keep(notice)
    answer = await room.hall.ask(AnnounceNotice(**command, notice=notice.id, zones=zones))
    return reply({"id": notice.id, "seq": answer.seq, "zones": answer.zones, **_words(notice)}, 201)


async def latest(request: Request) -> Response:
    """Today's latest, newest first, with what became of each in each of its zones."""
    here = house(request)
    room = here.room(request.path_params["site"])
    may_supervise(await here.callers.required(request), room.hall.site)
    state = room.hall.confirmed
    told = _by_seq((zone, noticed) for zone, all in state.notices.items() for noticed in all)
    words = await room.notices.find_all({zones[0][1].notice for _, zones in told})
    return reply({"notices": [_told(seq, zones, words.get(zones[0][1].notice)) for seq, zones in told]})


Zones = list[tuple[str, Noticed]]


def _by_seq(told: Iterable[tuple[str, Noticed]]) -> list[tuple[int, Zones]]:
    found: dict[int, Zones] = {}
    for zone, noticed in told:
        found.setdefault(noticed.seq, []).append((zone, noticed))
    return sorted(found.items(), reverse=True)


def _told(seq: int, zones: Zones, notice: Notice | None) -> dict[str, Any]:
    """text and what belongs to it: null when it is not to be had."""
    _, first = zones[0]
    words = _words(notice) if notice else dict.fromkeys(("text", "language", "repeat"))
    ended = [{"zone": zone, "outcome": n.outcome, "ended_at": n.ended_at} for zone, n in zones]
    return {"id": first.notice, "seq": seq, "at": first.at, "zones": ended, **words}


def _words(notice: Notice) -> dict[str, Any]:
    return {"text": notice.text, "language": notice.language, "repeat": notice.repeat}


async def notices(request: Request) -> Response:
    return await (announce if request.method == "POST" else latest)(request)


ROUTES = [Route("/api/sites/{site}/notices", notices, methods=["GET", "POST"])]
