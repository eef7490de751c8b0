"""Two servers and loudspeakers in processes of their own, killed in the midst of a word: said in order, one at a time."""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from secrets import token_hex

import httpx
import pytest

from server.domain.turns import BEAT, SETTLE, SLACK
from server.host.valkey import Valkey
from tests.integration.web.house import PATIENT, Api, Server, eventually, make_tokens, write_site
from tests.integration.web.test_notices import notice_on
from tests.processes import CHECKOUT, free_port

EXACT = 0.01  # seconds by which two servers' clocks may differ here


@dataclass
class Word:
    """What a voice was given. given: when, by its server's clock. ended: when it had said it, if it did."""

    voice: str
    announcement: int
    began: float
    seconds: float
    given: float
    ended: float | None = None


class Stage:
    """Two servers of one hall, and the voices of one zone of it."""

    def __init__(self, valkey: Valkey, home: Path, client: httpx.Client) -> None:
        self.site = f"bersuara-{token_hex(3)}"
        write_site(home / "sites", self.site)
        self.servers = [Server(home / "data", free_port(), valkey.url, home / "sites", PATIENT) for _ in range(2)]
        self.tokens = make_tokens(self.servers[0].database)
        for server in self.servers:
            server.start()
        self.apis = [Api(server.ready(), self.tokens, self.site, client) for server in self.servers]
        self.voices: dict[str, subprocess.Popen[str]] = {}
        self.hearing: dict[str, threading.Thread] = {}
        self.at: dict[str, int] = {}
        self.words: list[Word] = []
        self.ready: list[str] = []

    def voice(self, name: str, first: int) -> None:
        """A voice at server `first`, which goes to the other one when that is gone."""
        ports = [self.servers[first].port, self.servers[1 - first].port]
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.integration.web.one_voice"),
                *(f"ws://127.0.0.1:{port}/ws/sites/{self.site}/speaker/utama" for port in ports),
            ],
            stdout=subprocess.PIPE,
            text=True,
            cwd=CHECKOUT,
            env={**os.environ, "TOKEN": self.tokens["kiosk"]},
        )
        self.voices[name], self.at[name] = process, first
        self.hearing[name] = threading.Thread(target=self._hear, args=(name, process), daemon=True)
        self.hearing[name].start()
        eventually(lambda: name in self.ready)

    def _hear(self, name: str, process: "subprocess.Popen[str]") -> None:
        assert process.stdout
        for line in process.stdout:
            at, what, *more = line.split()
            if what == "ready":
                self.ready.append(name)
            elif what == "speak":
                self.words.append(Word(name, int(more[0]), float(at), float(more[1]), float(more[2])))
            else:
                self.said(int(more[0]), name).ended = float(at)

    def said(self, announcement: int, voice: str | None = None) -> Word:
        """The last time that it was begun."""
        return [w for w in self.words if w.announcement == announcement and voice in (None, w.voice)][-1]

    def begun(self, announcement: int) -> Word:
        eventually(lambda: any(word.announcement == announcement for word in self.words), 30)
        return self.said(announcement)

    def spoken(self, announcement: int) -> None:
        eventually(lambda: self.fates().get(announcement) == ["announcement-spoken"], 40)

    def fates(self) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        api = next(api for api in self.apis if not api.server.ended)
        for event in api.events():
            if event["type"].startswith("announcement-"):
                found.setdefault(event["announcement"], []).append(event["type"])
        return found

    def close(self) -> None:
        for name, process in self.voices.items():
            process.kill()
            self.hearing[name].join()
            process.communicate()
        for server in self.servers:
            server.kill()


@pytest.fixture
def stage(valkey: Valkey, client: httpx.Client) -> Iterator[Stage]:
    home = Path(tempfile.mkdtemp(prefix="antrean-"))
    made = Stage(valkey, home, client)
    try:
        yield made
    finally:
        made.close()
        shutil.rmtree(home, ignore_errors=True)


def say(api: Api, text: str) -> int:
    """The seq of a notice by hand."""
    return int(api.post("/notices", {"text": text, "zone": "utama"}).json()["seq"])


def test_what_is_asked_for_is_said_once_in_order_and_one_at_a_time_whoever_dies(stage: Stage) -> None:
    here, there = stage.apis
    stage.voice("pertama", first=0)
    stage.voice("kedua", first=1)
    calm = say(here, "Mohon perhatian.")
    stage.spoken(calm)

    cut = there.serve("loket-2")["seq"]
    first = stage.begun(cut)
    notice = say(here, "Kantin di lantai dua sudah buka.")
    stage.voices[first.voice].kill()
    stage.spoken(cut)
    again = stage.said(cut)
    assert again.voice != first.voice
    assert first.ended is None
    between = again.given - first.given
    assert first.seconds + SETTLE - EXACT <= between <= first.seconds + SETTLE + SLACK + BEAT + 20

    stage.spoken(notice)
    stage.voice("ketiga", first=1 - stage.at[again.voice])
    recall = there.work("loket-2", "recall")["seq"]
    word = stage.begun(recall)
    dying = stage.at[word.voice]
    last = say(stage.apis[1 - dying], "Terima kasih.")
    stage.servers[dying].kill()
    stage.spoken(recall)
    stage.spoken(last)
    assert [w for w in stage.words if w.announcement == recall] == [word], "it was heard to its end, and told elsewhere"

    fates = stage.fates()
    assert fates == {announcement: ["announcement-spoken"] for announcement in (calm, cut, notice, recall, last)}
    words = sorted(stage.words, key=lambda word: word.began)
    assert [word.announcement for word in words] == [calm, cut, cut, notice, recall, last]
    for before, after in pairwise(words):
        over = before.ended or before.given + before.seconds + SETTLE - EXACT
        assert after.began >= over, (before, after)


def test_a_server_that_knew_nothing_of_a_notice_shows_and_says_it(stage: Stage) -> None:
    """The process that took it is killed at once: its text is found by the other one."""
    here, there = stage.apis
    with there.socket("tv/utama") as tv:
        told = here.post("/notices", {"text": "Mohon perhatian.", "zone": "utama"}).json()
        stage.servers[0].kill()
        stage.voice("pertama", first=1)
        stage.spoken(told["seq"])
        shown = there.get("/notices", "admin").json()["notices"]
        assert [(one["seq"], one["text"]) for one in shown] == [(told["seq"], "Mohon perhatian.")]
        assert notice_on(tv)["text"] == "Mohon perhatian."
