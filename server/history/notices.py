"""The texts of spoken notices: truth, for the log carries their ids alone. A text never changes."""

from collections.abc import Collection
from datetime import datetime

from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import Engine, select

from server.history import tables as t
from server.history.engine import add, writing


class Notice(Struct, frozen=True):
    """language: "id" or "en". repeat: said twice. by: opaque id of who asked for it."""

    id: str
    site: str
    text: str
    language: str
    repeat: bool
    by: str
    created_at: datetime


def keep_notice(engine: Engine, notice: Notice) -> None:
    """Keep it; one whose id is there is left as it is. Raises SQLAlchemyError."""
    with writing(engine) as db:
        add(db, t.notices, asdict(notice))


def find_notices(engine: Engine, ids: Collection[str]) -> dict[str, Notice]:
    """Those that are there, by id. Raises SQLAlchemyError."""
    with engine.connect() as db:
        rows = db.execute(select(t.notices).where(t.notices.c.id.in_(ids)))
        return {row.id: Notice(**row._mapping) for row in rows}
