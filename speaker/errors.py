"""Why a loudspeaker cannot work as it was started.

SpeakerError
├── Misplaced       what it was told (address, site, zone, token) cannot work   (sentence)
└── Unreachable     the server did not answer, or not as one of ours            (reason)
"""


class SpeakerError(Exception):
    """Base of both; the text is for whoever started it."""


class Misplaced(SpeakerError):
    pass


class Unreachable(SpeakerError):
    pass
