"""Google's voices through the gTTS package: better than espeak-ng, and never in the way of a call.

gTTS builds the request; we send it. The package itself sends with `verify=False` and no time-out. Here TLS is
verified, every wait is bounded, the size of an answer too, redirects are refusals, and `Pace` keeps the
requests apart and leaves the service alone after failures. One connection a request: nothing to share over
a fork.
"""

from __future__ import annotations

import base64
import binascii
import re
import time
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import numpy as np
import requests
from gtts import gTTS
from urllib3.exceptions import HTTPError

from audio import mp3
from audio.errors import DamagedAudio, VoiceUnavailable
from audio.pace import REFUSED, UNREACHABLE, Pace, Rest
from audio.pcm import Pcm
from audio.phrases import Language

LANGUAGES: tuple[Language, ...] = ("id", "en")

_SOUND = re.compile(rb'jQ1olc","\[\\"([^"\\]*)\\"\]')
_LARGEST_ANSWER = 4 << 20


class GttsVoice:
    """`base_url` and `ca` (a PEM file) are for a stand-in of the service; times in seconds.

    `connect` and `read` bound one wait for the network, `whole` bounds a request from first to last byte.
    """

    name = "gtts"
    local = False
    on_the_spot = False

    def __init__(
        self,
        pace: Pace,
        *,
        base_url: str = "https://translate.google.com",
        ca: Path | None = None,
        connect: float = 3.0,
        read: float = 6.0,
        whole: float = 12.0,
    ) -> None:
        self._pace = pace
        self._base = urlsplit(base_url)
        self._ca = ca
        self._timeout = (connect, read)
        self._whole = whole

    def speaks(self, language: Language) -> bool:
        return language in LANGUAGES

    def settings(self, language: Language) -> str:
        return f"lang={language} tld=com"

    def trouble(self) -> VoiceUnavailable | None:
        return self._pace.resting()

    def synthesise(self, text: str, language: Language) -> Pcm:
        """Raw speech at RATE. VoiceUnavailable, at once while resting after failures."""
        try:
            asked = gTTS(text, lang=language, lang_check=False)._prepare_requests()
        except AssertionError as error:
            raise VoiceUnavailable(f"nothing to say in {text!r}") from error
        return np.concatenate([self._ask(request) for request in asked])

    def close(self) -> None:
        """Nothing stays open between requests."""

    def _ask(self, request: requests.PreparedRequest) -> Pcm:
        self._pace.turn(sum(self._timeout) + self._whole)
        try:
            return self._answer(request)
        except _Failure as failure:
            rest = self._pace.failed(failure.rest, failure.retry_after)
            raise VoiceUnavailable(f"gTTS: {failure}", rest) from failure
        except (OSError, HTTPError, DamagedAudio, binascii.Error) as error:
            # OSError: every error of requests, and a CA file that is not there. HTTPError: a broken body.
            rest = self._pace.failed(UNREACHABLE)
            raise VoiceUnavailable(f"gTTS: {type(error).__name__}: {error}", rest) from error

    def _answer(self, request: requests.PreparedRequest) -> Pcm:
        assert request.url is not None
        url = urlsplit(request.url)._replace(scheme=self._base.scheme, netloc=self._base.netloc)
        request.url = urlunsplit(url)
        ends = time.monotonic() + self._whole
        with requests.Session() as session:
            options = session.merge_environment_settings(
                request.url, {}, stream=True, verify=str(self._ca) if self._ca else True, cert=None
            )
            with session.send(request, timeout=self._timeout, allow_redirects=False, **options) as response:
                _check_status(response)
                content = _read(response, ends)
        found = _SOUND.search(content)
        if found is None:
            raise _Failure("no sound in the answer", UNREACHABLE)
        sound = mp3.decode(base64.b64decode(found[1], validate=True))
        self._pace.answered()
        return sound


class _Failure(Exception):
    def __init__(self, reason: str, rest: Rest, retry_after: float = 0.0) -> None:
        super().__init__(reason)
        self.rest = rest
        self.retry_after = retry_after


def _check_status(response: requests.Response) -> None:
    if response.status_code == 200:
        return
    after = response.headers.get("Retry-After", "")
    seconds = float(after) if after.isascii() and after.isdigit() and len(after) < 7 else 0.0
    rest = UNREACHABLE if response.status_code >= 500 else REFUSED
    raise _Failure(f"status {response.status_code}", rest, seconds)


def _read(response: requests.Response, ends: float) -> bytes:
    """What has come, piece by piece: asking for a fixed amount would let a dripping answer hold us."""
    content = bytearray()
    while part := response.raw.read1(1 << 14, decode_content=True):
        content += part
        if len(content) > _LARGEST_ANSWER:
            raise _Failure("an endless answer", UNREACHABLE)
        if time.monotonic() > ends:
            raise _Failure("the answer took too long", UNREACHABLE)
    return bytes(content)
