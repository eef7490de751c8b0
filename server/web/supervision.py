"""The supervisor's view of a hall: what the log tells, and the speakers that are connected."""

from server.domain import views
from server.domain.state import State
from server.web.rooms import Room


def overview(room: Room) -> views.Make:
    """views.hall, each zone with `speakers`: how many are connected and how many of them can make sound now."""

    def view(state: State) -> views.View:
        whole = views.hall(state)
        return whole | {"zones": [zone | {"speakers": _speakers(room, zone["zone"])} for zone in whole["zones"]]}

    return view


def _speakers(room: Room, zone: str) -> dict[str, int]:
    known = room.roster.known(zone)
    return {"connected": len(known), "ready": sum(one.ready for one in known)}
