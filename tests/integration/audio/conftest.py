"""Stand-ins of Google's endpoint, and real voices."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from audio.espeak_voice import EspeakVoice
from audio.piper_voice import PiperVoice
from tests.integration.audio.piper_model import build
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


@pytest.fixture
def piper(tmp_path: Path) -> Iterator[PiperVoice]:
    """Speaks Indonesian and English."""
    voice = PiperVoice({"id": build(tmp_path, "id"), "en": build(tmp_path, "en-us")})
    yield voice
    voice.close()
