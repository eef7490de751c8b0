"""What the clients of the campaign note down. Times are monotonic seconds of the campaign's process."""

from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Any

JSON = dict[str, Any]
UNKNOWN = (0, 429, 502, 503, 504)  # statuses after which a client asks again with the same key; 0: no answer came
REFUSED = (404, 409)


@dataclass
class Attempt:
    """One time a request was sent. status: 0 when no answer came."""

    sent: float
    answered: float
    status: int
    body: JSON


@dataclass
class Request:
    """A POST and every attempt at it. by: opaque id of its caller, as in the log. verb: as in the log's causes."""

    by: str
    key: str
    verb: str
    path: str
    body: JSON
    sent: float
    attempts: list[Attempt] = field(default_factory=list)

    @cached_property
    def command(self) -> str:
        """Its id in the log (server.web.api.identity)."""
        return sha256(f"{self.by} {self.key}".encode()).hexdigest()[:32]

    @property
    def counter(self) -> str:
        """Of a counter's verb."""
        return self.path.split("/")[5]

    @property
    def first(self) -> Attempt | None:
        """The first answer that says what became of it."""
        return next((attempt for attempt in self.attempts if attempt.status not in UNKNOWN), None)

    @property
    def done(self) -> list[Attempt]:
        """The answers that say it was done."""
        return [attempt for attempt in self.attempts if 200 <= attempt.status < 300]

    def told(self, since: int) -> list[Attempt]:
        """The answers that say it was done, from the entry `since` on, which it brought; an answer before it changed
        nothing, and such are decided anew (CONTRACT.md)."""
        return [attempt for attempt in self.done if attempt.body["seq"] >= since]

    @property
    def refusals(self) -> list[Attempt]:
        return [attempt for attempt in self.attempts if attempt.status in REFUSED]

    @property
    def strange(self) -> list[Attempt]:
        """The answers that nobody should get who asks as these people do."""
        usual = (*self.done, *self.refusals)
        return [attempt for attempt in self.attempts if attempt.status not in UNKNOWN and attempt not in usual]

    def __str__(self) -> str:
        return f"{self.verb} {self.path.rpartition('/counters/')[2]} (key {self.key})"


@dataclass
class Heard:
    """What a speaker was given to say. ended: None when it was killed before the end. told: when `spoken` was sent."""

    zone: str
    epoch: str
    announcement: int
    began: float
    ended: float | None = None
    told: float | None = None


@dataclass
class Screen:
    """What a TV shows, and every call it ever showed: {(epoch, seq): (number, counter)}."""

    name: str
    zone: str
    epoch: str = ""
    seq: int = 0
    view: JSON = field(default_factory=dict)
    seen_at: float = 0.0
    connections: int = 0
    shown: dict[tuple[str, int], tuple[str, str]] = field(default_factory=dict)


@dataclass
class Trouble:
    """A fault, from when it struck to when the hall had recovered."""

    name: str
    struck: float
    recovered: float = float("inf")


@dataclass
class Records:
    """texts: of the notices that were answered as announced, by their ids."""

    requests: list[Request] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    screens: list[Screen] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
