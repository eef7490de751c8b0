"""Errors of this room.

AudioError                  code, and the fields of each class below
├── VoiceUnavailable        one voice cannot speak now; another may        (reason, retry_after)
├── SpeechUnavailable       no voice could, or the file cannot be kept     (reason)
├── DamagedAudio            these bytes are not a recording we can use     (reason)
└── SoundUnavailable        no loudspeaker is there, or it was unplugged   (reason)
"""

from __future__ import annotations


class AudioError(Exception):
    """Base of all; `code` is stable, `reason` is for the log (English)."""

    code = "audio"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class VoiceUnavailable(AudioError):
    """`retry_after`: seconds before which asking this voice again is pointless."""

    code = "voice-unavailable"

    def __init__(self, reason: str, retry_after: float = 0.0) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class SpeechUnavailable(AudioError):
    """The announcement can be shown, not spoken."""

    code = "speech-unavailable"


class DamagedAudio(AudioError):
    """Truncated, altered, or another format."""

    code = "damaged-audio"


class SoundUnavailable(AudioError):
    """This machine cannot make sound now; what was being played was not heard to the end."""

    code = "sound-unavailable"
