"""Whose turn it is at the loudspeakers of a zone: what its speakers in one process tell comes in, the next step goes out.

One speaker has the zone, says one announcement, and is given the next one when it has said that to the end, or when so
much time has passed that it must have ended. Whoever kept silent for so long is cut off before anybody is given anything:
what is still on its way to it must not be played any more. No I/O and no clock: the lease (which of all processes has
the zone), the log and the sound are the shell's, which takes one step after another and tells what came of it. Times are
seconds of one steady clock.

What any speaker of the zone says to have been heard counts, for it may have come back under another name or to another
process (DESIGN.md); but nothing else is said before what was given must have ended.
"""

from enum import IntEnum

from msgspec import Struct
from msgspec.structs import replace

from server.domain.announcements import Announcement

SETTLE = 2.0  # seconds after an utterance's length before another speaker may take over (DESIGN.md)
REST = 10.0  # seconds for which a speaker that did not answer is passed over, when it has come back too
IDLE_LEASE = 6.0  # seconds the lease lasts while nothing is said
BEAT = 2.0  # seconds between renewals while nothing is said, and between attempts to get what failed
OWED_LEASE = 4.0  # seconds the lease is to outlast an attempt to write down what was heard
OWED = 12.0  # seconds for which the zone is kept for that: then another may say it again, rather than nobody anything
SLACK = 0.5  # seconds that may pass from asking for the lease to the word: it lasts as much longer
MOST_UNCOUNTED = 100  # a speaker that claims more than this at once is not believed


class Tenure(IntEnum):
    """What a lease answers: somebody else has the zone; it was free; it was the asker's and still is."""

    REFUSED = 0
    TAKEN = 1
    KEPT = 2


class Wait(Struct, frozen=True):
    """Do nothing until something changes, at most for `seconds`."""

    seconds: float | None


class Count(Struct, frozen=True):
    """Write into the log that `announcement` was heard to its end."""

    announcement: int


class Listen(Struct, frozen=True):
    """Take in what has come and nobody has read yet: who seems silent may have answered while this process slept."""


class Cut(Struct, frozen=True):
    """End the speaker's connection so that nothing which was sent and did not arrive ever does."""

    speaker: str


class Hold(Struct, frozen=True):
    """Take or renew the zone for `speaker`. announcement: to be said next, if it is for that."""

    speaker: str
    seconds: float
    announcement: Announcement | None = None


class Release(Struct, frozen=True):
    """Let go of the zone."""

    speaker: str


class Expire(Struct, frozen=True):
    """Give the announcement up: it is too old or no longer true, or no voice can say it."""

    announcement: int
    unspeakable: bool = False


class Make(Struct, frozen=True):
    """Make the sound of the announcement."""

    announcement: Announcement


class Prove(Struct, frozen=True):
    """Ask the log's end which announcement is in hand: this process may lag behind."""


class Speak(Struct, frozen=True):
    """Give the speaker the announcement, now. at: since when the time runs in which it must have said it."""

    speaker: str
    announcement: Announcement
    at: float


Step = Wait | Count | Listen | Cut | Hold | Release | Expire | Make | Prove | Speak


class _Speaker(Struct):
    """ready: it says it can make sound. rests_until: when it may be tried again after it kept silent."""

    ready: bool = False
    rests_until: float = 0.0


class _Saying(Struct, frozen=True):
    """over: when the utterance must have ended, whatever became of the speaker. hushed: it has told meanwhile that it
    cannot make sound. listened: since it is over, what had come was read."""

    speaker: str
    announcement: int
    over: float
    hushed: bool = False
    listened: bool = False


class _Sound(Struct, frozen=True):
    announcement: Announcement
    seconds: float


class _Failure(Struct, frozen=True):
    announcement: Announcement
    again_at: float
    times: int


class Turns:
    """The speakers of one zone in one process, in the order in which they came.

    holder: the one that has the zone. saying: what is, or may be, heard now.
    """

    def __init__(self) -> None:
        self.holder: str | None = None
        self.saying: _Saying | None = None
        self._speakers: dict[str, _Speaker] = {}
        self._heard: set[int] = set()  # and not in the log yet
        self._owner: str | None = None  # had the zone when that was last known, whatever happened to the log since
        self._leased_until = 0.0  # at least, if nobody else has it
        self._owed_until: float | None = None  # the zone is kept until what was heard is in the log, or until then
        self._count_next = False  # the zone was asked for in vain, or not: it is tried to write all the same
        self._owed: list[float] = []  # until when those rest that were cut off and have not come back
        self._barred_until = 0.0
        self._renew_at = 0.0
        self._sound: _Sound | None = None
        self._failure: _Failure | None = None
        self._proven: Announcement | None = None  # in hand at the log's end, in this tenure
        self._granted: tuple[Announcement, float] | None = None  # may be said; since when the lease runs for it

    def join(self, speaker: str) -> None:
        """The first who comes after one was cut off is taken for that one."""
        self._speakers[speaker] = _Speaker(rests_until=self._owed.pop(0) if self._owed else 0.0)

    def leave(self, speaker: str) -> None:
        """It is gone; what it was saying may be heard to its end all the same."""
        del self._speakers[speaker]

    def report(self, speaker: str, ready: bool) -> None:
        """The speaker can, or cannot, make sound now. One that says it cannot need not rest when it can again."""
        one = self._speakers[speaker]
        one.ready = ready
        if not ready:
            one.rests_until = 0.0
            if self.saying and self.saying.speaker == speaker:
                self.saying = replace(self.saying, hushed=True)

    def heard(self, speaker: str, announcement: int) -> None:
        """The speaker says that it has said it to the end; to be counted, whoever had the turn meanwhile."""
        if self.saying and (self.saying.speaker, self.saying.announcement) == (speaker, announcement):
            self.saying = None
        if len(self._heard) < MOST_UNCOUNTED:
            self._heard.add(announcement)

    def uncounted(self) -> list[int]:
        """What was heard and is not in the log yet."""
        return sorted(self._heard)

    def counted(self, announcement: int) -> None:
        self._heard.discard(announcement)
        if not self._heard:
            self._owed_until, self._count_next = None, False

    def held(self, step: Hold, tenure: Tenure, asked: float) -> None:
        """What the lease answered; asked: when."""
        if tenure is not Tenure.KEPT:  # another may have said it in between
            self._proven = self._granted = None
        if tenure is Tenure.REFUSED:
            self.holder = self._owner = None
            self._barred_until = asked + BEAT
            return
        self.holder = self._owner = step.speaker
        self._leased_until = asked + step.seconds
        self._renew_at = asked + BEAT
        if step.announcement is not None and step.announcement == self._proven:
            self._granted = (step.announcement, asked)

    def lose(self, until: float) -> None:
        """Nobody knows who has the zone; it is not asked for before `until`."""
        self.holder = self._proven = self._granted = None
        self._barred_until = until

    def proved(self, in_hand: Announcement | None) -> None:
        """What the log's end has in hand."""
        self._proven = in_hand

    def made(self, announcement: Announcement, seconds: float) -> None:
        """There is a sound of so many seconds for it."""
        self._sound = _Sound(announcement, seconds)

    def failed(self, announcement: Announcement, now: float) -> None:
        """There is none; it is tried once more."""
        before = self._failure.times if self._failure and self._failure.announcement == announcement else 0
        self._failure = _Failure(announcement, now + BEAT, before + 1)

    def resting(self, speaker: str, now: float) -> bool:
        return now < self._speakers[speaker].rests_until

    def ready(self, speaker: str) -> bool:
        return self._speakers[speaker].ready

    def next(self, now: float, in_hand: Announcement | None, stale: bool) -> Step:
        """The next step. in_hand: the oldest that waits, as this process knows. stale: it may no longer be begun."""
        if self._heard:
            return self._write_down(min(self._heard), now)
        if self.saying:
            if now < self.saying.over:
                return Wait(self.saying.over - now)
            if not self.saying.listened:
                self.saying = replace(self.saying, listened=True)
                return Listen()
            silent = self._rest(now)
            if silent:
                return Cut(silent)
        if self.holder and not self._able(self.holder, now):
            released = Release(self.holder)
            self.holder = self._owner = self._proven = self._granted = None
            return released
        speaker = self.holder or next((one for one in self._speakers if self._able(one, now)), None)
        if speaker is None:
            return Wait(self._until_rested(now))
        if now < self._barred_until:
            return Wait(self._barred_until - now)
        if self.holder is None or now >= self._renew_at:
            return Hold(speaker, IDLE_LEASE)
        if in_hand is None:
            return Wait(self._renew_at - now)
        if stale:
            return Expire(in_hand.id)
        return self._toward(speaker, in_hand, now)

    def _write_down(self, heard: int, now: float) -> Step:
        """Meanwhile the zone is kept, if it is ours: whoever took it would say what the log has not got yet again."""
        if self._owed_until is None:
            self._owed_until = now + OWED
        short = self._leased_until < now + OWED_LEASE
        if self._owner and short and now < self._owed_until and not self._count_next:
            self._count_next = True
            return Hold(self._owner, IDLE_LEASE)
        self._count_next = False
        return Count(heard)

    def _toward(self, speaker: str, announcement: Announcement, now: float) -> Step:
        """What is still to be done before it may be said: its sound, the proof, the lease for its whole length."""
        if self._sound is None or self._sound.announcement != announcement:
            failure = self._failure
            if failure and failure.announcement == announcement:
                if failure.times > 1:
                    return Expire(announcement.id, unspeakable=True)
                if now < failure.again_at:
                    return Wait(min(failure.again_at, self._renew_at) - now)
            return Make(announcement)
        if self._proven != announcement:
            return Prove()
        length = self._sound.seconds + SETTLE
        if self._granted is None or self._granted[0] != announcement or now - self._granted[1] > SLACK:
            return Hold(speaker, length + SLACK, announcement)
        self.saying = _Saying(speaker, announcement.id, now + length)
        self._proven = self._granted = None
        return Speak(speaker, announcement, now)

    def _able(self, speaker: str, now: float) -> bool:
        one = self._speakers.get(speaker)
        return one is not None and one.ready and one.rests_until <= now

    def _rest(self, now: float) -> str | None:
        """Whoever was saying something has not answered; who it is, if it is still there and may still be about to."""
        assert self.saying
        said, self.saying = self.saying, None
        if said.hushed or said.speaker not in self._speakers:
            return None
        self._speakers[said.speaker].rests_until = now + REST
        self._owed = [*(until for until in self._owed if until > now), now + REST]
        return said.speaker

    def _until_rested(self, now: float) -> float | None:
        """Seconds until a speaker may be tried again; None when there is none."""
        rests = [one.rests_until - now for one in self._speakers.values() if one.ready]
        return min(rests, default=None)
