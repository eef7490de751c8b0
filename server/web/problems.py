"""Errors as the outside meets them: RFC 9457 problem documents with a stable `code` (CONTRACT.md).

`status` is the HTTP status, as the RFC has it; the status of a ticket or counter that forbids a command is
`current_status`.

Problem          raised by the web itself; status, code and further fields
Rejected         a refusal of the rules, with the same codes
LogUnavailable   503: whether it was done is unknown
SQLAlchemyError  503, too: accounts, texts, reports and journal are kept in SQL
Damaged          500: what stands in SQL cannot be read
"""

from collections.abc import Mapping
from typing import Any

import msgspec
import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from server.domain import errors
from server.history.archive import Damaged
from server.log.base import LogError, Trimmed

log = structlog.get_logger(__name__)

STATUS: dict[str, int] = {
    "unauthenticated": 401,
    "forbidden": 403,
    "not-found": 404,
    "method-not-allowed": 405,
    "unknown-site": 404,
    "unknown-service": 404,
    "unknown-counter": 404,
    "unknown-ticket": 404,
    "unknown-zone": 404,
    "not-allowed-now": 409,
    "service-closed": 409,
    "trimmed": 410,
    "too-large": 413,
    "invalid": 422,
    "key-reused": 422,
    "too-many": 429,
    "internal": 500,
    "history-damaged": 500,
    "log-unavailable": 503,
    "speech-unavailable": 503,
}

TITLES: dict[str, str] = {
    "unauthenticated": "Sign in, or send a token",
    "forbidden": "Not allowed for this caller",
    "not-found": "No such address",
    "method-not-allowed": "This address does not take that method",
    "unknown-site": "No such site",
    "unknown-service": "No such service",
    "unknown-counter": "No such counter",
    "unknown-ticket": "No such ticket",
    "unknown-zone": "No such zone",
    "not-allowed-now": "Not allowed in this state",
    "service-closed": "The agency is closed now",
    "trimmed": "These events are older than the log",
    "too-large": "The request is too large",
    "invalid": "The request is not valid",
    "key-reused": "This idempotency key came before with another request",
    "too-many": "Too many requests",
    "internal": "The server made a mistake",
    "history-damaged": "The history in the database is damaged: `antrean verify` tells what of it",
    "log-unavailable": "Log or database do not answer: whether it was done is unknown, repeat with the same key",
    "speech-unavailable": "No voice can say it now",
}


HEADERS: dict[str, dict[str, str]] = {
    "unauthenticated": {"WWW-Authenticate": "Bearer"},
    "too-many": {"Retry-After": "60"},
    "log-unavailable": {"Retry-After": "2"},
}
HTTP_CODES = {404: "not-found", 405: "method-not-allowed", 413: "too-large"}


class Problem(Exception):
    """code: one of STATUS. fields: further members of the document."""

    def __init__(self, code: str, detail: str = "", **fields: Any) -> None:
        super().__init__(detail or TITLES[code])
        self.code = code
        self.detail = detail
        self.fields = fields


def response(code: str, detail: str = "", headers: Mapping[str, str] | None = None, **fields: Any) -> Response:
    document = {
        "type": f"urn:antrean:problem:{code}",
        "title": TITLES[code],
        "status": STATUS[code],
        "detail": detail or TITLES[code],
        "code": code,
    } | fields
    return Response(
        msgspec.json.encode(document), STATUS[code], media_type="application/problem+json", headers=dict(headers or {})
    )


async def on_problem(_: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return response(error.code, error.detail, HEADERS.get(error.code), **error.fields)


async def on_rejected(_: Request, error: Exception) -> Response:
    assert isinstance(error, errors.Rejected)
    fields: dict[str, Any] = {}
    if isinstance(error, errors.NotAllowedNow):
        return response(error.code, f"{error} (now: {error.status})", current_status=error.status)
    if isinstance(error, errors.ServiceClosed):
        fields["opens_next"] = error.opens_next
    unknown = error.code.startswith("unknown-")
    return response(error.code, f"no such id: {error}" if unknown else str(error), HEADERS.get(error.code), **fields)


async def on_log_error(_: Request, error: Exception) -> Response:
    if isinstance(error, Trimmed):
        return response("trimmed", str(error), first_seq=error.first_seq)
    return response("log-unavailable", f"the log does not answer: {error}", HEADERS["log-unavailable"])


async def on_sql_error(request: Request, error: Exception) -> Response:
    log.error("database-unavailable", path=request.url.path, error=repr(error))
    return response("log-unavailable", "the database does not answer", HEADERS["log-unavailable"])


async def on_damaged(request: Request, error: Exception) -> Response:
    log.error("history-damaged", path=request.url.path, error=str(error))
    return response("history-damaged", f"{error}; `antrean verify` tells all that is damaged")


async def on_half_a_request(_: Request, error: Exception) -> Response:
    """Nobody hears it: the caller went away before its request was whole."""
    return response("invalid", "the request did not come to its end")


async def on_http_exception(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = HTTP_CODES.get(error.status_code, "invalid")
    return response(code, "", headers=error.headers)


async def on_defect(request: Request, error: Exception) -> Response:
    log.error("request-failed", path=request.url.path, error=repr(error))
    return response("internal")


HANDLERS: Any = {
    Problem: on_problem,
    errors.Rejected: on_rejected,
    LogError: on_log_error,
    SQLAlchemyError: on_sql_error,
    Damaged: on_damaged,
    HTTPException: on_http_exception,
    ClientDisconnect: on_half_a_request,
    Exception: on_defect,
}
