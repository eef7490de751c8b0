"""Bugs to be put into a hall, to show that the campaign sees them. Each module has `plant()`, called in every program of
the hall before it begins; none is a switch in the hall's own code.
"""


def put(owner: object, name: str, what: object) -> None:
    """In the place of what the owner has under this name."""
    assert hasattr(owner, name), f"{owner} has no {name} any more"
    setattr(owner, name, what)
