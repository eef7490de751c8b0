"""A server process as far as its hall is concerned: `python one_process.py URL NAME`, told on stdin what to do.

`go`: its clients begin. A number: the seq at which the log ends; it answers with what it knows and ends. What it says
on stdout: `ready`, `done`, then one line: a pickle of (Asked of every command, state, times it faltered), in base64.
"""

import asyncio
import base64
import pickle
import random
import sys
import time

from server.domain import commands as c
from server.domain.errors import NotAllowedNow
from server.log.redis_log import RedisLog
from tests.support.halls import Asked, ask, living
from tests.support.patience import wait_long
from tests.support.proxy import until
from tests.unit.domain.builders import SITE

COUNTERS = ("satu", "dua", "tiga")
CLIENTS, ROUNDS, SHARED = 25, 6, 40


async def main(url: str, name: str) -> None:
    chance = random.Random(name)
    asked: list[Asked] = []
    faltered = 0
    async with living(RedisLog(SITE.id, url)) as hall:

        async def timed(kind: type[c.Command], key: str, first: bool = True, **fields: str) -> Asked:
            sent = time.monotonic()
            answer = await ask(hall, kind, key, **fields)
            number = answer.ticket.number if answer.ticket else None
            asked.append(
                Asked(
                    key,
                    sent,
                    time.monotonic(),
                    answer.seq,
                    number,
                    kind.__name__,
                    answer.counter.id if answer.counter else None,
                    first,
                )
            )
            return asked[-1]

        async def visitor(n: int) -> None:
            for m in range(ROUNDS):
                service = chance.choice(("paspor", "ganti", "npwp", "spt"))
                await timed(c.IssueTicket, f"{name}-{n}-{m}", ticket=f"{name}-{n}-{m}", service=service)

        async def repeater(n: int) -> None:
            """Both processes issue under these keys, at about the same time."""
            key = f"shared-{n}"
            await timed(c.IssueTicket, key, first=False, ticket=f"{name}-{key}", service="paspor")

        async def operator(counter: str) -> None:
            """Works at a counter at which an operator of the other process works too."""
            await ask(hall, c.OpenCounter, counter=counter)
            for m in range(25):
                await timed(c.CallNext, f"{name}-{counter}-{m}", counter=counter)
                for kind in (c.Start, c.Finish):
                    try:
                        await ask(hall, kind, counter=counter)
                    except NotAllowedNow:
                        continue

        def watch() -> None:
            nonlocal faltered
            faltered += not hall.available

        hall.watch(watch)
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        await asyncio.gather(*map(visitor, range(CLIENTS)), *map(repeater, range(SHARED)), *map(operator, COUNTERS))
        print("done", flush=True)
        end = int(await asyncio.to_thread(sys.stdin.readline))
        await until(lambda: hall.confirmed.seq == end)
        print(base64.b64encode(pickle.dumps((asked, hall.confirmed, faltered))).decode(), flush=True)


if __name__ == "__main__":
    wait_long()
    asyncio.run(main(*sys.argv[1:]))
