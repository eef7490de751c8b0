"""The joint of a history and a log: where the one ends and the other begins."""

from collections.abc import Iterator

from server.history.record import Cursor
from server.log.base import Position


def misfits(cursor: Cursor | None, first: int, end: Position) -> Iterator[str]:
    """Why a history that is recorded up to `cursor` does not go on in a log that begins at `first` (0: it is empty).

    Another life of the log is read from where it begins.
    """
    if cursor and cursor.epoch != end.epoch:
        return
    recorded = cursor.seq if cursor else 0
    if recorded > end.seq:
        yield f"the history is recorded up to entry {recorded}, and the log ends at {end.seq}: it lost its end"
    if recorded < first - 1:
        yield f"the entries {recorded + 1}–{first - 1} stand neither in the archive nor in the log"
