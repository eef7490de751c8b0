"""What may stand in a variable of the environment: each function mends a value or refuses it.

Messages never repeat a value that may hold a password.
"""

import json
import os
import re
from importlib.metadata import PackageNotFoundError, version
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from config import sentinel_url
from config.address import in_url
from config.errors import did_you_mean, shown
from config.site import mistake, unprintable

VOICES = ("gtts", "piper", "espeak")
LANGUAGES = ("id", "en")
HOSTNAME = re.compile(r"(?=.{1,253}$)[A-Za-z0-9][A-Za-z0-9_-]{0,62}(\.[A-Za-z0-9_-]{1,63})*")
REDIS_SCHEMES = ("redis", "rediss", "unix")
LONGEST = 2000


def printable(value: str) -> str:
    if len(value) > LONGEST:
        raise mistake(f"is {len(value)} characters long; shorten it to at most {LONGEST}")
    if bad := unprintable(value):
        raise mistake(f"contains the control character {shown(bad)[1:-1]}; remove it")
    return value


def listed(value: Any) -> Any:
    """Comma-separated text as a tuple, without empty parts."""
    if not isinstance(value, str):
        return value
    return tuple(part.strip() for part in printable(value).split(",") if part.strip())


def host(value: str) -> str:
    try:
        return str(ip_address(value))
    except ValueError:
        if HOSTNAME.fullmatch(value) and not re.fullmatch(r"[0-9.]+", value):
            return value
    raise mistake(f'{shown(value)} is no address; write an IP address or a host name alone, like "0.0.0.0"')


def origin(value: str) -> str:
    """scheme://host[:port] as browsers send it: small letters, no default port, no slash at the end."""
    example = 'write it like "https://antrean.example.go.id" or "http://192.168.1.5:8000"'
    try:
        url = urlsplit(printable(value))
        port = url.port
    except ValueError:
        raise mistake(f"{shown(value)} is no web address; {example}") from None
    if "@" in url.netloc:
        raise mistake(f"holds a name or password; {example}")
    if url.scheme not in ("http", "https") or not url.hostname or not _is_host(url.hostname):
        raise mistake(f"{shown(value)} is no web address; {example}")
    if url.path not in ("", "/") or url.query or url.fragment:
        raise mistake(f"{shown(value)} has more than scheme, host and port; {example}")
    default = {"http": 80, "https": 443}[url.scheme]
    return f"{url.scheme}://{in_url(url.hostname)}" + (f":{port}" if port not in (None, default) else "")


def _is_host(value: str) -> bool:
    try:
        host(value)
    except ValueError:
        return False
    return True


def absolute(value: Path) -> Path:
    printable(str(value))
    return Path(os.path.abspath(os.path.expanduser(value)))


def data(value: Path) -> Path:
    path = absolute(value)
    there = next(p for p in (path, *path.parents) if os.path.exists(p))
    if not os.path.isdir(there):
        raise mistake(f"{there} is not a folder; name a folder, it is made when missing")
    if not os.access(there, os.W_OK | os.X_OK):
        raise mistake(f"{there} may not be written to; name a folder that this user may write to")
    return path


def voice(value: str) -> str:
    if value not in VOICES:
        raise mistake(f"unknown voice {shown(value)}; {did_you_mean(value, VOICES)}")
    return value


def no_voice_twice(value: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(value)) < len(value):
        raise mistake("names a voice twice; write each once, the best first")
    return value


def piper_models(value: Any) -> Any:
    """{language: model file} of Piper's models; the language is that of the description beside each."""
    if not isinstance(value, str):
        return value
    try:
        version("piper-tts")
    except PackageNotFoundError:
        raise mistake("needs the package piper-tts; install it with: make piper") from None
    models: dict[str, Path] = {}
    for name in listed(value):
        model = absolute(Path(name))
        language = _language_of(model)
        if language in models:
            raise mistake(f"names two models that speak {language}: {models[language]} and {model}; keep one of them")
        models[language] = model
    return models


def _language_of(model: Path) -> str:
    described = model.with_name(f"{model.name}.json")
    for file in (model, described):
        if not file.is_file() or not os.access(file, os.R_OK):
            raise mistake(
                f"{file} is no file that can be read; a Piper voice is two files, NAME.onnx and NAME.onnx.json"
            )
    try:
        found = str(json.loads(described.read_bytes())["espeak"]["voice"])
    except (ValueError, KeyError, TypeError):
        raise mistake(f"{described} describes no Piper voice (no espeak.voice in it); fetch it again") from None
    language = found.partition("-")[0]
    if language not in LANGUAGES:
        raise mistake(f"{model} speaks {shown(found)}; write a model that speaks {' or '.join(LANGUAGES)}")
    return language


def some(value: tuple[Any, ...], what: str) -> tuple[Any, ...]:
    if not value:
        raise mistake(f"is empty; name at least one {what}, or leave the variable out")
    return value


def redis(value: str) -> str:
    example = 'write "redis://host:6379/0" or "unix:///run/redis.sock"'
    if sentinel_url.is_sentinel_url(printable(value)):
        return _behind_sentinel(value)
    url = _parts(value, example)
    if url.scheme not in REDIS_SCHEMES:
        raise mistake(f"has the unknown scheme {shown(url.scheme)}; {example}")
    if url.scheme == "unix":
        if not url.path.startswith("/"):
            raise mistake(f"has no socket path; {example}")
    else:
        _parts(value, example, need_host=True)
    return value


def _behind_sentinel(value: str) -> str:
    try:
        sentinels = sentinel_url.parse(value).sentinels
    except ValueError as error:
        raise mistake(str(error)) from None
    if not all(_is_host(host) for host, _ in sentinels):
        raise mistake(f"has no valid host and port; {sentinel_url.EXAMPLE}")
    return value


def _parts(value: str, example: str, *, need_host: bool = False) -> SplitResult:
    try:
        url = urlsplit(printable(value))
        if not need_host or (url.hostname and _is_host(url.hostname) and url.port != 0):
            return url
    except ValueError:
        pass
    raise mistake(f"has no valid host and port; {example}")


def database(value: str) -> str:
    example = 'write "postgresql://user:password@host/antrean" or "sqlite:////srv/antrean/history.sqlite3"'
    try:
        url = make_url(printable(value))
    except (ArgumentError, ValueError):
        raise mistake(f"is no database URL; {example}") from None
    match url.drivername:
        case "sqlite" | "sqlite+pysqlite":
            if not url.database or url.database.startswith((":memory:", "file:")):
                raise mistake(f"names no file (memory is not shared between processes); {example}")
            return rendered(url.set(drivername="sqlite", database=os.path.abspath(url.database)))
        case "postgresql" | "postgres" | "postgresql+psycopg":
            if not url.database:
                raise mistake(f"names no database; {example}")
            return rendered(url.set(drivername="postgresql+psycopg"))
    raise mistake(f"is for {shown(url.drivername)}, which is not supported; {example}")


def sqlite(file: Path) -> str:
    return rendered(URL.create("sqlite", database=str(file)))


def rendered(url: URL) -> str:
    return url.render_as_string(hide_password=False)
