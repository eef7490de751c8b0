"""The errors of this room; `str()` is one sentence for the operator.

Exception
└── HostError     this machine's processes cannot be started
    └── InUse     another antrean works in the data directory
"""


class HostError(Exception):
    """The hall cannot be opened on this machine; `str()` says why and what to do."""


class InUse(HostError):
    """Another process holds the data directory."""
