"""Whoever records the history begins, in a life of the log that it does not know, at the log's end."""

from sqlalchemy import Engine

from server.domain.events import Entry
from server.history import record
from server.history.record import BATCH, Position, Source


class Latest:
    """A log whose beginning is taken to be its end."""

    def __init__(self, source: Source) -> None:
        self.site, self._source = source.site, source

    async def position(self) -> Position:
        return await self._source.position()

    async def read(self, after: int, limit: int = BATCH) -> list[Entry]:
        return await self._source.read(after, limit)

    async def first_seq(self) -> int:
        return (await self._source.position()).seq + 1


def plant() -> None:
    read_on = record.read_on

    async def from_the_end(engine: Engine, source: Source, *, batch: int = BATCH) -> int:
        return await read_on(engine, Latest(source), batch=batch)

    record.read_on = from_the_end
