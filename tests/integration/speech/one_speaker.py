"""A server with one TV page in the zone: `python one_speaker.py URL FOLDER NAME`.

Prints a line `speak ANNOUNCEMENT SECONDS` when it is given something to say and `spoken ANNOUNCEMENT` when it has said
it, each with the monotonic time in front. It runs until it is killed.
"""

import asyncio
import sys
from pathlib import Path
from time import monotonic

from tests.integration.speech.ears import LENGTH, speech, zones
from tests.support.proxy import until


async def main(url: str, folder: Path) -> None:
    with speech(folder) as short:
        async with zones(url, speech=short) as (zone,):
            ear = zone.ear().ready()
            print(monotonic(), "ready", flush=True)
            for n in range(1000):
                await until(lambda n=n: len(ear.heard) > n, within=600)  # type: ignore[misc]
                print(ear.heard[n].began, "speak", ear.heard[n].announcement, ear.heard[n].seconds, flush=True)
                await until(lambda n=n: ear.heard[n].ended, within=10 * LENGTH)  # type: ignore[misc]
                print(ear.heard[n].ended, "spoken", ear.heard[n].announcement, flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
