"""Why a command is refused.

Rejected
├── UnknownService, UnknownCounter, UnknownTicket, UnknownZone
├── NotAllowedNow     (status: what forbids it)
├── ServiceClosed     (opens_next: when it opens again, or None)
├── TooMany           of what is asked for, so many wait already
└── KeyReused         the same idempotency key came with another request

`code` is stable and part of CONTRACT.md; words for people are chosen where the error is shown.
"""

from datetime import datetime
from typing import ClassVar


class Rejected(Exception):
    """A command that the rules refuse; it changed nothing."""

    code: ClassVar[str] = "rejected"


class UnknownService(Rejected):
    code = "unknown-service"


class UnknownCounter(Rejected):
    code = "unknown-counter"


class UnknownTicket(Rejected):
    code = "unknown-ticket"


class UnknownZone(Rejected):
    code = "unknown-zone"


class NotAllowedNow(Rejected):
    """`status` is that of the ticket, or of the counter where no ticket is in hand, that forbids the command."""

    code = "not-allowed-now"

    def __init__(self, status: str, why: str) -> None:
        super().__init__(why)
        self.status = status


class ServiceClosed(Rejected):
    """The agency receives nobody now; `opens_next` is when it does again, None when no day is known."""

    code = "service-closed"

    def __init__(self, opens_next: datetime | None) -> None:
        super().__init__("the agency is closed now")
        self.opens_next = opens_next


class TooMany(Rejected):
    code = "too-many"


class KeyReused(Rejected):
    code = "key-reused"
