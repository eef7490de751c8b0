"""Who asks, and what they may do (roles: CONTRACT.md)."""

import asyncio
import time
from collections.abc import Callable
from typing import NamedTuple

import structlog
from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import HTTPConnection

from config.settings import Settings
from server.domain.site import Site
from server.history.accounts import Caller, find_account, find_token
from server.web.problems import Problem

FRESH = 5.0  # seconds for which a found token or account is not looked up again
ANSWERS_WITHIN = 2.0  # seconds; a screen gives a command up after six
ASKED_AT_ONCE = 4
TRUSTED = 12 * 3600.0  # seconds for which it is believed while the database does not answer: a hall's day goes on
MOST_REMEMBERED = 10_000

log = structlog.get_logger(__name__)

ISSUERS = ("kiosk", "operator", "supervisor", "admin")
READERS = ("integration", "supervisor", "admin")
SUPERVISORS = ("supervisor", "admin")


class Known(NamedTuple):
    """A caller who was found. asked_at: when the database was last asked, with an answer or without."""

    caller: Caller
    found_at: float
    asked_at: float


class Callers:
    """Finds the caller behind a request: a token in the Authorization header, else a browser's session.

    The database is asked in threads of its own, and no longer waited for than ANSWERS_WITHIN: one that hangs delays
    neither commands nor speech.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known: dict[str, Known] = {}
        self._threads = CapacityLimiter(ASKED_AT_ONCE)

    async def caller(self, connection: HTTPConnection) -> Caller | None:
        authorization = connection.headers.get("authorization")
        if authorization is not None:
            scheme, _, token = authorization.partition(" ")
            if scheme.lower() != "bearer" or not token:
                return None
            return await self._find("token", token.strip())
        account, session = (connection.session.get(part) for part in ("account", "session"))
        if not isinstance(account, str) or not isinstance(session, str):
            return None
        return await self._find("account", account, session)

    async def required(self, connection: HTTPConnection) -> Caller:
        """Raises Problem unauthenticated."""
        caller = await self.caller(connection)
        if caller is None:
            raise Problem("unauthenticated", "send Authorization: Bearer TOKEN, or sign in at /login")
        return caller

    async def _find(self, kind: str, *values: str) -> Caller | None:
        key = " ".join((kind, *values))
        known = self._known.get(key)
        if known and time.monotonic() - known.asked_at < FRESH:
            return known.caller
        look_up: Callable[..., Caller | None] = find_token if kind == "token" else find_account
        try:
            async with asyncio.timeout(ANSWERS_WITHIN):
                caller = await run_sync(look_up, self._engine, *values, abandon_on_cancel=True, limiter=self._threads)
        except (SQLAlchemyError, TimeoutError) as error:
            if known and time.monotonic() - known.found_at < TRUSTED:
                self._known[key] = known._replace(asked_at=time.monotonic())
                return known.caller
            log.error("accounts-unavailable", error=repr(error))
            raise Problem("log-unavailable", "the database of accounts does not answer; nothing was done") from None
        if caller is None:
            self._known.pop(key, None)
        else:
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            self._known[key] = Known(caller, time.monotonic(), time.monotonic())
        return caller


def may_issue(caller: Caller, site: Site) -> None:
    _allow(caller.role in ISSUERS and _of_site(caller, site))


def may_work(caller: Caller, site: Site, counter: str) -> None:
    """Raises Problem forbidden unless the caller may give this counter's commands (or speak in its zone)."""
    own = caller.agency is None or caller.agency in site.agencies_at.get(counter, ())
    _allow(_of_site(caller, site) and (caller.role in SUPERVISORS or (caller.role == "operator" and own)))


def supervises(caller: Caller, site: Site) -> bool:
    return caller.role in SUPERVISORS and _of_site(caller, site)


def may_supervise(caller: Caller, site: Site) -> None:
    _allow(supervises(caller, site))


def may_supervise_some(caller: Caller) -> None:
    """Raises Problem forbidden unless there may be halls that the caller supervises."""
    _allow(caller.role in SUPERVISORS)


def may_administer(caller: Caller) -> None:
    _allow(caller.role == "admin")


def may_read_events(caller: Caller, site: Site) -> None:
    _allow(caller.role in READERS and _of_site(caller, site))


def may_speak(caller: Caller, site: Site) -> None:
    _allow(caller.role in ISSUERS and _of_site(caller, site))


def _of_site(caller: Caller, site: Site) -> bool:
    return caller.role == "admin" or caller.site in (None, site.id)


def _allow(allowed: bool) -> None:
    if not allowed:
        raise Problem("forbidden", "this caller's role, site or agency does not allow it")


def same_origin(connection: HTTPConnection, settings: Settings) -> bool:
    """Whether the Origin, if sent, is the server's own or a listed one."""
    origin = connection.headers.get("origin")
    if origin is None:
        return True
    scheme, _, authority = origin.partition("://")
    own = scheme in ("http", "https") and authority == connection.headers.get("host")
    return own or origin.rstrip("/") in (settings.base_url, *settings.origins)
