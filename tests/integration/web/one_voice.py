"""A loudspeaker in a process of its own: `python one_voice.py URL…` with its token in TOKEN.

It plays in silence: it takes nearly as long as the utterance and then tells that it was spoken. When its line is cut it
plays on, comes back at the next address and tells it there. Prints the monotonic time and `ready`, `speak ID SECONDS GIVEN`
(by the server's clock, which is the machine's steady one, too) or `spoken ID`. It runs until it is killed.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from itertools import cycle

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

GONE = (OSError, WebSocketException)
SHORTER = 1.5  # seconds that it takes less, lest a machine that stands still make it one that has fallen silent


class Voice:
    def __init__(self, urls: list[str]) -> None:
        self.urls: Iterator[str] = cycle(urls)
        self.owed: list[int] = []
        self.said: set[int] = set()

    def live(self) -> None:
        while True:
            try:
                headers = {"Authorization": f"Bearer {os.environ['TOKEN']}"}
                with connect(next(self.urls), additional_headers=headers, proxy=None) as socket:
                    self.serve(socket)
            except GONE:
                time.sleep(0.05)

    def serve(self, socket: ClientConnection) -> None:
        self.answer(socket)
        socket.send(json.dumps({"type": "ready"}))
        told("ready")
        for text in socket:
            message = json.loads(text)
            if message["type"] == "speak":
                self.play(message["announcement"], message["seconds"], message["sent"])
                self.answer(socket)

    def play(self, announcement: int, seconds: float, given: float) -> None:
        if announcement not in self.said:
            told("speak", announcement, seconds, given)
            time.sleep(seconds - SHORTER)
            told("spoken", announcement)
            self.said.add(announcement)
        self.owed.append(announcement)

    def answer(self, socket: ClientConnection) -> None:
        while self.owed:
            socket.send(json.dumps({"type": "spoken", "announcement": self.owed[0]}))
            self.owed.pop(0)


def told(*words: object) -> None:
    print(time.monotonic(), *words, flush=True)


if __name__ == "__main__":
    Voice(sys.argv[1:]).live()
