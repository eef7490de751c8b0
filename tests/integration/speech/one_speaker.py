"""A server with one TV page in the zone: `python one_speaker.py URL FOLDER NAME`.

Prints a line `speak ANNOUNCEMENT SECONDS` when it is given something to say and `spoken ANNOUNCEMENT` when it has said
it, each with the monotonic time in front. It runs until it is killed.
"""

import asyncio
import sys
from pathlib import Path
from time import monotonic

from tests.integration.speech.ears import LENGTH, Ear, speech, zones
from tests.support.proxy import until


async def main(url: str, folder: Path) -> None:
    with speech(folder) as short:
        async with zones(url, speech=short) as (zone,):
            ear = zone.ear().ready()
            print(monotonic(), "ready", flush=True)
            for n in range(1000):
                await tell(ear, n)


async def tell(ear: Ear, n: int) -> None:
    """Print when the utterance `n` began and when it ended."""
    await until(lambda: len(ear.heard) > n, within=600)
    heard = ear.heard[n]
    print(heard.began, "speak", heard.announcement, heard.seconds, flush=True)
    await until(lambda: heard.ended, within=10 * LENGTH)
    print(heard.ended, "spoken", heard.announcement, flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
