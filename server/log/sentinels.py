"""The Sentinels of a log: which machine is its primary now, and which may become it.

All are asked, and a majority must tell: the newest decision counts, and one Sentinel may be cut off from the others or
have forgotten what they know.
"""

import asyncio
import math
from time import monotonic
from typing import Any

from msgspec import Struct
from redis.exceptions import AuthenticationError, ResponseError

from config.sentinel_url import SentinelUrl
from server.log.base import LogUnavailable
from server.log.client import FAILURES, Client, no_retries

LOOK_EVERY = 1.0  # seconds for which what the Sentinels said is believed
ANSWER_WITHIN = 1.0  # seconds

Address = tuple[str, int]


class Refused(LogUnavailable):
    """Most Sentinels do not know the name, or not who asks."""


class View(Struct, frozen=True):
    """What a Sentinel says. epoch: of the decision that made this machine the primary; a greater one is newer. down: it
    does not answer this Sentinel. promotable: the replicas that may be made primary, those that are down included: one
    may come back."""

    primary: Address
    epoch: int
    down: bool
    promotable: frozenset[Address]


class Sentinels:
    def __init__(self, url: SentinelUrl) -> None:
        self.name = url.name
        self._addresses = url.sentinels
        self._clients = [_client(url, host, port) for host, port in url.sentinels]
        self._asking: dict[Client, asyncio.Task[View | str]] = {}
        self._looking: asyncio.Task[View] | None = None
        self._seen = -math.inf

    async def view(self) -> View:
        """What they say, at most LOOK_EVERY old. Raises LogUnavailable, Refused."""
        if self._looking is None or (self._looking.done() and monotonic() > self._seen + LOOK_EVERY):
            self._looking = asyncio.create_task(self._look())
            self._looking.add_done_callback(lambda task: task.cancelled() or task.exception())
        return await asyncio.shield(self._looking)

    async def discover_master(self, _name: str) -> Address:
        """As redis-py's connections to a primary ask for it. Raises LogUnavailable, Refused."""
        return (await self.view()).primary

    def forget(self) -> None:
        """What was seen is not believed any longer."""
        self._seen = -math.inf

    async def aclose(self) -> None:
        tasks = [*self._asking.values(), *([self._looking] if self._looking else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for client in self._clients:
            await client.aclose()

    async def _look(self) -> View:
        """What most of them say: nobody waits for one that takes longer."""
        for client in self._clients:
            if client not in self._asking or self._asking[client].done():
                self._asking[client] = asyncio.create_task(self._ask(client))
        views: list[View] = []
        refusals: list[str] = []
        most = len(self._clients) // 2 + 1
        waiting = set(self._asking.values())
        while waiting and len(views) < most:
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                match task.result():
                    case View() as view:
                        views.append(view)
                    case str(refusal) if refusal:
                        refusals.append(refusal)
        if len(views) >= most:
            self._seen = monotonic()
            return _newest(views)
        if len(refusals) >= most:
            raise Refused(
                f'No Sentinel tells who is the primary of "{self.name}" ({refusals[0]}): correct the name, or user '
                "and password, in ANTREAN_REDIS_URL."
            )
        raise LogUnavailable(
            f"{len(views)} of {len(self._clients)} Sentinels tell who is the primary, {most} must: "
            + "; ".join([", ".join(f"{host}:{port}" for host, port in self._addresses), *refusals])
        )

    async def _ask(self, client: Client) -> View | str:
        """Its view; or why it refuses to tell, "" when it does not answer."""
        try:
            primary, replicas = await client.together(("SENTINEL MASTER", self.name), ("SENTINEL SLAVES", self.name))
        except (ResponseError, AuthenticationError) as refusal:
            return str(refusal)
        except FAILURES:
            return ""
        return View(
            _address(primary),
            primary["config-epoch"],
            primary["is_sdown"],
            frozenset(_address(replica) for replica in replicas if replica["slave-priority"] > 0),
        )


def _newest(views: list[View]) -> View:
    """What those say who know of the newest decision; each may know of a replica that the others forgot.

    While a failover is being finished, the Sentinel that leads it names the old primary, down, with the new epoch.
    """
    newest = max(views, key=lambda view: (view.epoch, not view.down))
    agreeing = [view for view in views if view.primary == newest.primary]
    return View(
        newest.primary,
        newest.epoch,
        all(view.down for view in agreeing),
        frozenset(replica for view in agreeing for replica in view.promotable),
    )


def _address(told: dict[str, Any]) -> Address:
    return told["ip"], told["port"]


def _client(url: SentinelUrl, host: str, port: int) -> Client:
    client = Client(
        host=host,
        port=port,
        username=url.sentinel_username,
        password=url.sentinel_password,
        retry=no_retries(),
        socket_timeout=None,
        protocol=2,
    )
    client.reply_within = ANSWER_WITHIN
    return client
