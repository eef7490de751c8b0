"""Rows of SQL as JSON lines and back: moments in UTC, days as dates, whichever database they are in."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any

import msgspec
from msgspec import UNSET, DecodeError, UnsetType, defstruct
from msgspec.structs import asdict
from sqlalchemy import Column, Connection, Table, func, insert, inspect, select

from server.history import tables as t
from server.history.archive import UNREADABLE
from server.history.compare import DRAWN
from server.keeping.errors import Damaged, Unsound
from server.keeping.form import Backup, Writer

AT_ONCE = 1000  # rows
OF_THE_LOG = (*DRAWN, t.lives)  # what follows from the logs, and in which order they lived
TRUTH = tuple(table for table in t.metadata.sorted_tables if table not in OF_THE_LOG)

Row = dict[str, Any]


def name_of(table: Table) -> str:
    return f"sql/{table.name}.jsonl"


def write_rows(db: Connection, tables: Iterable[Table], writer: Writer) -> None:
    """All rows of the tables, a part of them at a time in memory. Raises Unsound for what could not be read back."""
    for table in tables:
        wanted = select(table).order_by(*table.primary_key).execution_options(yield_per=AT_ONCE)
        form = _form(table)
        with writer.part(name_of(table)) as part:
            try:
                for row in db.execute(wanted):
                    part.line(msgspec.convert(dict(zip(form.__struct_fields__, row, strict=True)), form))
            except UNREADABLE as error:
                raise Unsound(
                    f"The table {table.name} holds a value that cannot be read ({error}): see `antrean verify`. "
                    "Nothing was written."
                ) from error


def insert_rows(db: Connection, backup: Backup, change: Callable[[Row], Row] = dict) -> None:
    """All rows of the backup into the tables, each as `change` makes it. Raises Damaged."""
    for table in t.metadata.sorted_tables:
        rows = (change(row) for row in read_rows(backup, table))
        while batch := list(islice(rows, AT_ONCE)):
            db.execute(insert(table), batch)


def read_rows(backup: Backup, table: Table) -> Iterator[Row]:
    """The rows of one table. Raises Damaged."""
    decoder = msgspec.json.Decoder(_form(table))
    for line in backup.lines(name_of(table)):
        try:
            found = decoder.decode(line)
        except DecodeError as error:
            raise Damaged(f"{backup.path} has a row of {table.name} that cannot be read ({error}).") from error
        yield {name: value for name, value in asdict(found).items() if value is not UNSET}


def held(db: Connection) -> dict[str, int]:
    """How many rows each table has that is there and has any."""
    there = set(inspect(db).get_table_names())
    tables = [table for table in t.metadata.sorted_tables if table.name in there]
    counted = {table.name: db.execute(select(func.count()).select_from(table)).scalar_one() for table in tables}
    return {name: rows for name, rows in counted.items() if rows}


def _form(table: Table) -> type[msgspec.Struct]:
    """The form of a row, here and there: what does not fit is refused on both ways."""
    fields = [(str(column.name), _kind(column), UNSET) for column in table.columns]
    return defstruct(f"row_{table.name}", fields, forbid_unknown_fields=True)


def _kind(column: Column[Any]) -> Any:
    python = datetime if isinstance(column.type, t.Utc) else column.type.python_type
    return python | None | UnsetType
