"""The jobs, as RQ calls them: in a process of their own, with JSON values, as often as it takes.

A worker has loaded this module when it forks, so a job need not load what it uses.
"""

import asyncio
from collections.abc import Callable

from audio.clips import ClipStore
from audio.phrases import Phrase
from audio.speech import Speech
from audio.voices import make_voices
from config.settings import Settings, load_settings
from server.history.engine import connect
from server.history.record import catch_up
from server.log.redis_log import RedisLog


def make_clip(digest: str, text: str) -> None:
    """Have the phrase said by the best voice that answers. digest: of its clip in the first voice."""
    settings = load_settings()
    store = ClipStore(settings.clips)
    if store.read(digest) is not None:
        return
    speech = Speech(store, make_voices(settings.voices, settings.clips))
    try:
        speech.prepare(Phrase(text, final=text.endswith(".")))
    finally:
        speech.close()


def record(site: str) -> None:
    """Bring the history of the site up to the end of its log."""
    asyncio.run(_record(site, load_settings()))


async def _record(site: str, settings: Settings) -> None:
    assert settings.redis_url
    engine = connect(settings.database)
    log = RedisLog(site, settings.redis_url)
    try:
        await catch_up(engine, log)
    finally:
        await log.aclose()
        engine.dispose()


JOBS: dict[str, Callable[..., None]] = {"voice": make_clip, "metrics": record}
