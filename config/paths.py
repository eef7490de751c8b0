"""How a place in a site file is named for an operator: `agencies[imigrasi].services[paspor-baru].minutes`."""

from collections.abc import Sequence
from typing import Any

from config.errors import shown_key
from config.site import ID


def path(raw: object, place: Sequence[str | int]) -> str:
    """The name of a place in a raw TOML document.

    An entry of a list goes by its id where that is valid and its own, else by its position, counted from 1.
    """
    name, node = "", raw
    for step in place:
        if isinstance(step, int):
            name += f"[{_label(node, step)}]"
            node = node[step] if isinstance(node, list) and step < len(node) else None
        else:
            name += ("." if name else "") + shown_key(step)
            node = node.get(step) if isinstance(node, dict) else None
    return name


def _label(entries: object, index: int) -> str:
    ids = [id_of(entry) for entry in entries] if isinstance(entries, list) else []
    mine = ids[index] if index < len(ids) else None
    return mine if mine and ids.count(mine) == 1 else str(index + 1)


def id_of(entry: Any) -> str | None:
    """The id of a raw table, None when it has no valid one."""
    name = entry.get("id") if isinstance(entry, dict) else None
    return name if isinstance(name, str) and ID.fullmatch(name) else None
