"""A zone's loudspeaker at work: the line, the sound and the conversation between them, until it is told to end."""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from contextlib import suppress
from hashlib import sha256
from socket import gethostname
from typing import Any
from uuid import getnode

import msgspec
from msgspec.structs import replace

from audio import clock
from speaker.conversation import Conversation, Frame, Heartbeat, Utterance
from speaker.errors import Belated, Misplaced, Unreachable
from speaker.lateness import BEGIN_WITHIN, END_WITHIN, LATEST, Lateness
from speaker.line import REFUSALS, Line, delays
from speaker.server import Server
from speaker.sound import Sound
from speaker.words import WORDS

REST = 3.0  # seconds after one that could not be said, before offering ourselves again
ELSEWHERE_AFTER = 3  # heartbeats without the zone, although we could speak: another speaker has it

Tell = Callable[[str], None]


def speak(url: str, token: str, site: str | None, zone: str, device: str | None, tell: Tell) -> None:
    """Until SIGTERM or Ctrl-C. tell: takes a line whenever the speaker's state changes. Raises Misplaced."""
    token = token.strip()
    if not token or not token.isascii() or not token.isprintable():
        raise Misplaced(WORDS["bad-token" if token else "no-token"])
    speaker = Speaker(Server(url), token, zone, device, tell)
    try:
        asyncio.run(_until_told(speaker, site))
    finally:
        speaker.close()


async def _until_told(speaker: "Speaker", site: str | None) -> None:
    work = asyncio.create_task(speaker.run(site))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, work.cancel)
    with suppress(asyncio.CancelledError):
        await work


class Speaker:
    """device: as in audio.player.Player."""

    def __init__(self, server: Server, token: str, zone: str, device: str | None, tell: Tell) -> None:
        self._server, self._token, self._zone, self._device, self._tell = server, token, zone, device, tell
        self._site = ""
        self._conversation = Conversation()
        self._sound = Sound(device, self._sound_changed)
        self._line: Line | None = None
        self._lateness = Lateness()
        self._group = asyncio.TaskGroup()
        self._in_hand: Utterance | None = None
        self._silent: str | None = None  # why there is no sound; "": there is; None: not known yet
        self._rests = False
        self._live = self._was_live = False
        self._beats_without = 0
        self._told = ""

    async def run(self, site: str | None) -> None:
        """For ever. Raises Misplaced."""
        try:
            async with self._group:
                self._start(self._sound.keep())
                self._site = site or await self._only_site()
                self._line = Line(self._server.socket(self._site, self._zone), self._token, self._hear, self._lost)
                await self._line.run()
        except ExceptionGroup as group:
            raise group.exceptions[0] from None

    def close(self) -> None:
        self._sound.close()
        self._say("ended")

    async def _only_site(self) -> str:
        waits = delays()
        while True:
            try:
                sites = await asyncio.to_thread(self._server.sites)
            except Unreachable as error:
                self._say("away", why=str(error))
                await asyncio.sleep(next(waits))
                continue
            if len(sites) != 1:
                raise Misplaced(WORDS["which-site"].format(sites=", ".join(sites)))
            return sites[0]

    async def _hear(self, frame: dict[str, Any]) -> None:
        """Raises Belated."""
        came = clock.now()
        if frame.get("type") == "heartbeat":
            beat = msgspec.convert(frame, Heartbeat)
            self._lateness.of(beat.sent, came)
            await self._beat(beat)
        elif frame.get("type") == "speak":
            self._beats_without = 0
            given = msgspec.convert(frame, Utterance)
            late = self._lateness.of(given.sent, came)
            if late > LATEST:
                raise Belated(WORDS["late"].format(seconds=late))
            await self._go_on(self._conversation.speak(replace(given, sent=came - late)))

    async def _beat(self, beat: Heartbeat) -> None:
        if self._line:
            await self._line.send({"type": "here", "device": self._name()})
        self._live = self._was_live = True
        idle = not beat.speaks and beat.log == "ok" and self._conversation.able
        self._beats_without = self._beats_without + 1 if idle else 0
        await self._go_on(self._conversation.beat(beat.epoch))

    def _name(self) -> str:
        """The same after every start: this machine, its place and its sound device."""
        whole = f"{getnode()} {gethostname()} {self._site} {self._zone} {self._device}"
        return sha256(whole.encode()).hexdigest()[:24]

    async def _lost(self, why: str, code: int) -> None:
        self._live = False
        self._lateness = Lateness()
        self._beats_without = 0
        self._conversation.disconnected()
        if code not in REFUSALS:
            self._say("away", why=why)
        elif self._was_live:
            self._say("refused", why=await self._refusal(code))
        else:
            raise Misplaced(await self._refusal(code))

    async def _refusal(self, code: int) -> str:
        key, sites, zones = str(code), "", ""
        if code == 4004:
            with suppress(Unreachable):
                known = await asyncio.to_thread(self._server.sites)
                key, sites = "4004-site", ", ".join(known)
                if self._site in known:
                    zones = ", ".join(await asyncio.to_thread(self._server.zones, self._site))
                    key = "4004-zone"
        return WORDS[key].format(site=self._site, zone=self._zone, sites=sites, zones=zones)

    async def _sound_changed(self, why: str) -> None:
        self._silent = why
        await self._ability_changed()

    async def _ability_changed(self) -> None:
        await self._go_on(self._conversation.can(self._silent == "" and not self._rests))

    async def _go_on(self, told: list[Frame]) -> None:
        """Send what is to be told, begin what is to be played, say what has changed."""
        for frame in told:
            if self._line:
                await self._line.send(frame)
        now = self._conversation.playing
        if now and now is not self._in_hand:
            self._in_hand = now
            self._start(self._play(now))
        self._say_state()

    async def _play(self, utterance: Utterance) -> None:
        heard = await self._utter(utterance)
        self._in_hand = None
        if not heard:
            self._rests = True
            self._start(self._rest())
        await self._go_on(self._conversation.ended(heard=heard))

    async def _utter(self, utterance: Utterance) -> bool:
        """True when the words were heard to the end. Without the chime before them they are said all the same."""
        sent = clock.now() if utterance.sent is None else utterance.sent
        within = sent + BEGIN_WITHIN - clock.now()
        loads = [asyncio.to_thread(self._server.clip, clip, within) for clip in utterance.clips]
        loaded = await asyncio.gather(*loads, return_exceptions=True)
        words = loaded[1:] or loaded
        missing = next((clip for clip in words if isinstance(clip, BaseException)), None)
        if missing or not words:
            self._say("no-clip", why=str(missing))
            return False
        if clock.now() > sent + BEGIN_WITHIN:
            self._say("no-clip", why=WORDS["late"].format(seconds=clock.now() - sent))
            return False
        whole = [clip for clip in loaded if not isinstance(clip, BaseException)]
        return await self._sound.play(whole, sent + utterance.seconds + END_WITHIN)

    async def _rest(self) -> None:
        await asyncio.sleep(REST)
        self._rests = False
        await self._ability_changed()

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        self._group.create_task(work)

    def _say_state(self) -> None:
        if playing := self._conversation.playing:
            self._say("speaking", text=playing.text)
        elif self._silent:
            self._say("no-sound", why=self._silent)
        elif self._live and self._silent == "" and not self._rests:
            self._say("elsewhere" if self._beats_without >= ELSEWHERE_AFTER else "ready")

    def _say(self, key: str, **fields: str) -> None:
        line = WORDS[key].format(url=self._server.url, site=self._site, zone=self._zone, **fields)
        if line != self._told:
            self._told = line
            self._tell(line)
