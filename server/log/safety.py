"""Whether a server keeps what it acknowledges, and what mends it when it does not."""

from contextlib import aclosing, suppress

from redis.exceptions import AuthenticationError, ResponseError

from server.log.base import LogUnavailable, LogUnsafe
from server.log.client import FAILURES, Client
from server.log.primary import PrimaryClient, named
from server.log.sentinels import Refused

OLDEST_REDIS = (7, 2)
SAFE = {  # what a server needs to keep what it acknowledges
    "appendonly": "yes",
    "appendfsync": "always",
    "no-appendfsync-on-rewrite": "no",
    "maxmemory-policy": "noeviction",
}


async def must_be_safe(client: Client) -> None:
    """Raises LogUnsafe when this server, or a replica that follows it, may forget what it acknowledges, or when the
    Sentinels refuse to tell who the server is; LogUnavailable when it does not answer. A replica is asked once, as long
    as it follows; one that does not answer is passed over: WAITAOF tells what it keeps."""
    try:
        await _check(client, "This Redis")
        if isinstance(client, PrimaryClient):
            client.checked &= (replicas := await client.replicas())
            for address in replicas - client.checked:
                async with aclosing(client.beside(address)) as replica:
                    with suppress(*FAILURES):
                        await _check(replica, f"The replica {named(address)}")
                        client.checked.add(address)
    except Refused as refusal:
        raise LogUnsafe(str(refusal)) from refusal
    except FAILURES as error:
        raise LogUnavailable(str(error)) from error


async def _check(client: Client, name: str) -> None:
    try:
        config, info = await client.together(("CONFIG GET", *SAFE), ("INFO", "server"))
    except (ResponseError, AuthenticationError) as error:
        raise LogUnsafe(
            f"{name} does not tell whether it keeps what it acknowledges ({error}): correct the user and "
            "password in ANTREAN_REDIS_URL, and allow that user CONFIG GET and INFO."
        ) from error
    needed = [f"{key} {value}" for key, value in SAFE.items() if config.get(key) != value]
    if needed:
        raise LogUnsafe(
            f"{name} may forget what it acknowledged: start it with "
            + " and ".join(f"`{setting}`" for setting in needed)
            + ", or on a running one: "
            + "".join(f"CONFIG SET {setting}; " for setting in needed)
            + "CONFIG REWRITE."
        )
    version = info["redis_version"]
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST_REDIS:
        raise LogUnsafe(f"{name} is of version {version}, too old: Redis 7.2 or Valkey 8 and later keep this log.")
