"""Why a loudspeaker cannot work as it was started.

SpeakerError
├── Misplaced       what it was told (address, site, zone, token) cannot work   (sentence)
├── Unreachable     the server did not answer, or not as one of ours            (reason)
└── Belated         what the server gave came too late to be said               (reason)
"""


class SpeakerError(Exception):
    """Base of all; the text is for whoever started it."""


class Misplaced(SpeakerError):
    pass


class Unreachable(SpeakerError):
    pass


class Belated(SpeakerError):
    pass
