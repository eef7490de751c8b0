"""What is well and what is not, judged from the last signs of life of every process and device. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from msgspec import Struct

from server.domain.site import Site
from server.jobs import QUEUES, Hand, Overview
from server.log.devices import Device, Known, Server

SILENT_AFTER = 15.0  # seconds: four missed words of a device, or one and a half of an RQ worker
BEHIND = 500  # entries of the log that a reader may lag behind in a rush
KINDS = ("tv", "kiosk", "counter", "hall", "speaker")  # of devices

State = Literal["good", "warn", "bad"]
RANK: Mapping[State, int] = {"bad": 0, "warn": 1, "good": 2}


class Process(Struct, frozen=True):
    """kind: server, dispatch, voice, metrics (a worker), log or jobs (a Redis), history (SQL). name: which of them.

    why: how it stands in a word, see the catalogue (health.why.…). seen: its last sign of life. lag: by how many entries
    it is behind the log, null where that means nothing or nobody knows. more: what else is worth knowing, for people.
    """

    id: str
    kind: str
    name: str
    state: State
    why: str
    since: datetime | None = None
    seen: datetime | None = None
    lag: int | None = None
    more: str = ""


class Contact(Struct, frozen=True):
    """A device as it is shown. silent: seconds since it was last heard; name: of its zone or counter."""

    id: str
    kind: str
    place: str
    name: str
    address: str
    since: datetime
    seen: datetime
    silent: float
    state: State


class Unheard(Struct, frozen=True):
    """A zone in which nobody hears the calls, and why: its loudspeakers are muted, or resting, or there is none."""

    zone: str
    name: str
    why: Literal["muted", "resting", "none"]


class Sockets(Struct, frozen=True):
    """Open sockets that name no device: nothing is known of what is at their other end."""

    kind: str
    place: str
    name: str
    number: int


def servers(told: Iterable[tuple[Server, datetime]], now: datetime) -> list[Process]:
    """Every server process of these halls."""
    found = []
    for one, seen in told:
        why = "well"
        if _silent(seen, now):
            why = "silent"
        elif not all(hall.available for hall in one.halls.values()):
            why = "cut-off"
        lag = max((hall.lag for hall in one.halls.values()), default=0)
        named = f"server-{one.host}-{one.port}"
        more = f"pid {one.pid}"
        found.append(_process(named, "server", one.name, why, since=one.since, seen=seen, lag=lag, more=more))
    return found


def hands(jobs: Overview | None, now: datetime, dispatch_lag: int | None) -> list[Process]:
    """Dispatchers and workers. One that fell silent and was started again on its machine is left out."""
    if jobs is None:
        return []
    found = []
    for kind in ("", *QUEUES):
        own = [hand for hand in jobs.hands if hand.queue == kind]
        shown = [hand for hand in own if not _replaced(hand, own, now)]
        lag = dispatch_lag if not kind else None
        for hand in shown:
            why = "silent" if _silent(hand.seen, now) else "behind" if (lag or 0) > BEHIND else "well"
            named = f"{kind or 'dispatch'}-{hand.host}-{hand.pid}"
            name, more = hand.host, f"pid {hand.pid}"
            found.append(
                _process(named, kind or "dispatch", name, why, since=hand.since, seen=hand.seen, lag=lag, more=more)
            )
        if not shown:
            found.append(_process(f"{kind or 'dispatch'}-none", kind or "dispatch", "", "missing", lag=lag))
    return found


def stores(
    known: Known | None, now: datetime, history_lag: int | None, history: bool, own_jobs: bool | None
) -> list[Process]:
    """The log's Redis, SQL, and RQ's Redis where it is another one. own_jobs: whether that answers; None: the same."""
    if known is None:
        log = _process("log", "log", "", "away")
    else:
        told = known.redis
        kept = told.get("aof_last_write_status", "ok") == "ok"
        began = known.at - timedelta(seconds=int(told.get("uptime_in_seconds", 0)))
        name = (
            f"{told.get('server_name', 'redis').capitalize()} {told.get('valkey_version') or told.get('redis_version')}"
        )
        log = _process("log", "log", name, "well" if kept else "not-kept", since=began, seen=known.at)
    behind = (history_lag or 0) > BEHIND
    why = "away" if not history else "behind" if behind else "well"
    sql = _process("history", "history", "", why, seen=now if history else None, lag=history_lag)
    found = [log, sql]
    if own_jobs is not None:
        found.append(_process("jobs", "jobs", "", "well" if own_jobs else "away", seen=now if own_jobs else None))
    return found


def contacts(site: Site, devices: Iterable[tuple[Device, datetime]], now: datetime) -> list[Contact]:
    """The devices of a site: the silent ones first, then by kind and place."""
    found = [
        Contact(
            id=device.key,
            kind=device.kind,
            place=device.place,
            name=place_name(site, device.kind, device.place),
            address=device.address,
            since=device.since,
            seen=seen,
            silent=round(max(0.0, (now - seen).total_seconds()), 1),
            state="bad" if _silent(seen, now) else "good",
        )
        for device, seen in devices
        if device.site == site.id
    ]
    return sorted(found, key=lambda one: (RANK[one.state], one.kind, one.name, one.address, one.id))


def unheard(zones: Iterable[Mapping[str, Any]], at_work: Collection[str]) -> list[Unheard]:
    """zones: as `GET …/sound` tells them. at_work: those with a counter that is not closed; elsewhere a loudspeaker
    that is not there is not missed, as on the supervisor's overview."""
    found = []
    for zone in zones:
        speakers = zone["speakers"]
        if speakers is None or any(one.ready and not one.resting for one in speakers):
            continue
        if speakers:
            why: Literal["muted", "resting"] = "resting" if any(one.ready for one in speakers) else "muted"
            found.append(Unheard(zone["id"], zone["name"], why))
        elif zone["id"] in at_work:
            found.append(Unheard(zone["id"], zone["name"], "none"))
    return found


def sockets(site: Site, told: Iterable[Server]) -> list[Sockets]:
    """What the living processes of a site have open besides."""
    number: dict[str, int] = {}
    for server in told:
        for key, count in server.halls[site.id].others.items() if site.id in server.halls else ():
            number[key] = number.get(key, 0) + count
    split = [(key.partition("/")[0], key.partition("/")[2], count) for key, count in sorted(number.items())]
    return [Sockets(kind, place, place_name(site, kind, place), count) for kind, place, count in split]


def alive(told: Iterable[tuple[Server, datetime]], now: datetime) -> list[Server]:
    return [server for server, seen in told if not _silent(seen, now)]


def place_name(site: Site, kind: str, place: str) -> str:
    """What the zone or the counter is called; its id when the site has given it up."""
    if kind == "counter":
        return site.counter[place].label if place in site.counter else place
    return site.zone[place].name if place in site.zone else place


def worst(states: Sequence[State]) -> State:
    return min(states, key=lambda state: RANK[state], default="good")


def _replaced(hand: Hand, others: Iterable[Hand], now: datetime) -> bool:
    """Whether another one of its machine began after its last word. A dispatcher does not tell when it began: it takes
    the place of one that is silent."""
    return any(
        other.host == hand.host
        and other.seen > hand.seen
        and (_silent(hand.seen, now) if other.since is None else other.since > hand.seen)
        for other in others
        if other is not hand
    )


def _silent(seen: datetime, now: datetime) -> bool:
    return (now - seen).total_seconds() > SILENT_AFTER


def _process(
    id: str,
    kind: str,
    name: str,
    why: str,
    *,
    since: datetime | None = None,
    seen: datetime | None = None,
    lag: int | None = None,
    more: str = "",
) -> Process:
    state: State = "good" if why == "well" else "warn" if why == "behind" else "bad"
    return Process(id, kind, name, state, why, since, seen, lag, more)
