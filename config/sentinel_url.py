"""The address of a log behind Sentinel: redis+sentinel://[user:password@]host:port,host:port,host:port/NAME[/DB][?…]."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote

SCHEME = "redis+sentinel"
EXAMPLE = 'write it like "redis+sentinel://10.0.0.1:26379,10.0.0.2:26379,10.0.0.3:26379/antrean"'
PORT = 26379  # where a Sentinel listens when nothing else is told
OPTIONS = ("sentinel_username", "sentinel_password")

_URL = re.compile(
    rf"{re.escape(SCHEME)}://(?:(?P<username>[^:@/?]*):(?P<password>[^@/?]*)@)?(?P<sentinels>[^@/?#]+)"
    r"/(?P<name>[A-Za-z0-9._-]+)(?:/(?P<db>[0-9]{1,4})?)?(?:\?(?P<options>[^#]*))?"
)
_SENTINEL = re.compile(r"(?P<host>\[[^\]]+\]|[^:\[\]]+)(?::(?P<port>[0-9]{1,5}))?")


@dataclass(frozen=True)
class SentinelUrl:
    """sentinels: host and port of each. name: what they call the primary. username, password: of the servers that keep
    the log; those of the Sentinels themselves come as options, for they are often open."""

    sentinels: tuple[tuple[str, int], ...]
    name: str
    db: int
    username: str | None
    password: str | None
    sentinel_username: str | None
    sentinel_password: str | None


def is_sentinel_url(url: str) -> bool:
    return url.startswith(f"{SCHEME}:")


def parse(url: str) -> SentinelUrl:
    """Raises ValueError with a sentence that repeats nothing of the URL, for it may hold a password."""
    found = _URL.fullmatch(url)
    if not found:
        raise ValueError(f"is no address of Sentinels and the name that they give the primary; {EXAMPLE}")
    options = dict(parse_qsl(found["options"] or "", keep_blank_values=True))
    if not set(options) <= set(OPTIONS):
        raise ValueError(f"has an unknown option behind the question mark; known are {' and '.join(OPTIONS)}")
    sentinels = tuple(map(_sentinel, found["sentinels"].split(",")))
    if len(set(sentinels)) < len(sentinels):
        raise ValueError("names a Sentinel twice; write each once")
    return SentinelUrl(
        sentinels=sentinels,
        name=found["name"],
        db=int(found["db"] or 0),
        username=unquote(found["username"] or "") or None,
        password=unquote(found["password"] or "") or None,
        sentinel_username=options.get("sentinel_username") or None,
        sentinel_password=options.get("sentinel_password") or None,
    )


def _sentinel(text: str) -> tuple[str, int]:
    found = _SENTINEL.fullmatch(text.strip())
    if not found or not 0 < int(found["port"] or PORT) < 65536:
        raise ValueError(f"has no valid host and port; {EXAMPLE}")
    return found["host"].strip("[]"), int(found["port"] or PORT)
