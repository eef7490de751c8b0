"""The HTTP API (CONTRACT.md, "HTTP, JSON")."""

import asyncio
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.domain import commands as c
from server.domain import days, views
from server.domain.answers import Answer, TicketView
from server.domain.errors import KeyReused
from server.domain.events import Entry
from server.web import bodies
from server.web.callers import may_issue, may_read_events, may_work, same_origin
from server.web.openapi import document
from server.web.problems import HEADERS, Problem, response
from server.web.rooms import Room, house

MOST_EVENTS = 1000
HOLDER = "holder"  # whoever cancels a ticket without being signed in

VERBS: dict[str, type[c.CounterCommand]] = {
    "open": c.OpenCounter,
    "pause": c.PauseCounter,
    "close": c.CloseCounter,
    "call-next": c.CallNext,
    "recall": c.Recall,
    "start": c.Start,
    "finish": c.Finish,
    "no-show": c.NoShow,
    "park": c.Park,
    "resume": c.Resume,
    "return": c.Return,
    "transfer": c.Transfer,
}


def reply(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    data = msgspec.json.encode(content)
    return Response(
        data, status, media_type="application/json", headers={"Cache-Control": "no-store"} | (headers or {})
    )


async def healthz(request: Request) -> Response:
    """Every hall's log was asked and answered within the last seconds."""
    rooms = house(request).rooms
    answers = await asyncio.gather(*(room.hall.current() for room in rooms.values()), return_exceptions=True)
    silent = [site for site, answer in zip(rooms, answers, strict=True) if isinstance(answer, BaseException)]
    if silent:
        return response(
            "log-unavailable", f"no answer for {', '.join(silent)}", HEADERS["log-unavailable"], sites=silent
        )
    return reply({"status": "ok", "sites": {site: room.hall.confirmed.seq for site, room in rooms.items()}})


async def sites(request: Request) -> Response:
    rooms = house(request).rooms.values()
    return reply({"sites": [{"id": room.hall.site.id, "name": room.hall.site.name} for room in rooms]})


async def site(request: Request) -> Response:
    hall = house(request).room(request.path_params["site"]).hall
    state = hall.confirmed
    known = state.site or hall.site
    now = hall.now()
    waiting = views.waiting_per_agency(state) if state.site else {}
    return reply(
        {
            "id": known.id,
            "name": known.name,
            "timezone": known.timezone,
            "now": now,
            "zones": known.zones,
            "popular": known.popular,
            "agencies": [
                {
                    "id": agency.id,
                    "name": agency.name,
                    "short": agency.short,
                    "prefix": agency.prefix,
                    "icon": agency.icon,
                    "open_now": days.is_open(known, agency, now),
                    "opens_next": days.opens_next(known, agency, now),
                    "waiting": waiting.get(agency.id, 0),
                    "services": [
                        {"id": s.id, "name": s.name, "minutes": s.minutes, "keywords": s.keywords}
                        for s in known.services
                        if s.agency == agency.id
                    ],
                    "counters": [
                        {"id": counter.id, "label": counter.label, "zone": counter.zone}
                        for counter in known.counters
                        if agency.id in known.agencies_at[counter.id]
                    ],
                }
                for agency in known.agencies
            ],
        }
    )


async def issue(request: Request) -> Response:
    here = house(request)
    room, by = await asking(request)
    caller = await here.callers.required(request)
    may_issue(caller, room.hall.site)
    body = await bodies.read_body(request, bodies.Issue)
    channel = body.channel or ("kiosk" if caller.role == "kiosk" else "staff")
    command = c.IssueTicket(
        **identity(request, by, body, room),
        ticket=token_urlsafe(16),
        service=body.service,
        priority=body.priority,
        channel=channel,
    )
    answer = await room.hall.ask(command)
    assert answer.ticket
    shown = ticket_json(request, answer.ticket)
    location = f"/api/sites/{room.hall.site.id}/tickets/{answer.ticket.id}"
    return reply(shown, 201, {"Location": location})


async def ticket(request: Request) -> Response:
    room = house(request).room(request.path_params["site"])
    ticket_id = request.path_params["ticket"]
    state = room.hall.confirmed
    if ticket_id not in state.tickets:
        state = await room.hall.current()
    return reply(ticket_json(request, views.ticket_view(state, ticket_id)))


async def cancel(request: Request) -> Response:
    """Whoever knows the ticket's id holds it, so a caller without an account may cancel it too."""
    room, by = await asking(request, holder=True)
    body = await bodies.read_body(request, bodies.Empty)
    command = c.CancelTicket(**identity(request, by, body, room), ticket=request.path_params["ticket"])
    answer = await room.hall.ask(command)
    assert answer.ticket
    return reply(ticket_json(request, answer.ticket))


async def work(request: Request) -> Response:
    """A counter's verb."""
    verb, counter = request.path_params["verb"], request.path_params["counter"]
    room, by = await asking(request)
    if verb not in VERBS:
        raise Problem("not-found", f"no such verb: {verb}; there are {', '.join(VERBS)}")
    if counter not in room.hall.site.counter:
        raise Problem("unknown-counter", f"no counter {counter!r} at this site")
    may_work(await house(request).callers.required(request), room.hall.site, counter)
    body, fields = await _verb_body(request, verb)
    answer = await room.hall.ask(VERBS[verb](**identity(request, by, body, room), counter=counter, **fields))
    return reply(work_json(request, answer))


async def events(request: Request) -> Response:
    room = house(request).room(request.path_params["site"])
    may_read_events(await house(request).callers.required(request), room.hall.site)
    numbers = bodies.read_numbers(request, after=bodies.Range(0, 0, 2**53), limit=bodies.Range(100, 1, MOST_EVENTS))
    after = numbers["after"]
    state = await room.hall.current()
    epoch, last = room.hall.epoch, state.seq
    found = await room.log.read(after, numbers["limit"]) if after < last else []
    shown = [event_json(entry) for entry in found if entry.seq <= last]
    return reply({"epoch": epoch, "events": shown, "last_seq": last})


async def openapi(_: Request) -> Response:
    return reply(document())


def ticket_json(request: Request, ticket: TicketView) -> dict[str, Any]:
    url = f"{house(request).settings.base_url}/t/{ticket.id}"
    return {field: getattr(ticket, field) for field in ticket.__struct_fields__} | {"url": url}


def work_json(request: Request, answer: Answer) -> dict[str, Any]:
    shown = ticket_json(request, answer.ticket) if answer.ticket else None
    return {"counter": answer.counter, "ticket": shown, "seq": answer.seq}


def event_json(entry: Entry) -> dict[str, Any]:
    """An event for the outside: the answers that a `day-opened` carries are the hall's own memory."""
    event = msgspec.to_builtins(entry.event, builtin_types=())
    event.pop("answers", None)
    return {"seq": entry.seq, **event}


async def _verb_body(request: Request, verb: str) -> tuple[bodies.Body, dict[str, Any]]:
    if verb == "resume":
        resume = await bodies.read_body(request, bodies.Resume)
        return resume, {"ticket": resume.ticket}
    if verb == "transfer":
        transfer = await bodies.read_body(request, bodies.Transfer)
        return transfer, {"service": transfer.service, "to_counter": transfer.counter}
    return await bodies.read_body(request, bodies.Empty), {}


async def asking(request: Request, holder: bool = False) -> tuple[Room, str]:
    """The room a command is for, and the opaque id of who gives it; a `holder` needs no account. Raises Problem."""
    here = house(request)
    anonymous = holder and "authorization" not in request.headers
    caller = await here.callers.caller(request) if anonymous else await here.callers.required(request)
    if not same_origin(request, here.settings):
        raise Problem("forbidden", "this page belongs to another site")
    room = here.room(request.path_params["site"])
    return room, caller.id if caller else HOLDER


def identity(request: Request, by: str, body: bodies.Body, room: Room) -> dict[str, Any]:
    """What makes a command one: its id is the caller's key, or fresh; its digest is that of the whole request.

    Raises KeyReused for a key with which something was changed that is not in the log.
    """
    key = request.headers.get("idempotency-key")
    whole = f"{request.method} {request.scope['path']} {body.model_dump_json()}"
    owner = f"{by}/{request.path_params['ticket']}" if by == HOLDER else by
    command_id = sha256(f"{owner} {key}".encode()).hexdigest()[:32] if key else "~" + token_urlsafe(16)
    digest = sha256(whole.encode()).hexdigest()[:32]
    if house(request).pronunciations.requests.get(command_id, digest) != digest:
        raise KeyReused("this key came before with another request")
    return {
        "at": room.hall.clock(),
        "by": by,
        "id": command_id,
        "digest": digest,
        "keyed": key is not None,
    }


def identity_outside(request: Request, by: str, body: bodies.Body, room: Room) -> dict[str, Any]:
    """The same for what is no command of the log. Raises KeyReused for a key of one that is."""
    found = identity(request, by, body, room)
    if room.hall.confirmed.answered(found["id"]):
        raise KeyReused("this key came before with another request")
    return found


ROUTES = [
    Route("/healthz", healthz),
    Route("/api/openapi.json", openapi),
    Route("/api/sites", sites),
    Route("/api/sites/{site}", site),
    Route("/api/sites/{site}/tickets", issue, methods=["POST"]),
    Route("/api/sites/{site}/tickets/{ticket}", ticket),
    Route("/api/sites/{site}/tickets/{ticket}/cancel", cancel, methods=["POST"]),
    Route("/api/sites/{site}/counters/{counter}/{verb}", work, methods=["POST"]),
    Route("/api/sites/{site}/events", events),
]
