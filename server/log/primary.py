"""Where a log is kept: one server alone, or the primary that the Sentinels name; and what makes its answers sure.

A primary may be replaced at any moment, and a replaced one that was only cut off goes on answering for a while. What
it says counts when every machine that could have replaced it says that it has got so far and still follows: each batch
of commands ends, on the same connection, with a write of its own and WAITAOF for all promotable replicas, those that
are down included. WAITAOF counts replicas without naming them, so that one which may never be promoted could stand in
for one that may: all that hang on the primary must have it, too. Where one is missing, or where there is none at all
(the Sentinels that tell so may have forgotten them), nothing is sure.

WAITAOF asks the replicas at once, and a replica names what it has on its disk before it syncs what it just got; it
tells the rest by itself, but a second later. So WAIT goes before it: that answer leaves a replica after the sync, and
WAITAOF asks once more. With Valkey 9.1 on one machine a write is sure after 0.9 ms; without WAIT, after 1 s.
"""

from collections.abc import Sequence
from typing import Any, cast

from redis.asyncio.sentinel import SentinelConnectionPool
from redis.exceptions import NoScriptError

from config.sentinel_url import SentinelUrl, is_sentinel_url, parse
from server.log.base import LogUnavailable
from server.log.client import FAILURES, Client, no_retries
from server.log.sentinels import Address, Sentinels

FENCE = "antrean:fence"  # the key that is written so that WAITAOF waits, even if nothing else was
RECEIVED_WITHIN, KEPT_WITHIN = 1.0, 1.5  # seconds; together less than a reply may take: what is missing is to be told


def connect(url: str, reply_within: float) -> Client:
    """A client of the server or of the Sentinels' primary. Its answers are sure from `Client.sure` alone."""
    how: Any = {"retry": no_retries(), "socket_timeout": None, "protocol": 2}
    client: Any = PrimaryClient(parse(url)) if is_sentinel_url(url) else Client.from_url(url, **how)
    client.reply_within = reply_within
    return cast(Client, client)


class PrimaryClient(Client):
    """Follows the primary from machine to machine. Every method may also raise LogUnavailable, when the Sentinels do not
    tell who it is.

    checked: the replicas that were found to keep what they confirm, as long as they follow (server/log/safety.py).
    """

    def __init__(self, where: SentinelUrl) -> None:
        self._sentinels = Sentinels(where)
        self._login: dict[str, Any] = {"db": where.db, "username": where.username, "password": where.password}
        pool: Any = SentinelConnectionPool  # untyped in redis-py
        how = {"retry": no_retries(), "socket_timeout": None, "protocol": 2, **self._login}
        super().__init__(connection_pool=pool(where.name, self._sentinels, **how))
        self.auto_close_connection_pool = True
        self.checked: set[Address] = set()
        self._primary: Address | None = None
        self._attached: frozenset[Address] = frozenset()

    async def sure(self, *commands: Sequence[Any]) -> list[Any]:
        """Raises LogUnavailable when a machine that may become primary does not confirm it; then nobody knows what of
        it will be kept."""
        view = await self._sentinels.view()
        if view.down:
            self._sentinels.forget()
            raise LogUnavailable(f"the primary {named(view.primary)} is down, and no other has been made primary yet")
        if self._primary != view.primary:
            before, self._primary, self._attached = self._primary, view.primary, frozenset()
            if before:
                await self._let_go()
        wanted = max(1, len(view.promotable | self._attached))
        received, kept = ("WAIT", wanted, _ms(RECEIVED_WITHIN)), ("WAITAOF", 1, wanted, _ms(KEPT_WITHIN))
        try:
            *replies, _, _, (here, elsewhere), role = await self.together(
                *commands, ("SET", FENCE, ""), received, kept, ("ROLE",)
            )
        except NoScriptError:
            raise
        except FAILURES:
            self._sentinels.forget()
            await self._let_go()
            raise
        self._attached = _replicas(role)
        needed = view.promotable | self._attached
        if here < 1 or elsewhere < max(1, len(needed)):
            self._sentinels.forget()
            await self._let_go()
            away = ", ".join(map(named, sorted(needed - self._attached)))
            raise LogUnavailable(
                f"{elsewhere} of {len(needed)} replicas confirm what is written"
                + (f"; {away} does not follow the primary {named(view.primary)}" if away else "")
                + ("" if needed else f"; the primary {named(view.primary)} has none")
            )
        return replies

    async def replicas(self) -> frozenset[Address]:
        """Those that follow the primary now."""
        return _replicas(await self.execute_command("ROLE"))

    def beside(self, machine: Address) -> Client:
        """A client of another machine of the same Sentinels."""
        host, port = machine
        client = Client(host=host, port=port, retry=no_retries(), socket_timeout=None, protocol=2, **self._login)
        client.reply_within = self.reply_within
        return client

    async def aclose(self, *args: Any, **options: Any) -> None:
        await super().aclose(*args, **options)
        await self._sentinels.aclose()

    async def _let_go(self) -> None:
        """No connection is used again; those in use end with what they do now."""
        pool: Any = self.connection_pool
        await pool.update_active_connections_for_reconnect()
        await pool.disconnect(inuse_connections=False)


def named(machine: Address) -> str:
    host, port = machine
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _replicas(role: list[Any]) -> frozenset[Address]:
    """Of ROLE's answer on a primary; on a replica, that has become one meanwhile, none."""
    return frozenset((host.decode(), int(port)) for host, port, _ in role[2]) if role[0] == b"master" else frozenset()
