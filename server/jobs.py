"""What RQ holds at this moment: how much waits, what runs, what failed and why, and who works.

The one place that knows where RQ lives and how to reach it. Nothing here is truth: RQ may forget all of it, and the
dispatcher offers again whatever the log says is still to be done.
"""

import socket
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from os import getpid
from typing import Any, Literal, cast

from msgspec import Struct
from redis import Redis
from redis.backoff import ExponentialBackoff
from redis.retry import Retry
from redis.sentinel import Sentinel, SentinelManagedConnection
from rq import Queue, Worker
from rq.exceptions import InvalidJobOperation
from rq.job import Job
from rq.serializers import JSONSerializer

from config.sentinel_url import is_sentinel_url, parse

QUEUES = ("voice", "metrics")  # one worker each, or more
REPLY_WITHIN = 5.0
FAILURES = "failures"  # key in a job's `meta`: how often it had failed before this try
DISPATCHERS = "antrean:dispatchers"  # sorted set: host:pid by when it was last alive
SILENT_AFTER = 60.0  # seconds after which a worker or dispatcher is believed dead; they beat every 5 to 10
MOST_LISTED = 100
LONGEST_REASON = 300  # characters

Status = Literal["queued", "started", "failed"]


class Task(Struct, frozen=True):
    """A job, for people. queue: one of QUEUES. about: the phrase to be recorded, or the id of the site whose history is
    written. failures: how often it has failed since it last succeeded. at: since when it is in this status. reason: of
    the last failure; empty for what has not failed."""

    id: str
    queue: str
    about: str
    status: Status
    failures: int
    at: datetime | None
    reason: str = ""


class Shelf(Struct, frozen=True):
    """How many jobs of a queue wait, run, and have failed."""

    name: str
    queued: int
    started: int
    failed: int


class Hand(Struct, frozen=True):
    """A program that works for RQ: a worker of `queue`, or a dispatcher (`queue` empty). state: busy, idle, …
    seen: its last sign of life; alive: whether that is recent. job: the id of what it does now. since: when it began,
    where that is known."""

    queue: str
    host: str
    pid: int
    state: str
    seen: datetime
    alive: bool
    job: str = ""
    since: datetime | None = None


class Overview(Struct, frozen=True):
    """All of it at one moment. tasks: what runs and what failed, at most MOST_LISTED of each per queue."""

    shelves: tuple[Shelf, ...]
    tasks: tuple[Task, ...]
    hands: tuple[Hand, ...]


class NoSuchJob(LookupError):
    """RQ knows no failed job of that id."""


def connect(url: str, reply_within: float = REPLY_WITHIN, *, follow: bool = True) -> Redis:
    """A client for RQ. Other than that of the log it may repeat a command: a job that runs twice does no harm. Behind
    Sentinel it takes the primary as it is: what a new one does not know is offered again. follow: from one primary to
    the next; otherwise to the one of now, by its address, which raises RedisError where it is not known."""
    how: dict[str, Any] = {
        "socket_timeout": reply_within,
        "socket_connect_timeout": reply_within,
        "retry": Retry(ExponentialBackoff(cap=0.5, base=0.1), 2),
        "protocol": 2,
    }
    if not is_sentinel_url(url):
        return Redis.from_url(url, **how)
    where = parse(url)
    login = {"username": where.sentinel_username, "password": where.sentinel_password}
    untyped: Any = Sentinel  # in redis-py
    sentinel = untyped(where.sentinels, sentinel_kwargs={**how, **login})
    how |= {"db": where.db, "username": where.username, "password": where.password}
    if not follow:
        host, port = sentinel.discover_master(where.name)
        return Redis(host, port, **how)
    return cast(Redis, sentinel.master_for(where.name, connection_class=_Whole, **how))


class _Whole(SentinelManagedConnection):
    """Is not used again after a reply that was not read to its end, as when a worker is told to stop while it waits for
    a job: what is asked next would be answered by that reply. So is redis-py's connection to a server alone."""

    def read_response(self, *args: Any, disconnect_on_error: bool | None = True, **options: Any) -> Any:
        return super().read_response(*args, disconnect_on_error=disconnect_on_error, **options)


def open_queue(name: str, redis: Redis) -> Queue:
    return Queue(name, connection=redis, serializer=JSONSerializer)


def overview(redis: Redis) -> Overview:
    """Reads only. Raises redis.RedisError when RQ's Redis does not answer."""
    shelves, tasks = [], list[Task]()
    for queue in (open_queue(name, redis) for name in QUEUES):
        started = queue.started_job_registry.get_job_ids(cleanup=False)
        failed = queue.failed_job_registry.get_job_ids(cleanup=False, desc=True)
        shelves.append(Shelf(queue.name, queue.count, len(started), len(failed)))
        tasks += _tasks(redis, queue.name, "started", started[:MOST_LISTED])
        tasks += _tasks(redis, queue.name, "failed", failed[:MOST_LISTED])
    return Overview(tuple(shelves), tuple(tasks), (*_dispatchers(redis), *_workers(redis)))


def retry(redis: Redis, job: str | None = None) -> list[str]:
    """Put a failed job, or all of them, back into their queues at once; the ids. Raises NoSuchJob."""
    done = []
    for registry, one in _failed(redis, job):
        one.meta[FAILURES] = one.meta.get(FAILURES, 0) + 1
        one.save_meta()  # type: ignore[no-untyped-call]  # RQ tells no types there
        with suppress(InvalidJobOperation):  # the dispatcher has just offered it again
            registry.requeue(one)
        done.append(one.id)
    return done


def forget(redis: Redis, job: str) -> None:
    """Throw a failed job away; what is still to be done is offered again by the dispatcher. Raises NoSuchJob."""
    for registry, one in _failed(redis, job):
        registry.remove(one)
        one.delete()


def beat(redis: Redis) -> None:
    """A dispatcher says that it lives."""
    with redis.pipeline() as pipe:
        pipe.zadd(DISPATCHERS, {f"{socket.gethostname()}:{getpid()}": time.time()})
        pipe.zremrangebyscore(DISPATCHERS, 0, time.time() - 10 * SILENT_AFTER)
        pipe.execute()


def beats_here(redis: Redis, queue: str) -> bool:
    """Whether a worker of `queue` (a dispatcher: "") of this machine or container has given a sign of life lately."""
    here = socket.gethostname()
    hands = _workers(redis) if queue else _dispatchers(redis)
    return any(hand.alive and hand.host == here and hand.queue == queue for hand in hands)


def _failed(redis: Redis, job: str | None) -> list[tuple[Any, Job]]:
    """Each failed job with its registry; with `job` only that one. What RQ has lost the rest of is dropped."""
    found = []
    for registry in (open_queue(name, redis).failed_job_registry for name in QUEUES):
        ids = [one for one in registry.get_job_ids() if job in (None, one)]
        for known, one in zip(ids, Job.fetch_many(ids, redis, JSONSerializer), strict=True):
            if one is None:
                redis.zrem(registry.key, known)
            else:
                found.append((registry, one))
    if job and not found:
        raise NoSuchJob(job)
    return found


def _tasks(redis: Redis, queue: str, status: Status, ids: Sequence[str]) -> list[Task]:
    jobs = [job for job in Job.fetch_many(ids, redis, JSONSerializer) if job is not None]
    return [_task(queue, status, job) for job in jobs]


def _task(queue: str, status: Status, job: Job) -> Task:
    last = job.latest_result() if status == "failed" or job.meta.get(FAILURES) else None
    failed_at, reason = (last.created_at, last.exc_string or "") if last else (job.ended_at, "")
    return Task(
        job.id,
        queue,
        job.description or "",
        status,
        job.meta.get(FAILURES, 0) + (status == "failed"),
        failed_at if status == "failed" else job.started_at,
        reason_in(reason),
    )


def reason_in(trace: str) -> str:
    """The sentence of a traceback that tells what happened: its last line."""
    lines = [line.strip() for line in trace.splitlines() if line.strip()]
    return lines[-1][:LONGEST_REASON] if lines else ""


def _workers(redis: Redis) -> list[Hand]:
    found = []
    for worker in Worker.all(connection=redis, serializer=JSONSerializer):
        queue, state = ",".join(worker.queue_names()), str(worker.get_state())
        if worker.last_heartbeat and queue in QUEUES:  # others may use this Redis too
            job = worker.get_current_job_id() or ""
            host, pid, seen = worker.hostname or "", worker.pid or 0, worker.last_heartbeat
            found.append(_hand(queue, host, pid, state, seen, job, worker.birth_date))
    return sorted(found, key=lambda hand: (hand.queue, hand.host, hand.pid))


def _dispatchers(redis: Redis) -> list[Hand]:
    found, known = [], cast(list[tuple[bytes, float]], redis.zrange(DISPATCHERS, 0, -1, withscores=True))
    for name, score in known:
        host, _, pid = name.decode().rpartition(":")
        found.append(_hand("", host, int(pid), "", datetime.fromtimestamp(score, UTC)))
    return found


def _hand(
    queue: str, host: str, pid: int, state: str, seen: datetime, job: str = "", since: datetime | None = None
) -> Hand:
    alive = (datetime.now(UTC) - _in_utc(seen)).total_seconds() < SILENT_AFTER
    return Hand(queue, host, pid, state, _in_utc(seen), alive, job, since and _in_utc(since))


def _in_utc(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)
