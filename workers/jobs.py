"""The jobs, as RQ calls them: in a process of their own, with JSON values, as often as it takes.

A worker has loaded this module when it forks, so a job need not load what it uses.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from audio.clips import ClipStore
from audio.phrases import Language, Phrase
from audio.speech import Speech
from audio.voices import make_voices
from config.settings import Settings, load_settings
from server.history.engine import connect
from server.history.record import catch_up
from server.history.trimming import trim
from server.log.redis_log import RedisLog

A_STRETCH = 20.0  # seconds after which a long history is left to the next offer, so that nobody waits for it


def make_clip(text: str, language: Language) -> None:
    """Have the phrase said by the best voice that answers."""
    settings = load_settings()
    voices = make_voices(settings.voices, settings.clips, settings.piper_model)
    speech = Speech(ClipStore(settings.clips), voices)
    try:
        speech.prepare(Phrase(text, not text.endswith(","), language))
    finally:
        speech.close()


def record(site: str) -> None:
    """Bring the history of the site up to the end of its log, as far as that goes in one stretch, and trim the log."""
    asyncio.run(_record(site, load_settings()))


async def _record(site: str, settings: Settings) -> None:
    assert settings.redis_url
    engine = connect(settings.database)
    log = RedisLog(site, settings.redis_url)
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(A_STRETCH):
                await catch_up(engine, log)
                await trim(engine, log)
    finally:
        await log.aclose()
        engine.dispose()


JOBS: dict[str, Callable[..., None]] = {"voice": make_clip, "metrics": record}
