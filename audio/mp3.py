"""MP3 to PCM, with a look at the frames first: the decoder itself is silent about a recording cut in half."""

from __future__ import annotations

import miniaudio
import numpy as np

from audio.errors import DamagedAudio
from audio.pcm import Pcm, resample

# Layer III, kbit/s by the header's bitrate index; MPEG-1 and MPEG-2/2.5 (ISO 11172-3, 13818-3).
_BITRATES_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_BITRATES_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


def decode(content: bytes) -> Pcm:
    """Mono at RATE. DamagedAudio when it is no MP3, or its last frame is not whole."""
    check_frames(content)
    try:
        sound = miniaudio.mp3_read_s16(content)
    except miniaudio.DecodeError as error:
        raise DamagedAudio(f"not an MP3: {error}") from error
    samples = np.array(sound.samples, dtype=np.int16)
    if sound.nchannels > 1:
        samples = samples.reshape(-1, sound.nchannels).mean(axis=1).astype(np.int16)
    return resample(samples, sound.sample_rate)


def check_frames(content: bytes) -> None:
    """Walks from frame to frame; tags before and after are passed over."""
    at, frames = _after_id3(content), 0
    while at + 4 <= len(content):
        length = _frame_length(content[at : at + 4])
        if length is None:
            break
        if at + length > len(content):
            raise DamagedAudio(f"cut off in frame {frames + 1}")
        at, frames = at + length, frames + 1
    rest = content[at:]
    if not frames or (rest and not rest.startswith(b"TAG") and rest.strip(b"\0")):
        raise DamagedAudio(f"not an MP3 after {frames} frames")


def _after_id3(content: bytes) -> int:
    if content[:3] != b"ID3" or len(content) < 10:
        return 0
    size = 0
    for byte in content[6:10]:
        size = size << 7 | (byte & 0x7F)
    return 10 + size


def _frame_length(head: bytes) -> int | None:
    """Bytes from this frame header to the next; None when it is no header of a Layer III frame."""
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    bitrate, rate, padding = head[2] >> 4, head[2] >> 2 & 3, head[2] >> 1 & 1
    synchronised = head[0] == 0xFF and head[1] & 0xE0 == 0xE0
    if not synchronised or layer != 1 or version == 1 or bitrate in (0, 15) or rate == 3:
        return None
    kilobits = (_BITRATES_1 if version == 3 else _BITRATES_2)[bitrate]
    return (144 if version == 3 else 72) * kilobits * 1000 // _RATES[version][rate] + padding
