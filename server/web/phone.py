"""A ticket on its holder's phone: the page, its QR code, and what is kept on the phone for when the network is gone.

The service worker's scope is /t/ alone: it can never come between a kiosk or a TV and its scripts.
"""

import json
from functools import cache
from hashlib import sha256

import segno
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.web.pages import DISPLAY, named, page
from server.web.rooms import house

KEPT = (  # what the offline page is made of
    "css/tokens.css",
    "css/base.css",
    "css/components.css",
    "css/phone.css",
    "js/theme.js",
    "js/phone-offline.js",
    "img/icon.svg",
)


async def phone(request: Request) -> Response:
    ticket = request.path_params["ticket"]
    room = await house(request).room_of_ticket(ticket)
    return await page(request, "phone.html", site=named(room.hall.site), ticket=ticket)


async def qr(request: Request) -> Response:
    ticket = request.path_params["ticket"]
    await house(request).room_of_ticket(ticket)
    code = segno.make(f"{house(request).settings.base_url}/t/{ticket}", error="m")
    svg = code.svg_inline(scale=8, border=2, dark="#000", light="#fff", svgclass=None, lineclass=None)
    svg = svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    return Response(svg, media_type="image/svg+xml", headers={"Cache-Control": "private, max-age=86400"})


async def offline(request: Request) -> Response:
    """Shown by the service worker in place of a ticket's page: what this phone knew last, and when."""
    return await page(request, "phone-offline.html")


async def worker(_: Request) -> Response:
    """The service worker; another one as soon as anything it keeps is another."""
    source = (DISPLAY / "templates/phone-worker.js").read_text("utf-8")
    kept = json.dumps([f"/static/{name}" for name in KEPT])
    source = source.replace('"VERSION"', f'"{version()}"').replace('"KEPT"', kept)
    return Response(source, media_type="text/javascript", headers={"Cache-Control": "no-cache"})


@cache
def version() -> str:
    files = ["templates/phone-offline.html", "templates/phone-worker.js", *(f"static/{name}" for name in KEPT)]
    return sha256(b"".join((DISPLAY / name).read_bytes() for name in files)).hexdigest()[:12]


ROUTES = [
    Route("/t/worker.js", worker),
    Route("/t/offline", offline),
    Route("/t/{ticket}", phone),
    Route("/t/{ticket}/qr.svg", qr),
]
