"""What may happen in a hall, as hypothesis draws it: any verb, announcements, nights, a new configuration, notices."""

from typing import Any

from hypothesis import strategies as st
from msgspec.structs import replace

from server.domain import commands as c
from server.domain.errors import Rejected
from tests.unit.history.driver import Driver

VERBS: tuple[type[c.CounterCommand], ...] = (
    *(c.CallNext, c.Start, c.Finish, c.NoShow, c.Park, c.Return, c.Recall, c.Transfer, c.Resume),
    *(c.PauseCounter, c.CloseCounter),
)


def _try(hall: Driver, command: type[c.Command], **fields: Any) -> None:
    try:
        hall.do(command, **fields)
    except Rejected:
        return


@st.composite
def happenings(draw: st.DrawFn, longest: int = 60) -> Driver:
    """A hall to which up to `longest` things happened, over some days."""
    hall = Driver()
    for _ in range(draw(st.integers(5, longest))):
        hall.later(seconds=draw(st.integers(0, 600)))
        match draw(st.integers(0, 30)):
            case 0:
                hall.end_day()
            case 1 if hall.state.site:
                zones = tuple(replace(zone, name=zone.name + "'") for zone in hall.state.site.zones)
                hall.do(c.ConfigureSite, site=replace(hall.state.site, zones=zones))
            case 2 | 3:
                notice = f"notice-{len(hall.entries)}"
                _try(hall, c.AnnounceNotice, notice=notice, zones=("z",))
            case 4 | 5 | 6 | 7 | 8:
                _speak(draw, hall)
            case n if n < 20:
                hall.issue(draw(st.sampled_from("ab")))
            case _:
                _work(draw, hall)
    return hall


def _speak(draw: st.DrawFn, hall: Driver) -> None:
    for zone, queue in sorted(hall.state.announcements.items()):
        waiting = [announcement.id for announcement in queue]
        if not waiting:
            continue
        spoken: bool = draw(st.booleans())
        end = c.MarkSpoken if spoken else c.ExpireAnnouncement
        _try(hall, end, zone=zone, announcement=waiting[0])
    _try(hall, c.Tick)


def _work(draw: st.DrawFn, hall: Driver) -> None:
    counter = draw(st.sampled_from(["c1", "c2", "c3"]))
    _try(hall, c.OpenCounter, counter=counter)
    verb = draw(st.sampled_from(VERBS))
    extra: dict[str, Any] = {}
    if verb is c.Transfer:
        extra["service"] = draw(st.sampled_from("ab"))
    if verb is c.Resume:
        extra["ticket"] = next(iter(hall.state.aside), "nobody")
    _try(hall, verb, counter=counter, **extra)
