"""The loudspeaker's slot is freed by a timer: the utterance's length after it was sent, whether it was heard or not."""

from server.domain import turns


def plant() -> None:
    turns.SETTLE = 0.0
    turns.REST = 0.0
