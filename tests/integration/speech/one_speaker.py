"""A server with one TV page in the zone: `python one_speaker.py URL FOLDER NAME`.

Prints a line `speak ANNOUNCEMENT OVER` when it is given something to say and `spoken ANNOUNCEMENT` when it has said it,
each with the monotonic time in front. Of all pages with this folder, the first that is given a second thing to say never
says that it did, so that there is time to kill it in mid-word. It runs until it is killed.
"""

import asyncio
import sys
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any

from tests.integration.speech.ears import Ear, speech, zones
from tests.support.patience import wait_long
from tests.support.proxy import until


class Page(Ear):
    folder: Path

    async def _hear(self, message: dict[str, Any]) -> None:
        if len(self.heard) == 1:
            with suppress(FileExistsError):
                (self.folder / "silent").touch(exist_ok=False)
                self.plays = False
        await super()._hear(message)


async def main(url: str, folder: Path) -> None:
    with speech(folder) as short:
        async with zones(url, speech=short) as (zone,):
            ear = Page(zone.loudspeaker)
            ear.folder = folder
            ear.ready()
            print(monotonic(), "ready", flush=True)
            for n in range(1000):
                await tell(ear, n)


async def tell(ear: Ear, n: int) -> None:
    """Print when the utterance `n` began and when it ended."""
    await until(lambda: len(ear.heard) > n, within=600)
    heard = ear.heard[n]
    print(heard.began, "speak", heard.announcement, heard.over, flush=True)
    await until(lambda: heard.ended, within=600)
    print(heard.ended, "spoken", heard.announcement, flush=True)


if __name__ == "__main__":
    wait_long()
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
