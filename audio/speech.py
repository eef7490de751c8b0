"""From a call to a sound file with an address.

`utterance` is what a call waits for: it takes clips that are there, or espeak-ng on the spot, and never the
network. `prepare` is what workers do ahead. The address of an utterance is a digest over its clips' digests
(so over texts, voice and settings) and everything done to them: the same call has the same address, and an
utterance upgraded to a better voice has another one, which is why a file can be cached for ever.

A full disk: a file that cannot be kept has no address under which any server process could serve it, so
`utterance` makes room among the old ones, tries again, and then raises SpeechUnavailable: the call is shown,
not spoken. A *phrase* that cannot be kept is no reason to be silent: it is used and forgotten.
"""

from __future__ import annotations

import itertools
import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from audio import chime
from audio.clips import ClipStore, digest_of
from audio.errors import SpeechUnavailable, VoiceUnavailable
from audio.loudness import CEILING, TARGET, level
from audio.pcm import Pcm, seconds
from audio.phrases import Phrase, Utterable, caption, phrases
from audio.silence import join, trim
from audio.voices import Voice, speaking

log = logging.getLogger(__name__)

RENDERING = 2
"""Part of every utterance's digest: raise it when joining or levelling changes."""

GAP, STOP = 0.11, 0.13
"""Seconds of quiet after a phrase, and after one that ends a sentence."""

_SHORTEST = 0.05
_PRUNE_EVERY = 256
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Utterance:
    """Served as /audio/{digest}.wav; `seconds` long; `caption` says it in writing; `voice` spoke it."""

    digest: str
    seconds: float
    caption: str
    voice: str


class Speech:
    """Thread-safe; any number of processes may share one store."""

    def __init__(self, store: ClipStore, voices: list[Voice]) -> None:
        self.store = store
        self.voices = voices
        self._rendered = itertools.count(1)

    def prepare(self, phrase: Phrase) -> bool:
        """Makes the phrase in the best voice that answers, unless it is there. May take seconds.

        True when the first voice that speaks its language has it: nothing is left to do. False: an upgrade is owed.
        SpeechUnavailable when not even a fallback could speak or the clip cannot be kept.
        """
        reason = _nobody((phrase,))
        for rank, voice in enumerate(speaking(self.voices, [phrase.language])):
            digest = self.store.digest(phrase, voice)
            if self.store.read(digest) is None:
                try:
                    self.store.write(digest, _speak(voice, phrase))
                except VoiceUnavailable as error:
                    log.info("voice %s has not made %r: %s", voice.name, phrase.text, error)
                    reason = error.reason
                    continue
                except OSError as error:
                    raise SpeechUnavailable(f"the clip cannot be kept: {error}") from error
            return rank == 0
        raise SpeechUnavailable(reason)

    def utterance(self, what: Utterable) -> Utterance:
        """The whole in one voice that speaks all its languages: the best that has all its clips, else the first that
        speaks on the spot.

        SpeechUnavailable when there is none, or the file cannot be kept. ValueError as `audio.phrases.phrases`.
        """
        parts, words = phrases(what), caption(what)
        voices = speaking(self.voices, (part.language for part in parts))
        for voice in voices:
            found = self._from_store(voice, parts, words)
            if found is not None:
                return found
        reason = "no voice speaks on the spot" if voices else _nobody(parts)
        for voice in voices:
            if voice.on_the_spot:
                try:
                    clips = {part: self._on_the_spot(voice, part) for part in dict.fromkeys(parts)}
                except VoiceUnavailable as error:
                    log.warning("voice %s cannot speak: %s", voice.name, error)
                    reason = error.reason
                    continue
                return self._render(voice, parts, clips, words)
        raise SpeechUnavailable(reason)

    def chime(self) -> Utterance:
        """The bell before an utterance."""
        digest = digest_of("chime", RENDERING, chime.SETTINGS, chime.LOUDEST)
        pcm = self.store.utterances.read(digest)
        if pcm is None:
            pcm = chime.chime()
            self._keep(digest, pcm)
        return Utterance(digest, seconds(pcm), "", "chime")

    def wav(self, digest: str) -> Path | None:
        """The file behind an address; None for anything that is not the digest of an utterance we have."""
        if not _DIGEST.fullmatch(digest) or not self.store.utterances.has(digest):
            return None
        return self.store.utterances.path(digest)

    def close(self) -> None:
        """Ends the voices' helper processes. A forked RQ job calls it last, so that none is left a zombie."""
        for voice in self.voices:
            voice.close()

    def _from_store(self, voice: Voice, parts: tuple[Phrase, ...], words: str) -> Utterance | None:
        digest = self._digest(voice, parts)
        pcm = self.store.utterances.read(digest)
        if pcm is not None:
            return Utterance(digest, seconds(pcm), words, voice.name)
        clips: dict[Phrase, Pcm] = {}
        for part in dict.fromkeys(parts):
            clip = self.store.read(self.store.digest(part, voice))
            if clip is None:
                return None
            clips[part] = clip
        return self._render(voice, parts, clips, words)

    def _on_the_spot(self, voice: Voice, part: Phrase) -> Pcm:
        digest = self.store.digest(part, voice)
        clip = self.store.read(digest)
        if clip is None:
            clip = _speak(voice, part)
            try:
                self.store.write(digest, clip)
            except OSError as error:
                log.warning("a clip cannot be kept: %s", error)
        return clip

    def _render(self, voice: Voice, parts: tuple[Phrase, ...], clips: dict[Phrase, Pcm], words: str) -> Utterance:
        pauses = [STOP if part.final else GAP for part in parts]
        pcm = level(join([clips[part] for part in parts], pauses))
        digest = self._digest(voice, parts)
        self._keep(digest, pcm)
        return Utterance(digest, seconds(pcm), words, voice.name)

    def _digest(self, voice: Voice, parts: tuple[Phrase, ...]) -> str:
        clips = [self.store.digest(part, voice) for part in parts]
        return digest_of("utterance", RENDERING, TARGET, CEILING, GAP, STOP, clips)

    def _keep(self, digest: str, pcm: Pcm) -> None:
        if next(self._rendered) % _PRUNE_EVERY == 0:
            self.store.prune_utterances()
        try:
            self.store.utterances.write(digest, pcm)
        except OSError as full:
            log.warning("making room: %s", full)
            self.store.utterances.prune(keep_days=0, max_bytes=0)
            try:
                self.store.utterances.write(digest, pcm)
            except OSError as error:
                raise SpeechUnavailable(f"the utterance cannot be kept: {error}") from error


def _nobody(parts: Iterable[Phrase]) -> str:
    return f"no voice speaks {' and '.join(sorted({part.language for part in parts}))}"


def _speak(voice: Voice, phrase: Phrase) -> Pcm:
    clip = trim(voice.synthesise(phrase.text, phrase.language))
    if seconds(clip) < _SHORTEST:
        raise VoiceUnavailable(f"{voice.name} made no sound for {phrase.text!r}")
    return clip
