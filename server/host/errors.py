"""The one error of this room.

Exception
└── HostError     this machine's processes cannot be started; `str()` is one sentence for the operator
"""


class HostError(Exception):
    """The hall cannot be opened on this machine; `str()` says why and what to do."""
