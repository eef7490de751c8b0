"""The websockets: views for TVs, counters and phones, announcements for speakers (CONTRACT.md, "Websockets").

Each socket has a writer that sends the newest view or a heartbeat, and a reader that notices the end. A client that
does not take what it is sent is cut off at once instead of closed: a close would wait for it for ever.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, Literal, TypeVar

import msgspec
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from server.domain import views
from server.domain.errors import Rejected
from server.domain.views import Make
from server.hall import Hall
from server.log.base import LogUnavailable
from server.speech import Loudspeaker
from server.web import supervision
from server.web.broadcast import Inbox
from server.web.callers import may_issue, may_speak, may_supervise, may_work, same_origin
from server.web.notice_texts import tv as tv_view
from server.web.problems import Problem
from server.web.rooms import House, Room, house

UNAUTHENTICATED, FORBIDDEN, UNKNOWN = 4001, 4003, 4004
TRY_LATER, NOT_UNDERSTOOD = 1013, 1008
HEARTBEAT = 3.0  # seconds; the contract asks for one at least every 5
STALLED = 10.0  # seconds
LOOKED_AFTER = 5.0  # seconds
MOST_FRAMES, WITHIN = 200, 10.0  # so many a client may send in so many seconds; ours send a few
CLOSE_CODES = {"unauthenticated": UNAUTHENTICATED, "forbidden": FORBIDDEN, "log-unavailable": TRY_LATER}

T = TypeVar("T")
Enter = Callable[[House, Room], Awaitable[T]]  # raises Problem, _Refused or LogUnavailable for who may not come in
Hear = Callable[[str], Awaitable[None]]
More = Callable[[], dict[str, object]]


class SpeakerMessage(msgspec.Struct, forbid_unknown_fields=True):
    """What a speaker tells the server."""

    type: Literal["ready", "muted", "spoken", "here"]
    announcement: int | None = None
    device: str = ""


class _Refused(Exception):
    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


async def tv(socket: WebSocket) -> None:
    zone = socket.path_params["zone"]

    async def enter(_: House, room: Room) -> Make:
        if zone not in room.hall.site.zone:
            raise _Refused(UNKNOWN, "unknown-zone")
        return tv_view(zone, room.notices)

    await _watch(socket, f"tv/{zone}", enter)


async def counter(socket: WebSocket) -> None:
    counter_id = socket.path_params["counter"]

    async def enter(here: House, room: Room) -> Make:
        caller = await here.callers.required(socket)
        if counter_id not in room.hall.site.counter:
            raise _Refused(UNKNOWN, "unknown-counter")
        may_work(caller, room.hall.site, counter_id)
        return views.counter(counter_id)

    await _watch(socket, f"counter/{counter_id}", enter)


async def kiosk(socket: WebSocket) -> None:
    """Carries heartbeats alone, by which kiosk and server know of each other."""

    async def enter(here: House, room: Room) -> Room:
        may_issue(await here.callers.required(socket), room.hall.site)
        return room

    room = await _enter(socket, enter)
    if room is None:
        return
    inbox = Inbox()
    inbox.beat_now()
    devices = house(socket).devices
    with devices.guest(socket, "kiosk") as guest:
        await _serve(socket, enter, room.hall, inbox, devices.listener(guest))


async def overview(socket: WebSocket) -> None:
    async def enter(here: House, room: Room) -> Make:
        caller = await here.callers.required(socket)
        may_supervise(caller, room.hall.site)
        return supervision.overview(room)

    await _watch(socket, "hall", enter)


async def ticket(socket: WebSocket) -> None:
    ticket_id = socket.path_params["ticket"]

    async def enter(_: House, room: Room) -> Make:
        if ticket_id not in room.hall.confirmed.tickets:
            await room.hall.current()
        return views.phone(ticket_id)

    await _watch(socket, f"ticket/{ticket_id}", enter)


async def speaker(socket: WebSocket) -> None:
    zone = socket.path_params["zone"]
    inbox = Inbox()

    async def enter(here: House, room: Room) -> Loudspeaker:
        caller = await here.callers.required(socket)
        if zone not in room.speakers:
            raise _Refused(UNKNOWN, "unknown-zone")
        may_speak(caller, room.hall.site)
        return room.speakers[zone]

    async def send(message: dict[str, object]) -> None:
        inbox.tell(message)

    def told() -> dict[str, object]:
        return {"speaks": loudspeaker.holds(one), "sent": round(asyncio.get_running_loop().time(), 3)}

    loudspeaker = await _enter(socket, enter)
    if loudspeaker is None:
        return
    seen = house(socket).room(socket.path_params["site"]).broadcast.look_again
    one = loudspeaker.join(send, socket.scope["state"]["abort"])
    seen()

    async def hear(text: str) -> None:
        message = msgspec.json.decode(text, type=SpeakerMessage)
        if message.type == "here":
            devices.hear(guest, message.device)
        elif message.type != "spoken":
            loudspeaker.report(one, message.type == "ready")
            seen()
        elif message.announcement is not None:
            await loudspeaker.spoken(one, message.announcement)

    inbox.beat_now()  # a speaker is to know the log's life before it says what it has heard
    devices = house(socket).devices
    try:
        with devices.guest(socket, "speaker", zone) as guest:
            await _serve(socket, enter, loudspeaker.hall, inbox, hear, told)
    finally:
        loudspeaker.leave(one)
        seen()


async def _watch(socket: WebSocket, key: str, enter: Enter[Make]) -> None:
    """A read-only socket: shows an audience's view until it ends."""
    make = await _enter(socket, enter)
    if make is None:
        return
    room = house(socket).room(socket.path_params["site"])
    inbox = Inbox()
    try:
        leave = room.broadcast.join(key, make, inbox)
    except Rejected as refusal:
        await _close(socket, UNKNOWN, refusal.code)
        return
    kind, _, place = key.partition("/")
    devices = house(socket).devices
    try:
        if kind == "ticket":  # a phone is nobody's device
            await _serve(socket, enter, room.hall, inbox, _ignore)
        else:
            with devices.guest(socket, kind, place) as guest:
                await _serve(socket, enter, room.hall, inbox, devices.listener(guest))
    finally:
        leave()


async def _enter(socket: WebSocket, enter: Enter[Any]) -> Any:
    """Accept, then check origin, site and caller; None when the socket was closed with the reason."""
    await socket.accept()
    here = house(socket)
    try:
        if not same_origin(socket, here.settings):
            raise _Refused(FORBIDDEN, "forbidden")
        return await enter(here, here.room(socket.path_params["site"]))
    except _Refused as refused:
        await _close(socket, refused.code, str(refused))
    except Problem as problem:
        await _close(socket, CLOSE_CODES.get(problem.code, UNKNOWN), problem.code)
    except LogUnavailable:
        await _close(socket, TRY_LATER, "log-unavailable")
    return None


async def _serve(socket: WebSocket, enter: Enter[Any], hall: Hall, inbox: Inbox, hear: Hear, more: More = dict) -> None:
    """Write and read until either ends, or who came in by `enter` may be here no more. more: further fields of each
    heartbeat."""
    await _until_one_ends(_write(socket, hall, inbox, more), _read(socket, hear), _look_after(socket, enter))


async def _look_after(socket: WebSocket, enter: Enter[Any]) -> None:
    """Closes it when the account or the token it came with is taken away."""
    here = house(socket)
    while True:
        await asyncio.sleep(LOOKED_AFTER)
        try:
            await enter(here, here.room(socket.path_params["site"]))
        except Problem as problem:
            if problem.code in ("unauthenticated", "forbidden"):
                await _close(socket, CLOSE_CODES[problem.code], problem.code)
                return
        except (_Refused, LogUnavailable):
            continue  # what is watched, or the log, is away: the view tells it


async def _write(socket: WebSocket, hall: Hall, inbox: Inbox, more: More) -> None:
    seq = 0
    loop = asyncio.get_running_loop()
    beat_at = loop.time() + HEARTBEAT
    while not inbox.ended:
        with suppress(TimeoutError):
            async with asyncio.timeout_at(beat_at):  # wait_for of 3.11 may swallow the end of this task
                await inbox.changed.wait()
        inbox.changed.clear()
        view, inbox.view = inbox.view, None
        messages, inbox.messages = inbox.messages, []
        beat, inbox.beat = inbox.beat, False
        if view:
            seq = view.seq
            await _send(socket, view.text)
        if beat or loop.time() >= beat_at:
            await _send(socket, _heartbeat(hall, seq, more()))
            beat_at = loop.time() + HEARTBEAT
        for message in messages:
            await _send(socket, message)
    await _close(socket, UNKNOWN, "unknown-ticket")


def _heartbeat(hall: Hall, seq: int, more: dict[str, object]) -> str:
    log = "ok" if hall.available else "unavailable"
    return msgspec.json.encode({"type": "heartbeat", "epoch": hall.epoch, "seq": seq, "log": log} | more).decode()


async def _read(socket: WebSocket, hear: Hear) -> None:
    came = deque[float](maxlen=MOST_FRAMES)
    with suppress(WebSocketDisconnect):
        while True:
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                socket.state.close_code = message.get("code")
                return
            now = asyncio.get_running_loop().time()
            if len(came) == MOST_FRAMES and now - came[0] < WITHIN:
                await _close(socket, NOT_UNDERSTOOD, "too many messages")
                return
            came.append(now)
            try:
                await hear(message.get("text") or "")
            except msgspec.MsgspecError:
                await _close(socket, NOT_UNDERSTOOD, "message not understood")
                return


async def _ignore(_: str) -> None:
    return None


async def _send(socket: WebSocket, text: str) -> None:
    try:
        async with asyncio.timeout(STALLED):
            await socket.send_text(text)
    except TimeoutError:
        socket.scope["state"]["abort"]()
        raise WebSocketDisconnect(1006) from None
    except RuntimeError:  # uvicorn is closing it already: the client broke the protocol, or did not answer a ping
        raise WebSocketDisconnect(1006) from None


async def _close(socket: WebSocket, code: int, reason: str) -> None:
    with suppress(TimeoutError, WebSocketDisconnect, RuntimeError):
        async with asyncio.timeout(STALLED):
            await socket.close(code, reason)


async def _until_one_ends(*works: Coroutine[Any, Any, None]) -> None:
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(outcome, Exception) and not isinstance(outcome, WebSocketDisconnect):
                raise outcome


ROUTES = [
    WebSocketRoute("/ws/sites/{site}/tv/{zone}", tv),
    WebSocketRoute("/ws/sites/{site}/counter/{counter}", counter),
    WebSocketRoute("/ws/sites/{site}/hall", overview),
    WebSocketRoute("/ws/sites/{site}/kiosk", kiosk),
    WebSocketRoute("/ws/sites/{site}/ticket/{ticket}", ticket),
    WebSocketRoute("/ws/sites/{site}/speaker/{zone}", speaker),
]
