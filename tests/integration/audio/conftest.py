"""Stand-ins of Google's endpoint, and real voices."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from audio.espeak_voice import EspeakVoice
from tests.integration.audio.stand_in import StandIn, running


@pytest.fixture
def google() -> Iterator[StandIn]:
    with running("server.pem") as server:
        yield server


@pytest.fixture
def forged_google() -> Iterator[StandIn]:
    with running("forged.pem") as server:
        yield server


@pytest.fixture
def espeak() -> Iterator[EspeakVoice]:
    voice = EspeakVoice()
    yield voice
    voice.close()
