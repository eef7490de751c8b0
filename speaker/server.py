"""What a loudspeaker asks the server by HTTP: the sites and zones there are, and recordings."""

import json
import time
from collections import OrderedDict
from http.client import HTTPException
from threading import Lock
from typing import Any
from urllib.parse import quote, urlsplit
from urllib.request import ProxyHandler, build_opener

from audio.errors import DamagedAudio
from audio.pcm import Pcm, from_wav
from speaker.errors import Misplaced, Unreachable

PATIENCE = 4.0  # seconds
MOST_BYTES = 16 * 1024 * 1024
KEPT = 32  # recordings: the chime, and what is called again
PAUSE = 0.2  # seconds between two attempts to get a recording

_open = build_opener(ProxyHandler({})).open  # the hall is never behind the proxy of the environment


class Server:
    """The server at `url`. Thread-safe. Misplaced when that is no address."""

    def __init__(self, url: str) -> None:
        self.url = (url if "://" in url else f"http://{url}").rstrip("/")
        self._kept: OrderedDict[str, Pcm] = OrderedDict()
        self._lock = Lock()
        try:
            parts = urlsplit(self.url)
            wrong = parts.scheme not in ("http", "https") or not parts.hostname or (parts.port or 1) < 1
        except ValueError:
            wrong = True
        if wrong or parts.query or parts.fragment:
            raise Misplaced(f'"{url}" bukan alamat server; contoh: http://192.168.1.10:8000 · no address of a server')

    def socket(self, site: str, zone: str) -> str:
        """The address of the zone's speaker."""
        return f"ws{self.url.removeprefix('http')}/ws/sites/{quote(site, safe='')}/speaker/{quote(zone, safe='')}"

    def sites(self) -> list[str]:
        """Raises Unreachable."""
        return [one["id"] for one in self._json("/api/sites")["sites"]]

    def zones(self, site: str) -> list[str]:
        """Raises Unreachable."""
        return [one["id"] for one in self._json(f"/api/sites/{quote(site, safe='')}")["zones"]]

    def clip(self, path: str, within: float) -> Pcm:
        """A recording, whole and undamaged; one path has the same content for ever. Unreachable after `within` s."""
        with self._lock:
            if path in self._kept:
                self._kept.move_to_end(path)
                return self._kept[path]
        limit = time.monotonic() + within
        while True:
            try:
                clip = from_wav(self._get(path, max(0.05, limit - time.monotonic())))
                break
            except (Unreachable, DamagedAudio) as error:
                if time.monotonic() + PAUSE >= limit:
                    raise Unreachable(f"{path}: {error}") from error
            time.sleep(PAUSE)
        with self._lock:
            self._kept[path] = clip
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return clip

    def _json(self, path: str) -> Any:
        try:
            return json.loads(self._get(path, PATIENCE))
        except ValueError as error:
            raise Unreachable(f"{self.url}{path} is no JSON") from error

    def _get(self, path: str, within: float) -> bytes:
        try:
            with _open(self.url + path, timeout=within) as answer:
                found: bytes = answer.read(MOST_BYTES)
                return found
        except (OSError, HTTPException) as error:
            raise Unreachable(str(getattr(error, "reason", None) or error)) from error
