"""What a log is: one gapless, ordered, durable sequence of events per site.

LogError
├── LogUnavailable   no answer, or an answer that says it cannot be written now; what was sent may still have been done
├── Conflict         the log does not end where the writer believed, or lives another life (epoch)
├── Trimmed          what was asked for is older than the log (first_seq: the oldest that is left)
├── DayLost          the log begins inside a business day, so nobody can tell how its hall stands
└── LogUnsafe        this server does not keep what it acknowledges; the message says how to mend it
"""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from server.domain.events import Entry


class LogError(Exception):
    """A log could not do what was asked."""


class LogUnavailable(LogError):
    """Whether the last write was done is unknown."""


class Trimmed(LogError):
    def __init__(self, first_seq: int) -> None:
        super().__init__(f"the log begins at {first_seq}")
        self.first_seq = first_seq


class DayLost(LogError):
    def __init__(self, site: str, first_seq: int) -> None:
        super().__init__(
            f"the log of {site} begins at {first_seq}, inside a business day: what stood before it, back to the last "
            "day-opened, was removed by hand (XTRIM, XDEL?). Restore this log from a backup. Or, to begin anew without "
            f"the numbers of today, delete the keys antrean:{{{site}}}:events, antrean:{{{site}}}:epoch and "
            f"antrean:{{{site}}}:day; the history keeps what it has recorded."
        )
        self.first_seq = first_seq


class LogUnsafe(LogError):
    """The server is not configured to keep what it acknowledges."""


class Position(Struct, frozen=True):
    """Where a log ends. A seq alone would lie after a loss of data: another life of the log may reach it again with
    other events, so `epoch` names the life."""

    epoch: str
    seq: int

    def __str__(self) -> str:
        return f"{self.seq} of epoch {self.epoch}"


class Conflict(LogError):
    """Nothing was written; the log was found to end at `found`."""

    def __init__(self, believed: Position, found: Position) -> None:
        super().__init__(f"the log ends at {found}, not at {believed}")
        self.found = found


class Log(Protocol):
    """The log of one site. Every method raises LogUnavailable when the log does not answer."""

    @property
    def site(self) -> str: ...

    async def position(self) -> Position:
        """Where the log ends now; gives a new log its first epoch."""

    async def append(self, after: Position, entries: Sequence[Entry]) -> None:
        """Add all entries or none; on return they are on disk.

        `entries` carry the seqs after.seq + 1, + 2, …; none at all only asks whether the log ends at `after`.
        Raises Conflict when it does not; LogUnavailable when the outcome is unknown.
        """

    async def read(self, after: int, limit: int = 1000) -> list[Entry]:
        """At most `limit` entries with seq > after, in order. Raises Trimmed when some of them are gone."""

    async def wait(self, after: int, seconds: float) -> list[Entry]:
        """Like `read`, but waits up to `seconds` until there is one."""

    async def day_start(self) -> int:
        """The seq of the last `day-opened`, where a fold may begin; 0 when there is none."""

    async def first_seq(self) -> int:
        """The seq of the oldest entry that is left; 0 for an empty log."""

    async def renew(self, lost: Position) -> None:
        """Give the log a new epoch if it still has that of `lost`: it was found to end before `lost`."""

    async def trim(self, epoch: str, before: int) -> None:
        """Forget the entries with seq < before, which is the seq of a `day-opened`.

        Nothing happens in a life of the log other than `epoch`, nor beyond its last `day-opened`: a fold can always begin there.
        """

    async def aclose(self) -> None: ...
