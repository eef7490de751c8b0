"""The screens: templates filled with words, static files, sound files, QR codes; signing in and out."""

import asyncio
import json
import time
from collections import deque
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import Engine
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from server.domain.site import Site
from server.history.accounts import ADMIN, Caller, sign_in
from server.history.period import Period
from server.history.reports import report, today
from server.web.bodies import read_form
from server.web.callers import (
    SUPERVISORS,
    may_issue,
    may_supervise,
    may_supervise_some,
    may_work,
    same_origin,
)
from server.web.look import dress
from server.web.problems import Problem
from server.web.rooms import house

DISPLAY = Path(__file__).resolve().parents[2] / "display"
LANGUAGES = ("id", "en")
THEMES = ("light", "dark", "contrast", "auto")
A_YEAR = 365 * 24 * 3600
FOR_EVER = "public, max-age=31536000, immutable"
TRIES, WITHIN = 10, 60.0  # failed sign-ins per address, seconds


@cache
def words(language: str) -> dict[str, str]:
    catalogue: dict[str, str] = json.loads((DISPLAY / "words" / f"{language}.json").read_text("utf-8"))
    return catalogue


def language_of(request: Request) -> str:
    """The one asked for, else the one chosen in this browser, else Indonesian."""
    asked = request.query_params.get("lang")
    language = asked if asked in LANGUAGES else request.cookies.get("lang", "id")
    return language if language in LANGUAGES else "id"


@cache
def _templates() -> Environment:
    return Environment(loader=FileSystemLoader(DISPLAY / "templates"), autoescape=True, undefined=StrictUndefined)


async def page(request: Request, template: str, status_code: int = 200, **context: Any) -> Response:
    """A screen in the language that was asked for, Indonesian first, and in the theme chosen in this browser."""
    caller = await house(request).callers.caller(request)
    asked = request.query_params.get("lang")
    language = language_of(request)
    catalogue = words(language)
    asked_for = {**request.query_params, **{name: context[name] for name in ("next",) if name in context}}
    wanted = request.query_params.get("theme")
    theme = wanted if wanted in THEMES else request.cookies.get("theme", "")
    text = (
        _templates()
        .get_template(template)
        .render(
            t=lambda key, **values: catalogue[key].format(**values) if values else catalogue[key],
            lang=language,
            words=catalogue,
            base_url=house(request).settings.base_url,
            signed_in=caller is not None,
            name=getattr(caller, "name", caller.role if caller else ""),
            path=request.scope["path"],
            same_but=lambda **changed: "?" + urlencode({**asked_for, **changed}),
            chosen_theme=theme if theme in THEMES else "",
            themes=THEMES,
            look=dress(house(request), context.get("site", {}).get("id") or request.path_params.get("site")),
            **context,
        )
    )
    response = HTMLResponse(text, status_code, headers={"Cache-Control": "no-store"})
    if asked in LANGUAGES:
        response.set_cookie("lang", asked, max_age=A_YEAR, samesite="lax")
    if wanted in THEMES:
        response.set_cookie("theme", wanted, max_age=A_YEAR, samesite="lax")
    return response


async def home(request: Request) -> Response:
    return await page(request, "home.html", sites=_links(request))


async def styleguide(request: Request) -> Response:
    return await page(request, "styleguide.html")


async def kiosk(request: Request) -> Response:
    site = house(request).room(request.path_params["site"]).hall.site
    caller = await signed_in(request)
    may_issue(caller, site)
    return await page(request, "kiosk.html", site=named(site))


async def counter(request: Request) -> Response:
    site = house(request).room(request.path_params["site"]).hall.site
    found = site.counter.get(request.path_params["counter"])
    if found is None:
        raise Problem("unknown-counter", "no such counter at this site")
    caller = await signed_in(request)
    may_work(caller, site, found.id)
    return await page(
        request,
        "counter.html",
        site=named(site),
        counter={"id": found.id, "label": found.label},
        supervises=caller.role in SUPERVISORS,
    )


async def overview(request: Request) -> Response:
    site = house(request).room(request.path_params["site"]).hall.site
    may_supervise(await signed_in(request), site)
    return await page(request, "hall.html", site=named(site))


async def tv(request: Request) -> Response:
    site = house(request).room(request.path_params["site"]).hall.site
    zone = site.zone.get(request.path_params["zone"])
    if zone is None:
        raise Problem("unknown-zone", "no such zone at this site")
    return await page(request, "tv.html", site=named(site), zone={"id": zone.id, "name": zone.name})


async def admin(request: Request) -> Response:
    here = house(request)
    caller = await signed_in(request)
    may_supervise_some(caller)
    engine: Engine = request.app.state.engine
    figures = []
    for room in here.rooms.values():
        site = room.hall.site
        if caller.role == "admin" or caller.site in (None, site.id):
            now = room.hall.clock()
            day = today(site, now)
            made = await asyncio.to_thread(report, engine, site, Period(day, day), now=now)
            figures.append({"site": named(site), "total": made.total})
    return await page(request, "admin.html", sites=_links(request), report=figures, jobs=caller.role == "admin")


async def login_form(request: Request) -> Response:
    return await page(
        request, "login.html", next=_inside(request.query_params.get("next", "/")), username=ADMIN, error=""
    )


class Doorkeeper:
    """Counts tries to sign in per address, so that a password cannot be guessed by trying.

    A try counts from its beginning: otherwise many at once would all be let in before the first has failed.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._tries: dict[str, deque[float]] = {}

    def knock(self, address: str) -> None:
        """One more try. Raises Problem too-many."""
        now = self._clock()
        self._tries = {known: tries for known, tries in self._tries.items() if tries[-1] > now - WITHIN}
        tries = self._tries.setdefault(address, deque(maxlen=TRIES))
        if len(tries) == TRIES and tries[0] > now - WITHIN:
            raise Problem("too-many", "too many failed sign-ins from this address; wait a minute")
        tries.append(now)

    def welcome(self, address: str) -> None:
        """Who knocked last is known: the tries from there are forgotten."""
        self._tries.pop(address, None)


async def login(request: Request) -> Response:
    here = house(request)
    if not same_origin(request, here.settings):
        raise Problem("forbidden", "this page belongs to another site")
    address = request.client.host if request.client else ""
    doorkeeper: Doorkeeper = request.app.state.doorkeeper
    form = await read_form(request)
    doorkeeper.knock(address)
    name, password, target = (form.get(field, "") for field in ("username", "password", "next"))
    account = await asyncio.to_thread(sign_in, request.app.state.engine, name or ADMIN, password)
    if account is None:
        return await page(request, "login.html", 401, next=_inside(target), username=name, error="login.wrong")
    doorkeeper.welcome(address)
    request.session.clear()
    request.session.update(account=account.id, session=account.session)
    return RedirectResponse(_inside(target), 303)


async def logout(request: Request) -> Response:
    if not same_origin(request, house(request).settings):
        raise Problem("forbidden", "this page belongs to another site")
    request.session.clear()
    return RedirectResponse("/", 303)


async def sound(request: Request) -> Response:
    file = await asyncio.to_thread(house(request).speech.wav, request.path_params["digest"])
    if file is None:
        raise Problem("not-found", "no such sound")
    return FileResponse(file, media_type="audio/wav", headers={"Cache-Control": FOR_EVER})


class Static(StaticFiles):
    """Files that a browser asks after each time: a screen never runs yesterday's script."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        return response


class SignInFirst(Exception):
    """The page is for somebody who is signed in: `to_login` answers."""


async def signed_in(request: Request) -> Caller:
    """Who asks for a page. Raises SignInFirst."""
    caller = await house(request).callers.caller(request)
    if caller is None:
        raise SignInFirst
    return caller


async def to_login(request: Request, _: Exception) -> Response:
    """To sign in, and back to what was asked for."""
    query = request.url.query
    back = request.scope["path"] + (f"?{query}" if query else "")
    return RedirectResponse(f"/login?{urlencode({'next': back})}", 303)


def _inside(target: str) -> str:
    """A path of ours to go to next; anything that leads elsewhere is the home page."""
    inside = target.startswith("/") and not target.startswith("//") and "\\" not in target and target.isprintable()
    return target if inside else "/"


def named(site: Site) -> dict[str, str]:
    return {"id": site.id, "name": site.name, "timezone": site.timezone}


def _links(request: Request) -> list[dict[str, Any]]:
    sites = [room.hall.site for room in house(request).rooms.values()]
    return [
        {
            "id": site.id,
            "name": site.name,
            "zones": [{"id": zone.id, "name": zone.name} for zone in site.zones],
            "counters": [{"id": one.id, "label": one.label} for one in site.counters],
        }
        for site in sites
    ]


ROUTES = [
    Route("/", home),
    Route("/kiosk/{site}", kiosk),
    Route("/counter/{site}/{counter}", counter),
    Route("/hall/{site}", overview),
    Route("/tv/{site}/{zone}", tv),
    Route("/admin", admin),
    Route("/styleguide", styleguide),
    Route("/login", login_form),
    Route("/login", login, methods=["POST"]),
    Route("/logout", logout, methods=["POST"]),
    Route("/audio/{digest}.wav", sound),
    Mount("/static", Static(directory=DISPLAY / "static")),
]
