"""Builds the application of one server process."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import msgspec
import structlog
from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from audio.clips import ClipStore
from audio.speech import Speech
from audio.voices import make_voices
from config.settings import Settings
from config.sites import load_sites
from server.domain.site import Site
from server.hall import Hall
from server.history.accounts import session_secret
from server.history.engine import connect
from server.history.migrate import migrate
from server.history.pronunciations import Pronunciations
from server.jobs import connect as connect_rq
from server.log.devices import DeviceBoard
from server.log.lease import RedisLease
from server.log.redis_log import RedisLog
from server.log.speakers import SpeakerBoard
from server.speech import Loudspeaker, Table
from server.web import (
    api,
    health,
    jobs,
    journal,
    look,
    metrics,
    notices,
    pages,
    phone,
    pronunciations,
    reports,
    sockets,
    sound,
)
from server.web.broadcast import Broadcast
from server.web.callers import Callers
from server.web.devices import Devices
from server.web.notice_texts import NoticeTexts
from server.web.palette import Look
from server.web.problems import HANDLERS
from server.web.rooms import House, Room
from server.web.roster import Roster

SIGNED_IN_FOR = 400 * 24 * 3600  # seconds: a kiosk comes back by itself after a power cut
POLICY = "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
HOST = re.compile(r"[A-Za-z0-9._-]+(:[0-9]+)?")
SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}

log = structlog.get_logger(__name__)


def create_app(settings: Settings) -> Starlette:
    """The application; its halls come to life with its lifespan. Raises ConfigError for wrong site files.

    A hall that cannot live (LogUnsafe) sets `app.state.fatal` and calls `app.state.give_up`, if there is one.
    """
    if settings.redis_url is None:
        raise ValueError("a server needs ANTREAN_REDIS_URL")
    found = load_sites(settings.sites, always_open=settings.always_open, speed=settings.speed)
    migrate(settings.database)
    engine = connect(settings.database)
    speech = Speech(ClipStore(settings.clips), make_voices(settings.voices, settings.clips, settings.piper_model))
    spoken = Pronunciations(engine)
    spoken.refresh()
    rooms = {
        site["id"]: _room(
            msgspec.convert(site, Site), Look(**site["look"]), settings.redis_url, engine, speech, spoken.table
        )
        for site in found
    }
    app = Starlette(
        routes=[
            *api.ROUTES,
            *sockets.ROUTES,
            *phone.ROUTES,
            *pages.ROUTES,
            *look.ROUTES,
            *pronunciations.ROUTES,
            *notices.ROUTES,
            *sound.ROUTES,
            *reports.ROUTES,
            *jobs.ROUTES,
            *health.ROUTES,
            *journal.ROUTES,
            *metrics.ROUTES,
        ],
        lifespan=_lifespan,
        exception_handlers={**dict.fromkeys(HANDLERS, _on_error), pages.SignInFirst: pages.to_login},
        middleware=[
            Middleware(SafeHeaders),
            Middleware(
                SessionMiddleware,
                secret_key=session_secret(engine),
                session_cookie="antrean",
                max_age=SIGNED_IN_FOR,
                same_site="lax",
            ),
        ],
    )
    app.state.engine = engine
    app.state.doorkeeper = pages.Doorkeeper()
    app.state.reporting = asyncio.Semaphore(1)
    app.state.hearing = asyncio.Semaphore(1)
    app.state.standing = sound.Standings(rooms, speech, spoken)
    screens = {site: room.broadcast for site, room in rooms.items()}
    devices = Devices(screens, DeviceBoard(settings.redis_url), settings.port)
    app.state.house = House(settings, rooms, Callers(engine), speech, spoken, devices)
    app.state.rq = connect_rq(settings.jobs_url or settings.redis_url, jobs.REPLY_WITHIN)
    app.state.sources = metrics.Sources(rooms, engine, app.state.rq, devices.board)
    app.state.cursors = health.cursors_of(engine, rooms)
    app.state.fatal = None
    app.state.give_up = None
    return app


def _room(site: Site, look: Look, redis_url: str, engine: Engine, speech: Speech, table: Table) -> Room:
    stream = RedisLog(site.id, redis_url)
    hall = Hall(site, stream)
    lease = RedisLease(site.id, redis_url)
    broadcast = Broadcast(hall)
    texts = NoticeTexts(engine, found=broadcast.look_again)
    speakers = {zone.id: Loudspeaker(hall, zone.id, lease, speech, table, texts.find) for zone in site.zones}
    roster = Roster(speakers, SpeakerBoard(site.id, redis_url), broadcast.look_again)
    return Room(hall, stream, lease, roster, broadcast, texts, speakers, look)


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    here: House = app.state.house
    works = (pronunciations.keep_fresh(here.pronunciations), here.devices.keep_told())
    tasks = [asyncio.create_task(work) for work in works]
    for task in tasks:
        task.add_done_callback(lambda task: _ended(app, task))
    async with AsyncExitStack() as stack:
        for room in here.rooms.values():
            await stack.enter_async_context(_living(app, room))
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await here.devices.aclose()
            here.speech.close()
            app.state.engine.dispose()
            app.state.rq.close()


@asynccontextmanager
async def _living(app: Starlette, room: Room) -> AsyncIterator[None]:
    works = (room.hall.run(), room.broadcast.run(), room.roster.keep_told())
    tasks = [asyncio.create_task(work) for work in works]
    for task in tasks:
        task.add_done_callback(lambda task: _ended(app, task))
    try:
        yield
    finally:
        for speaker in room.speakers.values():
            await speaker.aclose()
        await room.notices.aclose()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await room.log.aclose()
        await room.lease.aclose()
        await room.roster.aclose()


def _ended(app: Starlette, task: "asyncio.Task[None]") -> None:
    """None ends by itself, but for a log that is not safe to use or a defect: then the whole process does."""
    if not task.cancelled() and task.exception():
        app.state.fatal = task.exception()
        if app.state.give_up:
            app.state.give_up()


async def _on_error(request: Request, error: Exception) -> Response:
    """The problem document, or for a browser that wants to see a page, a page."""
    handler = next(HANDLERS[kind] for kind in type(error).__mro__ if kind in HANDLERS)
    answer: Response = await handler(request, error)
    wants_page = "text/html" in request.headers.get("accept", "") and not request.scope["path"].startswith("/api/")
    if not wants_page:
        return answer
    key = f"problem.{msgspec.json.decode(answer.body)['code']}"
    with suppress(Exception):
        shown = await pages.page(request, "error.html", answer.status_code, status=answer.status_code, message_key=key)
        for name in ("Allow", "Retry-After", "WWW-Authenticate"):
            if name in answer.headers:
                shown.headers[name] = answer.headers[name]
        return shown
    return answer


class SafeHeaders:
    """What every answer of ours says to browsers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", _policy(scope))
                for name, value in SAFE.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_safely)


def _policy(scope: Scope) -> str:
    """Chromium before 70 and Safari before 15.4 take no websocket for 'self': ours is named, by the host asked for."""
    host = Headers(scope=scope).get("host", "")
    return f"{POLICY}; connect-src 'self' ws://{host} wss://{host}" if HOST.fullmatch(host) else POLICY
