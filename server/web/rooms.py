"""What one server process holds: its halls, what they show and say, and who may ask."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from starlette.requests import HTTPConnection

from audio.speech import Speech
from config.settings import Settings
from server.hall import Hall
from server.history.pronunciations import Pronunciations
from server.log.lease import RedisLease
from server.log.redis_log import RedisLog
from server.speech import Loudspeaker
from server.web.broadcast import Broadcast
from server.web.callers import Callers
from server.web.devices import Devices
from server.web.notice_texts import NoticeTexts
from server.web.palette import Look
from server.web.problems import Problem
from server.web.roster import Roster


@dataclass(frozen=True)
class Room:
    """One hall with its surroundings in this process. speakers: zone id to its loudspeaker."""

    hall: Hall
    log: RedisLog
    lease: RedisLease
    roster: Roster
    broadcast: Broadcast
    notices: NoticeTexts
    speakers: dict[str, Loudspeaker] = field(default_factory=dict)
    look: Look = field(default_factory=Look)


@dataclass(frozen=True)
class House:
    """All that requests need; `rooms` by site id."""

    settings: Settings
    rooms: Mapping[str, Room]
    callers: Callers
    speech: Speech
    pronunciations: Pronunciations
    devices: Devices

    def room(self, site: str) -> Room:
        """Raises Problem unknown-site."""
        room = self.rooms.get(site)
        if room is None:
            raise Problem("unknown-site", f"no site {site!r} here")
        return room

    async def room_of_ticket(self, ticket: str) -> Room:
        """Raises Problem unknown-ticket; LogUnavailable when nobody knows whether it was issued by another process."""
        if self._room_that_knows(ticket) is None:
            await asyncio.gather(*(room.hall.current() for room in self.rooms.values()))
        room = self._room_that_knows(ticket)
        if room is None:
            raise Problem("unknown-ticket", "no such ticket today")
        return room

    def _room_that_knows(self, ticket: str) -> Room | None:
        return next((room for room in self.rooms.values() if ticket in room.hall.confirmed.tickets), None)


def house(connection: HTTPConnection) -> House:
    return cast(House, connection.app.state.house)
