"""Which speakers are connected to a hall: to this process now, to the others as they told last."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress

from server.log.base import LogUnavailable
from server.log.speakers import Connected, SpeakerBoard
from server.speech import Loudspeaker

TOLD_EVERY = 4.0  # seconds


class Roster:
    """zones: this process's own. changed: called when others came or went."""

    def __init__(self, zones: Mapping[str, Loudspeaker], board: SpeakerBoard, changed: Callable[[], None]) -> None:
        self._zones = zones
        self._board = board
        self._changed = changed
        self._others: list[Connected] = []

    def known(self, zone: str) -> list[Connected]:
        """Those of a zone; of other processes as they were a few seconds ago."""
        return [one for one in (*self._own(), *self._others) if one.zone == zone]

    async def all(self) -> list[Connected]:
        """As every process tells now, in the order in which they came. Raises LogUnavailable."""
        own = self._own()
        found = await self._board.tell(own)
        ids = {one.id for one in own}
        others = [one for one in found if one.id not in ids]
        if others != self._others:
            self._others = others
            self._changed()
        return found

    async def keep_told(self) -> None:
        """For ever: tells the other processes of the speakers here, and hears of theirs."""
        while True:
            with suppress(LogUnavailable):
                await self.all()
            await asyncio.sleep(TOLD_EVERY)

    async def aclose(self) -> None:
        await self._board.aclose()

    def _own(self) -> list[Connected]:
        return [Connected(zone=zone, **one) for zone, all in self._zones.items() for one in all.speakers()]
