"""Two drawings of one history, compared row by row."""

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Table, and_, select

from server.domain.events import decode
from server.history import tables as t
from server.history.archive import UNREADABLE, Damaged

DRAWN = (t.events, t.tickets, t.visits, t.announcements, t.names, t.cursors)
STEP = 5000  # entries compared at a time

Row = Mapping[str, Any]


class Difference(Struct, frozen=True):
    """One row that is not the same. here: as it stands in SQL. again: as it was drawn again. None: there is none."""

    table: Table
    here: Row | None
    again: Row | None

    @property
    def key(self) -> dict[str, Any]:
        row = self.here or self.again or {}
        return {column.name: row[column.name] for column in self.table.primary_key}

    def __str__(self) -> str:
        named = ", ".join(f"{name} {_shown(value)}" for name, value in self.key.items() if name != "site")
        row = f"{self.table.name}, {named}"
        if self.here is None:
            return f"{row}: is missing in SQL"
        if self.again is None:
            return f"{row}: stands only in SQL"
        here, again = _comparable(self.here), _comparable(self.again)
        columns = (name for name in here if here[name] != again[name])
        return f"{row}: " + "; ".join(
            f"{name} is {_shown(self.here[name])}, should be {_shown(self.again[name])}" for name in columns
        )


def compare(here: Connection, again: Connection, site: str) -> Iterator[Difference]:
    """Every row of the site that differs, table by table; a part of a table at a time, so that years fit in memory.

    Raises Damaged.
    """
    for table in DRAWN:
        try:
            yield from _compare(table, here, again, site)
        except UNREADABLE as error:
            raise Damaged(f"the table {table.name} holds a value that cannot be read: {error}") from error


def _compare(table: Table, here: Connection, again: Connection, site: str) -> Iterator[Difference]:
    for part in _parts(table, here, again, site):
        wanted = select(table).where(table.c.site == site, part)
        mine, drawn = _rows(here, table, wanted), _rows(again, table, wanted)
        for key in sorted(mine.keys() | drawn.keys()):
            one, other = mine.get(key), drawn.get(key)
            if one is None or other is None or _comparable(one) != _comparable(other):
                yield Difference(table, one, other)


def _parts(table: Table, here: Connection, again: Connection, site: str) -> Iterator[ColumnElement[bool]]:
    """Conditions that part the rows of the site among them."""
    of_site = table.c.site == site
    if table is t.events:
        epochs = select(table.c.epoch).where(of_site).distinct()
        for epoch in sorted({*here.execute(epochs).scalars(), *again.execute(epochs).scalars()}):
            yield from _pages(and_(of_site, table.c.epoch == epoch), here, again)
    elif "day" in table.c and table is not t.cursors:
        days = select(table.c.day).where(of_site).distinct()
        for day in sorted({*here.execute(days).scalars(), *again.execute(days).scalars()}):
            yield table.c.day == day
    else:
        yield of_site


def _pages(of_epoch: ColumnElement[bool], here: Connection, again: Connection) -> Iterator[ColumnElement[bool]]:
    """Conditions that part the entries of a life, each of at most STEP rows on either side, whatever their seqs are."""
    seq, left = t.events.c.seq, of_epoch
    while True:
        full = select(seq).where(left).order_by(seq).offset(STEP - 1).limit(1)
        ends = [end for db in (here, again) if (end := db.execute(full).scalar()) is not None]
        if not ends:
            yield left
            return
        yield and_(left, seq <= min(ends))
        left = and_(of_epoch, seq > min(ends))


def _rows(db: Connection, table: Table, wanted: Any) -> dict[tuple[str, ...], Row]:
    """By key, as words, so that keys of any kind can be sorted."""
    key = [column.name for column in table.primary_key]
    return {tuple(_sortable(row[name]) for name in key): dict(row) for row in db.execute(wanted).mappings()}


def _sortable(value: Any) -> str:
    return f"{value:020d}" if isinstance(value, int) else str(value)


def _comparable(row: Row) -> Row:
    """An event that an older version wrote may say the same in other letters."""
    if "data" not in row:
        return row
    try:
        return {**row, "data": decode(row["data"].encode())}
    except UNREADABLE:
        return row


def _shown(value: Any) -> str:
    text = "empty" if value is None else str(value)
    return text if len(text) <= 200 else text[:200] + "…"
