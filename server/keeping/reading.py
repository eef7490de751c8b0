"""Reading a log to its end, whatever is in it."""

from collections.abc import AsyncIterator
from typing import Protocol

import msgspec
from msgspec import DecodeError

from server.domain.events import Entry
from server.keeping.errors import Damaged
from server.keeping.form import Backup, KeptLog
from server.log.base import Position, Trimmed

BATCH = 1000


class Stream(Protocol):
    """The part of a server.log that is read here."""

    @property
    def site(self) -> str: ...

    async def position(self) -> Position: ...

    async def read(self, after: int, limit: int = ...) -> list[Entry]: ...

    async def first_seq(self) -> int: ...

    async def day_start(self) -> int: ...


async def told(log: Stream, first: int, last: int) -> AsyncIterator[Entry | str]:
    """The entries from `first` to `last` (0: none), in order; where one is missing or unreadable, that in words.

    Raises Trimmed when the log has forgotten some of them since, and what the log raises.
    """
    after, limit = max(0, first - 1), BATCH
    while after < last:
        try:
            found = await log.read(after, limit)
        except Trimmed as gap:
            if after < first or await log.first_seq() > after:
                raise
            yield f"the entries {after + 1}–{gap.first_seq - 1} are missing"
            after = gap.first_seq - 1
            continue
        except DecodeError as error:
            if limit == 1:
                yield f"entry {after + 1} cannot be read: {error}"
                after += 1
            limit = max(1, limit // 2)
            continue
        if not found:
            yield f"the entries {after + 1}–{last} are missing"
            return
        for entry in found:
            if entry.seq > last:
                return
            if entry.seq != after + 1:
                yield f"the entries {after + 1}–{entry.seq - 1} are missing"
            yield entry
            after = entry.seq
        limit = min(BATCH, limit * 2)


class LogOfBackup:
    """The log of a site as a backup holds it, to be read like a living one. Raises Damaged."""

    def __init__(self, backup: Backup, site: str) -> None:
        self.site = site
        self._kept = backup.manifest.logs.get(site, KeptLog("", 0, 0, 0))
        self._lines = list(backup.lines(log_part(site)))  # as long as the log itself, which has to fit in memory too
        if len(self._lines) != (self._kept.last - self._kept.first + 1 if self._kept.last else 0):
            raise Damaged(f"{backup.path} lacks entries of the log of {site}.")

    async def position(self) -> Position:
        return Position(self._kept.epoch, self._kept.last)

    async def first_seq(self) -> int:
        return self._kept.first

    async def day_start(self) -> int:
        return self._kept.day

    async def read(self, after: int, limit: int = BATCH) -> list[Entry]:
        at = after + 1 - self._kept.first
        if at < 0 and self._lines:
            raise Trimmed(self._kept.first)
        return [decode_entry(line) for line in self._lines[at : at + limit]]


def log_part(site: str) -> str:
    return f"log/{site}.jsonl"


decode_entry = msgspec.json.Decoder(Entry).decode
