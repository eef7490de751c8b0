"""The espeak-ng library in a process of its own: run as a script for EspeakVoice, never imported.

The library keeps one global state, is not safe under threads or after fork, and a fault in it would take
the server along. Here it serves one text after another over a pipe and ends when the pipe closes. Each text
is spoken by a fork of the freshly started library: what was said before would change the sound of what
comes next, and the same phrase must be the same clip whoever makes it.

    argument        path of the library; the working directory holds its data
    request         voice, words per minute and pitch in a line; phonemes in [[ ]] are allowed in the text
    frames          as audio/helper.py describes them

Uses the standard library only, so that `python -I -S` starts it in some hundredths of a second.
"""

import ctypes
import os
import struct
import sys
from typing import BinaryIO

SYNCHRONOUS = 2
DONT_EXIT = 0x8000
UTF8, PHONEMES = 0x1, 0x100
RATE, PITCH = 1, 3

Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


def main() -> None:
    with os.fdopen(os.dup(1), "wb") as replies, os.fdopen(0, "rb", closefd=False) as requests:
        os.dup2(2, 1)
        try:
            library, rate, heard, _callback = start(sys.argv[1])
        except (OSError, RuntimeError) as error:
            answer(replies, 1, str(error).encode())
            return
        answer(replies, 0, b"")
        while len(head := requests.read(4)) == 4:
            request = requests.read(struct.unpack("<I", head)[0])
            speaker = os.fork()
            if not speaker:
                try:
                    how, _, text = request.partition(b"\n")
                    answer(replies, *speak(library, how.split(), text, rate, heard))
                    os._exit(0)
                finally:
                    os._exit(1)
            if os.waitpid(speaker, 0)[1]:
                return


def speak(library: ctypes.CDLL, how: list[bytes], text: bytes, rate: int, heard: bytearray) -> tuple[int, bytes]:
    voice, words_per_minute, pitch = how
    if library.espeak_SetVoiceByName(voice):
        return 1, f"no voice {voice.decode()!r}".encode()
    library.espeak_SetParameter(RATE, int(words_per_minute), 0)
    library.espeak_SetParameter(PITCH, int(pitch), 0)
    status = library.espeak_Synth(text + b"\0", len(text) + 1, 0, 0, 0, UTF8 | PHONEMES, None, None)
    if status:
        return 1, f"espeak_Synth answered {status}".encode()
    return 0, struct.pack("<I", rate) + heard


def start(path: str) -> tuple[ctypes.CDLL, int, bytearray, object]:
    """The library, its rate, the buffer it fills, and the callback, which must live as long as they do."""
    library = ctypes.CDLL(path)
    library.espeak_Synth.argtypes = [
        ctypes.c_char_p,
        ctypes.c_size_t,
        ctypes.c_uint,
        ctypes.c_int,
        ctypes.c_uint,
        ctypes.c_uint,
        ctypes.c_void_p,
        ctypes.c_void_p,
    ]
    rate = library.espeak_Initialize(SYNCHRONOUS, 0, b".", DONT_EXIT)
    if rate <= 0:
        raise RuntimeError(f"espeak_Initialize answered {rate}")
    heard = bytearray()

    def keep(samples: "ctypes._Pointer[ctypes.c_short]", count: int, _events: int) -> int:
        if count > 0:
            heard.extend(ctypes.string_at(samples, count * 2))
        return 0

    callback = Callback(keep)
    library.espeak_SetSynthCallback(callback)
    return library, rate, heard, callback


def answer(replies: BinaryIO, status: int, payload: bytes) -> None:
    replies.write(struct.pack("<II", status, len(payload)) + payload)
    replies.flush()


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:
        sys.exit(1)  # whoever asked has gone: nobody is to be told
