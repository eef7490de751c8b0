"""Which phrases still lack their clip, and which of them to offer to the workers now."""

from collections import defaultdict
from collections.abc import Iterable

from audio.clips import ClipStore
from audio.phrases import Language, Phrase
from audio.voices import Voice, speaking


class Clips:
    """All phrases known so far, and what is to be done about their clips.

    missing: no voice has said it. owed by a voice: neither it nor a better one has said it. What is missing is offered
    again in every round if some voice needs no network for it. What is owed by a voice that is silent (no internet, a
    broken model) would be asked for in vain: until one of it gets done, one is tried in each round, another each time.
    """

    def __init__(self, store: ClipStore, voices: list[Voice]) -> None:
        self._store, self._voices = store, voices
        self._known: dict[tuple[Language, str], Phrase] = {}
        self._owed: dict[str, set[Phrase]] = {}
        self._rounds = 0

    def learn(self, phrases: Iterable[Phrase]) -> list[Phrase]:
        """Those that were not known and are missing."""
        spoken = {(phrase.language, phrase.text): phrase for phrase in phrases}
        new = {key: phrase for key, phrase in spoken.items() if key not in self._known}
        self._known |= new
        return [phrase for phrase in new.values() if self._is_missing(phrase)]

    def due(self) -> list[Phrase]:
        """What to offer now, asked every few seconds: what is missing first. A clip that was lost is found again."""
        self._rounds += 1
        offered = {phrase: None for phrase in self._known.values() if self._is_missing(phrase)}
        owed = self._now_owed()
        for voice, rest in owed.items():
            some_got_done = bool(self._owed.get(voice, set()) - set(rest))
            offered |= dict.fromkeys(rest if some_got_done else [rest[self._rounds % len(rest)]])
        self._owed = {voice: set(rest) for voice, rest in owed.items()}
        return list(offered)

    def tidy(self, sayable: Iterable[Phrase]) -> int:
        """Removes, and forgets, the clips of what no site can say any more and nobody has said for days; how many.

        In a thread of its own, while others are learnt."""
        wanted = {self._store.digest(p, voice) for p in sayable for voice in speaking(self._voices, [p.language])}
        said = {key for key, phrase in list(self._known.items()) if self._is_said(phrase)}
        removed = self._store.prune_phrases(wanted)
        for key in said:
            if not self._is_said(self._known[key]):
                del self._known[key]
        return removed

    def digest(self, phrase: Phrase) -> str:
        """Of its clip in the first voice that speaks its language; "" when none does."""
        voices = speaking(self._voices, [phrase.language])
        return self._store.digest(phrase, voices[0]) if voices else ""

    def _now_owed(self) -> dict[str, list[Phrase]]:
        owed = defaultdict[str, list[Phrase]](list)
        for phrase in self._known.values():
            for voice in speaking(self._voices, [phrase.language]):
                if self._has(phrase, voice):
                    break
                owed[voice.name].append(phrase)
        return owed

    def _is_missing(self, phrase: Phrase) -> bool:
        voices = speaking(self._voices, [phrase.language])
        return any(voice.local for voice in voices) and not self._is_said(phrase)

    def _is_said(self, phrase: Phrase) -> bool:
        return any(self._has(phrase, voice) for voice in speaking(self._voices, [phrase.language]))

    def _has(self, phrase: Phrase, voice: Voice) -> bool:
        return self._store.has(self._store.digest(phrase, voice))
