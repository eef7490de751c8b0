"""Many TVs in a process of their own: connects so many to one address, and prints the lowest seq shown whenever it rises.

crowd.py URL NUMBER
"""

import asyncio
import json
import sys

from websockets.asyncio.client import connect


async def main(url: str, number: int) -> None:
    shown = [0] * number

    async def tv(place: int) -> None:
        async with connect(url, compression=None, proxy=None, max_queue=2, ping_interval=None) as socket:
            async for frame in socket:
                lowest = min(shown)
                shown[place] = json.loads(frame)["seq"]
                if min(shown) > lowest:
                    print(min(shown), flush=True)

    await asyncio.gather(*map(tv, range(number)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
