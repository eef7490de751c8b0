"""`GET /metrics`: the halls in figures, as Prometheus reads them (docs/monitoring.md tells how to set it up).

What is drawn from the log or from SQL is the same in every server process; what is about this process (its screens,
its speakers, itself) says so. Where SQL or RQ does not answer the rest is served, and an `…_up` says 0. No figure holds
personal data.
"""

import asyncio
from collections.abc import Iterator, Mapping
from datetime import date
from functools import partial

from msgspec import Struct
from prometheus_client import PlatformCollector, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector, CollectorRegistry
from redis import Redis, RedisError
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.domain.days import business_day
from server.domain.views import waiting_per_agency
from server.hall import Hall
from server.history.archive import UNREADABLE, Damaged
from server.history.counts import DELAYS, Counts, counts, waits
from server.history.figures import Spread
from server.history.record import Cursor, read_cursor
from server.jobs import Overview, overview
from server.log.base import LogUnavailable
from server.log.devices import DeviceBoard
from server.web.callers import may_read_events
from server.web.health import silent
from server.web.kept import Kept
from server.web.problems import Problem
from server.web.rooms import Room, house
from server.web.signs import KINDS


class Recorded(Struct, frozen=True):
    """What SQL knows of a site: how far its log was read, all counts, and today's waits."""

    cursor: Cursor | None
    counts: Counts
    waits: Spread


class Sources:
    """What stands outside the log. sql, rq, devices: None when there is no answer."""

    def __init__(self, rooms: Mapping[str, Room], engine: Engine, redis: Redis, board: DeviceBoard) -> None:
        self._halls = {site: room.hall for site, room in rooms.items()}
        self._engine = engine
        self._over: dict[str, tuple[date, Counts]] = {}
        self.sql = Kept("history", partial(asyncio.to_thread, self._read), (SQLAlchemyError, Damaged, *UNREADABLE))
        self.rq = Kept("jobs", partial(asyncio.to_thread, overview, redis), (RedisError, OSError))
        self.devices = Kept("devices", lambda: board.read(rooms), (LogUnavailable,))

    def _read(self) -> dict[str, Recorded]:
        return {site: self._recorded(site, hall) for site, hall in self._halls.items()}

    def _recorded(self, site: str, hall: Hall) -> Recorded:
        today = business_day(hall.site, hall.clock())
        cursor = read_cursor(self._engine, site)
        known = self._over.get(site)
        if known is None or known[0] != today:
            known = (today, counts(self._engine, site, before=today))
            if cursor and cursor.day and cursor.day >= today:  # nothing of the days before is still to be recorded
                self._over[site] = known
        found = known[1] + counts(self._engine, site, since=today)
        return Recorded(cursor, found, waits(self._engine, site, today))


async def metrics(request: Request) -> Response:
    here = house(request)
    caller = await here.callers.required(request)
    rooms = {}
    for site, room in here.rooms.items():
        try:
            may_read_events(caller, room.hall.site)
        except Problem:
            continue
        rooms[site] = room
    if not rooms:
        raise Problem("forbidden", "for integrations, supervisors and administrators")
    sources: Sources = request.app.state.sources
    recorded, jobs, known = await asyncio.gather(sources.sql.get(), sources.rq.get(), sources.devices.get())
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    registry.register(Figures(rooms, recorded, jobs, silent(request, known) if known else None))
    encode, kind = choose_encoder(request.headers.get("accept", ""))
    return Response(encode(registry), headers={"Content-Type": kind, "Cache-Control": "no-store"})


class Figures(Collector):
    """The figures at one moment; `recorded`, `jobs` or `silent` (devices, by site and kind) None: that source does not
    answer."""

    def __init__(
        self,
        rooms: Mapping[str, Room],
        recorded: Mapping[str, Recorded] | None,
        jobs: Overview | None,
        silent: Mapping[str, Mapping[str, int]] | None,
    ) -> None:
        self._rooms, self._recorded, self._jobs, self._silent = rooms, recorded, jobs, silent

    def collect(self) -> Iterator[Metric]:
        yield from self._of_the_log()
        yield from self._of_this_process()
        if self._silent is not None:
            yield from self._of_devices(self._silent)
        yield _gauge("history_up", "Whether the history's database answers (1) or not (0)", self._recorded is not None)
        if self._recorded is not None:
            yield from self._of_sql(self._recorded)
        yield _gauge(
            "jobs_up", "Whether the Redis of RQ, the workers' queue, answers (1) or not (0)", self._jobs is not None
        )
        if self._jobs is not None:
            yield from _of_rq(self._jobs)

    def _of_the_log(self) -> Iterator[Metric]:
        waiting = _gauges("waiting", "Visitors who wait now, by the agency they wait for", "site", "agency")
        pending = _gauges("announcements_pending", "Announcements that wait to be spoken", "site", "zone")
        ends = _gauges("log_seq", "Seq of the last event this process has confirmed", "site")
        for site, room in self._rooms.items():
            state = room.hall.confirmed
            ends.add_metric([site], state.seq)
            now_waiting = waiting_per_agency(state) if state.site else {}
            for agency in room.hall.site.agency:
                waiting.add_metric([site, agency], now_waiting.get(agency, 0))
            for zone in room.hall.site.zone:
                pending.add_metric([site, zone], len(state.announcements.get(zone, ())))
        yield from (waiting, pending, ends)

    def _of_this_process(self) -> Iterator[Metric]:
        here = "; of this server process: add up over all"
        available = _gauges("hall_available", "Whether this process reaches the log (1) or not (0)", "site")
        screens = _gauges("screens", f"Connected screens by kind: tv, counter, ticket, speaker{here}", "site", "kind")
        ready = _gauges("speakers_ready", f"Connected loudspeakers that can make sound{here}", "site", "zone")
        for site, room in self._rooms.items():
            available.add_metric([site], room.hall.available)
            speakers = {zone: speaker.speakers() for zone, speaker in room.speakers.items()}
            watching = room.broadcast.watching()
            for kind in ("tv", "counter", "ticket"):
                screens.add_metric([site, kind], watching[kind])
            screens.add_metric([site, "speaker"], sum(map(len, speakers.values())))
            for zone, connected in speakers.items():
                ready.add_metric([site, zone], sum(one["ready"] for one in connected))
        yield from (available, screens, ready)

    def _of_devices(self, silent: Mapping[str, Mapping[str, int]]) -> Iterator[Metric]:
        found = _gauges("devices_silent", "Screens and loudspeakers that have fallen silent", "site", "kind")
        for site in self._rooms:
            for kind in KINDS:
                found.add_metric([site, kind], silent[site].get(kind, 0))
        yield found

    def _of_sql(self, recorded: Mapping[str, Recorded]) -> Iterator[Metric]:
        lag = _gauges("history_lag_entries", "Events of the log that the history has not recorded yet", "site")
        wait = _gauges(
            "wait_today_seconds",
            "How long those called today had waited; 0.9: nine of ten at most so long",
            "site",
            "quantile",
        )
        issued = _counters("tickets_issued", "Numbers handed out, by the agency they were taken for", "site", "agency")
        calls = _counters("calls", "Visitors called to a counter, recalls not counted", "site", "agency")
        no_shows = _counters("no_shows", "Called visitors who did not come", "site", "agency")
        expired = _counters("announcements_expired", "Announcements that were never spoken", "site", "zone")
        delay = HistogramMetricFamily(
            "antrean_spoken_delay_seconds",
            "From a call (or notice) to the end of its announcement, the utterance's own 5 to 20 s included",
            labels=("site", "zone"),
        )
        for site, room in self._rooms.items():
            found, hall = recorded[site], room.hall
            done = found.cursor.seq if found.cursor and found.cursor.epoch == hall.epoch else 0
            lag.add_metric([site], max(0, hall.confirmed.seq - done))
            for quantile, seconds in (("0.5", found.waits.p50), ("0.9", found.waits.p90)):
                if seconds is not None:
                    wait.add_metric([site, quantile], seconds)
            for family, counted, known in (
                (issued, found.counts.issued, hall.site.agency),
                (calls, found.counts.calls, hall.site.agency),
                (no_shows, found.counts.no_shows, hall.site.agency),
                (expired, found.counts.expired, hall.site.zone),
            ):
                for one in sorted(known.keys() | counted.keys()):
                    family.add_metric([site, one], counted[one])
            for zone, delays in sorted(found.counts.spoken.items()):
                classes = [(str(float(bound)), float(n)) for bound, n in zip(DELAYS, delays.within, strict=True)]
                delay.add_metric([site, zone], [*classes, ("+Inf", float(delays.count))], delays.total)
        yield from (lag, wait, issued, calls, no_shows, expired, delay)


def _of_rq(jobs: Overview) -> Iterator[Metric]:
    held = _gauges("jobs", "Jobs that RQ holds, by queue and status: queued, started, failed", "queue", "status")
    workers = _gauges("workers", "RQ workers that gave a sign of life in the last minute", "queue")
    for shelf in jobs.shelves:
        for status, number in (("queued", shelf.queued), ("started", shelf.started), ("failed", shelf.failed)):
            held.add_metric([shelf.name, status], number)
        workers.add_metric([shelf.name], sum(hand.alive and hand.queue == shelf.name for hand in jobs.hands))
    yield from (held, workers)
    alive = sum(hand.alive and not hand.queue for hand in jobs.hands)
    yield _gauge("dispatchers", "Dispatchers that gave a sign of life in the last minute", alive)


def _gauge(name: str, help: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"antrean_{name}", help, value=float(value))


def _gauges(name: str, help: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"antrean_{name}", help, labels=labels)


def _counters(name: str, help: str, *labels: str) -> CounterMetricFamily:
    return CounterMetricFamily(f"antrean_{name}", help, labels=labels)


ROUTES = [Route("/metrics", metrics)]
