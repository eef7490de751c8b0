"""What can be wrong with a backup, or with the place it is to be restored into.

KeepingError
├── Damaged     the file is no backup, or not a whole one
├── Unsound     the hall's own log or history cannot be kept as it is
└── Occupied    the place holds a hall already, or half of one
"""


class KeepingError(Exception):
    """Nothing was done; `str()` says why and what to do."""


class Damaged(KeepingError):
    pass


class Unsound(KeepingError):
    pass


class Occupied(KeepingError):
    pass
