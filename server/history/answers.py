"""Answers to POSTs that are no commands of the log: a repeat with the same key must get the first one (CONTRACT.md).

They are written in the transaction that does what was asked, so that it is done once. As in the log, only what
changed something is kept.
"""

from datetime import UTC, datetime, timedelta

from msgspec import Struct
from sqlalchemy import Connection, delete, select

from server.domain.errors import KeyReused
from server.history import tables as t
from server.history.engine import add

KEPT = timedelta(hours=25)  # the contract says at least 24 hours


class Answer(Struct, frozen=True):
    """id: of the caller and its key, "" without one. digest: of the whole request. body: JSON."""

    id: str
    digest: str
    body: str


def answered(db: Connection, answer: Answer) -> str | None:
    """The body that a request with this id got before. Raises KeyReused when that was another request."""
    wanted = select(t.answers.c.digest, t.answers.c.body).where(t.answers.c.id == answer.id)
    known = db.execute(wanted).one_or_none() if answer.id else None
    if known and known.digest != answer.digest:
        raise KeyReused("this idempotency key came before with another request")
    return known.body if known else None


def digests(db: Connection) -> dict[str, str]:
    """Of all requests whose answers are kept, by id."""
    return {row.id: row.digest for row in db.execute(select(t.answers.c.id, t.answers.c.digest))}


def keep(db: Connection, answer: Answer) -> str | None:
    """Keep the answer, and forget old ones. To be done before what was asked: where another process was faster with the
    same request, nothing is kept and this is the body that it gave. Raises KeyReused when it was another request."""
    now = datetime.now(UTC)
    db.execute(delete(t.answers).where(t.answers.c.at < now - KEPT))
    if answer.id and not add(db, t.answers, {"id": answer.id, "digest": answer.digest, "body": answer.body, "at": now}):
        return answered(db, answer)
    return None
