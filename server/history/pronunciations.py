"""The pronunciations that a hall has given in, beside those of its site file; truth, like accounts.

Whoever speaks must never wait for SQL: `table` answers from what was read last.
"""

from threading import Lock

from sqlalchemy import ColumnElement, Connection, Engine, and_, delete, select

from server.domain.site import Site
from server.history import tables as t
from server.history.answers import Answer, answered, digests, keep
from server.history.engine import put, writing


class Pronunciations:
    """Of all sites. `refresh` and what writes wait for SQL and raise SQLAlchemyError; thread-safe.

    requests: the ids of the requests that changed them and are still remembered, to their digests; as last read.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reading = Lock()  # or what was read before a change would replace what was read after it
        self._own: dict[str, dict[str, str]] = {}
        self.requests: dict[str, str] = {}

    def table(self, site: Site) -> dict[str, str]:
        """What is written to what is said, the site file's and the hall's own, which win; as last read."""
        return site.pronunciation | self._own.get(site.id, {})

    def own(self, site: str) -> dict[str, str]:
        """Those given in, by the site's id, as last read."""
        return self._own.get(site, {})

    def refresh(self) -> None:
        """Read them anew."""
        found: dict[str, dict[str, str]] = {}
        with self._reading:
            with self._engine.connect() as db:
                for row in db.execute(select(t.pronunciations)):
                    found.setdefault(row.site, {})[row.written] = row.spoken
                self.requests = digests(db)
            self._own = found

    def set(self, site: str, written: str, spoken: str | None, answer: Answer) -> str:
        """Say `written` so from now on; None: as the site file has it. The body of the answer to the POST.

        Raises KeyReused.
        """
        with writing(self._engine) as db:
            known = answered(db, answer)
            if known is None and _own(db, site, written) != spoken:
                known = keep(db, answer)
                if known is None:
                    _write(db, site, written, spoken)
        self.refresh()
        return answer.body if known is None else known


def _own(db: Connection, site: str, written: str) -> str | None:
    found: str | None = db.execute(select(t.pronunciations.c.spoken).where(_here(site, written))).scalar_one_or_none()
    return found


def _write(db: Connection, site: str, written: str, spoken: str | None) -> None:
    if spoken is None:
        db.execute(delete(t.pronunciations).where(_here(site, written)))
    else:
        put(db, t.pronunciations, [{"site": site, "written": written, "spoken": spoken}])


def _here(site: str, written: str) -> ColumnElement[bool]:
    return and_(t.pronunciations.c.site == site, t.pronunciations.c.written == written)
