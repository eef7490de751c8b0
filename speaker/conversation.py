"""What a speaker tells the server, and what it plays. Pure: frames and results in, frames to send out.

One utterance after another, never two at once. `spoken` is said only of what was heard to its end. Nothing
acknowledges a `spoken`, so the last one is said again after each reconnection; the server counts it once.
"""

from collections import deque

import msgspec

REMEMBERED = 100  # utterances heard to the end

Frame = dict[str, object]


class Heartbeat(msgspec.Struct, frozen=True):
    """speaks: this speaker has the zone. sent: when, by the server's clock."""

    epoch: str
    log: str
    speaks: bool = False
    sent: float | None = None


class Utterance(msgspec.Struct, frozen=True):
    """A `speak` frame: `clips` are paths on the server, in order, the chime first if there are several. sent: when, by
    the server's clock, and from `Speaker` on by ours."""

    announcement: int
    text: str
    clips: tuple[str, ...]
    seconds: float
    sent: float | None = None

    @property
    def key(self) -> tuple[int, str]:
        """After a restore the same number may mean another announcement; the same words may come in another voice."""
        return self.announcement, self.text


class Conversation:
    """playing: what is to be heard now, until `ended`. able: whether this machine can make sound."""

    def __init__(self) -> None:
        self.playing: Utterance | None = None
        self.able = False
        self._epoch: str | None = None
        self._began_in: str | None = None
        self._connected = False
        self._waiting: deque[Utterance] = deque()
        self._heard: deque[tuple[int, str]] = deque(maxlen=REMEMBERED)

    def beat(self, epoch: str) -> list[Frame]:
        """A heartbeat. The first of a connection is what makes it one: only now is it known whose ids they are."""
        if epoch != self._epoch:  # the log has another life: its numbers begin again and mean other announcements
            self._epoch = epoch
            self._heard.clear()
            self._waiting.clear()
        if self._connected:
            return []
        self._connected = True
        return [*([_spoken(self._heard[-1][0])] if self._heard else []), self._ability()]

    def disconnected(self) -> None:
        """What is playing is played to its end; what waits is given again by the server."""
        self._connected = False
        self._waiting.clear()

    def speak(self, given: Utterance) -> list[Frame]:
        if given.key in self._heard:
            return [_spoken(given.announcement)]
        if not self.able:
            return [self._ability()]
        if self.playing is None:
            self._play(given)
        elif given.key not in (one.key for one in (self.playing, *self._waiting)):
            self._waiting.append(given)
        return []

    def ended(self, *, heard: bool) -> list[Frame]:
        """The utterance in hand ended; `heard` when its words were played to their end, else we are not able."""
        ended, self.playing = self.playing, None
        if ended is None:
            return []
        if not heard:
            self._waiting.clear()
            return self.can(False)
        told: list[Frame] = []
        if self._began_in == self._epoch:
            self._heard.append(ended.key)
            told = [_spoken(ended.announcement)] if self._connected else []
        if self._waiting:
            self._play(self._waiting.popleft())
        return told

    def can(self, able: bool) -> list[Frame]:
        """This machine can, or cannot, make sound now."""
        changed, self.able = able != self.able, able
        return [self._ability()] if changed and self._connected else []

    def _play(self, given: Utterance) -> None:
        self.playing, self._began_in = given, self._epoch

    def _ability(self) -> Frame:
        return {"type": "ready" if self.able else "muted"}


def _spoken(announcement: int) -> Frame:
    return {"type": "spoken", "announcement": announcement}
