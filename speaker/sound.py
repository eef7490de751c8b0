"""The sound device of a loudspeaker: opened again and again while it is away, its true state told."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from audio import player
from audio.errors import SoundUnavailable
from audio.pcm import Pcm
from audio.player import Player
from speaker.words import WORDS

LOOK_EVERY = 0.5  # seconds
TRY_EVERY = 3.0  # seconds between two attempts to open a device that is away

Changed = Callable[[str], Awaitable[None]]


def devices() -> str:
    """The sound devices of this machine, one a line."""
    return "\n".join(player.devices()) or WORDS["no-device"]


class Sound:
    """device: as in audio.player.Player. changed: told why there is no sound, "" when there is."""

    def __init__(self, device: str | None, changed: Changed) -> None:
        self._device, self._changed = device, changed
        self._player: Player | None = None

    async def keep(self) -> None:
        """For ever: opens the device, watches it, and begins again when it is gone."""
        while True:
            why = ""
            try:
                await self._watch(await asyncio.to_thread(self._open))
            except SoundUnavailable as error:
                why = error.reason
            finally:
                await asyncio.to_thread(self.close)
            await self._changed(why)
            await asyncio.sleep(TRY_EVERY)

    async def play(self, clips: Sequence[Pcm], over: float) -> bool:
        """True when they were heard to the end. over: when, by audio.clock, they are cut off."""
        if self._player is None:
            return False
        try:
            return await asyncio.to_thread(self._player.play, clips, over)
        except SoundUnavailable:
            return False

    def close(self) -> None:
        player, self._player = self._player, None
        if player:
            player.close()

    def _open(self) -> Player:
        self._player = Player(self._device)
        return self._player

    async def _watch(self, player: Player) -> None:
        await self._changed("")
        while True:
            await asyncio.sleep(LOOK_EVERY)
            player.check()
