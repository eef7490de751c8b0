"""A hall's own look as files: the style sheet with its colour, and its logo."""

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from server.web.palette import Look, style
from server.web.problems import Problem
from server.web.rooms import House, house

KINDS = {".svg": "image/svg+xml", ".png": "image/png"}
ALONE = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"  # a logo does nothing


@dataclass(frozen=True)
class Dress:
    """What a template needs of a look: addresses, "" where the house's own is meant."""

    style: str = ""
    logo: str = ""


def dress(here: House, site: str | None) -> Dress:
    """How a page of this site looks; a page of no site looks like the only hall, if there is only one.

    The addresses change with what stands behind them.
    """
    if site is None and len(here.rooms) == 1:
        site = next(iter(here.rooms))
    room = here.rooms.get(site or "")
    look = room.look if room else Look()
    return Dress(
        style=f"/look/{site}.css?{look.colour[1:]}" if look.colour else "",
        logo=f"/look/{site}/logo?{_digest(look.logo)}" if look.logo else "",
    )


@cache
def _digest(file: str) -> str:
    return sha256(Path(file).read_bytes()).hexdigest()[:12]


async def sheet(request: Request) -> Response:
    look = house(request).room(request.path_params["site"]).look
    text = style(look.colour) if look.colour else ""
    return Response(text, media_type="text/css", headers={"Cache-Control": "no-cache"})


async def logo(request: Request) -> Response:
    look = house(request).room(request.path_params["site"]).look
    if not look.logo:
        raise Problem("not-found", "this hall has no logo of its own")
    headers = {"Cache-Control": "no-cache", "Content-Security-Policy": ALONE}
    return FileResponse(look.logo, media_type=KINDS[Path(look.logo).suffix], headers=headers)


ROUTES = [Route("/look/{site}.css", sheet), Route("/look/{site}/logo", logo)]
