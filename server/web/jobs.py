"""`/admin/jobs`: what the workers have to do, what they do, and what fails, for administrators."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from msgspec.structs import asdict
from redis import Redis, RedisError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from server.jobs import NoSuchJob, Overview, Task, forget, retry
from server.web.bodies import read_form
from server.web.callers import may_administer, same_origin
from server.web.metrics import Sources
from server.web.pages import page, signed_in
from server.web.problems import Problem
from server.web.rooms import house

REPLY_WITHIN = 2.0
AWAY = (RedisError, OSError)


async def show(request: Request) -> Response:
    may_administer(await signed_in(request))
    sources: Sources = request.app.state.sources
    found = await sources.rq.get()
    return await page(request, "jobs.html", found=_shown(request, found) if found else None)


async def again(request: Request) -> Response:
    """Form: `job`, an id; without one all that failed."""
    return await _do(request, lambda redis, job: retry(redis, job or None))


async def away(request: Request) -> Response:
    """Form: `job`, an id."""
    return await _do(request, forget)


async def _do(request: Request, what: Callable[[Redis, str], object]) -> Response:
    """Does it and shows the page again. What is no longer there needs nothing done."""
    if not same_origin(request, house(request).settings):
        raise Problem("forbidden", "this page belongs to another site")
    may_administer(await house(request).callers.required(request))
    job = (await read_form(request)).get("job", "")
    try:
        await asyncio.to_thread(what, request.app.state.rq, job)
    except NoSuchJob:
        pass
    except AWAY:
        raise Problem("log-unavailable", "the workers' Redis does not answer; try again") from None
    request.app.state.sources.rq.forget()
    return RedirectResponse("/admin/jobs", 303)


def _shown(request: Request, found: Overview) -> dict[str, Any]:
    now = datetime.now(UTC)
    names = {site: room.hall.site.name for site, room in house(request).rooms.items()}

    def task(one: Task) -> dict[str, Any]:
        about = names.get(one.about, one.about) if one.queue == "metrics" else one.about
        return asdict(one) | {"about": about, "ago": _age(one.at, now)}

    return {
        "shelves": [asdict(shelf) for shelf in found.shelves],
        "hands": [asdict(hand) | {"ago": _age(hand.seen, now)} for hand in found.hands],
        "failing": [task(one) for one in found.tasks if one.failures],
        "running": [task(one) for one in found.tasks if one.status == "started" and not one.failures],
        "idle": not any(shelf.queued or shelf.started or shelf.failed for shelf in found.shelves),
        "unattended": [
            name for name in ("", *(shelf.name for shelf in found.shelves)) if not _is_attended(found, name)
        ],
    }


def _is_attended(found: Overview, queue: str) -> bool:
    return any(hand.alive and hand.queue == queue for hand in found.hands)


def _age(at: datetime | None, now: datetime) -> int | None:
    """Seconds."""
    return max(0, round((now - at).total_seconds())) if at else None


ROUTES = [
    Route("/admin/jobs", show),
    Route("/admin/jobs/retry", again, methods=["POST"]),
    Route("/admin/jobs/forget", away, methods=["POST"]),
]
