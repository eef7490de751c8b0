"""The supervisor's view of a hall: what the log tells, and the speakers that are connected to this process."""

from server.domain import views
from server.domain.state import State
from server.web.rooms import Room


def overview(room: Room) -> views.Make:
    """views.hall, each zone with `speakers`: how many are connected here and how many of them can make sound now."""

    def view(state: State) -> views.View:
        whole = views.hall(state)
        return whole | {"zones": [zone | {"speakers": _speakers(room, zone["zone"])} for zone in whole["zones"]]}

    return view


def _speakers(room: Room, zone: str) -> dict[str, int]:
    told = room.speakers[zone].speakers() if zone in room.speakers else []
    return {"connected": len(told), "ready": sum(one["ready"] for one in told)}
