"""Whether what the server gave may still be said (docs/api.md, "Speaking in time").

The network may hold a `speak` back for so long that another speaker has been given the announcement meanwhile. Pure.
"""

LATEST = 1.0  # seconds; whatever comes later than that is not said, and the line that brought it is not trusted
BEGIN_WITHIN = 1.3  # seconds after it was sent; who cannot begin until then does not begin
END_WITHIN = 1.8  # seconds after its length; the server lets another speak 2 s after it


class Lateness:
    """Of the frames of one connection. The quickest counts as having taken no time: what all take is not seen.

    `sent` is by a clock of the server, `came` by one of ours; both in seconds.
    """

    def __init__(self) -> None:
        self._quickest = float("inf")

    def of(self, sent: float | None, came: float) -> float:
        """Seconds by which a frame came later than the quickest; 0 for one of a server that does not tell."""
        if sent is None:
            return 0.0
        self._quickest = min(self._quickest, came - sent)
        return came - sent - self._quickest
