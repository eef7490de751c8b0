"""Piper in a process of its own: run as a script for PiperVoice, never imported.

Piper turns text into phonemes with an espeak-ng whose state is global, and its models take a second to load and 100 MB
to hold: here they are loaded once, each when it is first asked for, and kept until the pipe closes.

    arguments       a language and the path of its model, a language and the path of its model, …
    request         the language in a line; phonemes in [[ ]] are allowed in the text
    frames          as audio/helper.py describes them
"""

import logging
import os
import struct
import sys
from typing import BinaryIO

MISSING = ""
try:
    from piper import PiperVoice
except ImportError as error:
    MISSING = str(error)

POLITE = 10  # added to the niceness: calls and screens come first


def main() -> None:
    os.nice(POLITE)
    logging.disable(logging.WARNING)  # of every phoneme that a model was not taught, again and again
    models = dict(zip(sys.argv[1::2], sys.argv[2::2], strict=True))
    with os.fdopen(os.dup(1), "wb") as replies, os.fdopen(0, "rb", closefd=False) as requests:
        os.dup2(2, 1)
        if MISSING:
            answer(replies, 1, f"{MISSING}; install piper-tts with: make piper".encode())
            return
        voices: dict[str, PiperVoice] = {}
        answer(replies, 0, b"")
        while len(head := requests.read(4)) == 4:
            language, _, text = requests.read(struct.unpack("<I", head)[0]).decode().partition("\n")
            try:
                if language not in voices:
                    voices[language] = PiperVoice.load(models[language])
                answer(replies, 0, speak(voices[language], text))
            except Exception as error:
                # Whatever a model or Piper makes of a text, the next text may be spoken.
                answer(replies, 1, f"{type(error).__name__}: {error}".encode())


def speak(voice: "PiperVoice", text: str) -> bytes:
    return struct.pack("<I", voice.config.sample_rate) + b"".join(
        chunk.audio_int16_bytes for chunk in voice.synthesize(text)
    )


def answer(replies: BinaryIO, status: int, payload: bytes) -> None:
    replies.write(struct.pack("<II", status, len(payload)) + payload)
    replies.flush()


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:
        sys.exit(1)  # whoever asked has gone: nobody is to be told
