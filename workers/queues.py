"""The queues of RQ, and how work gets into them so that it cannot be lost.

RQ may forget everything at any time: whoever offers work offers it again while it is still to be done. A job's id
tells what it does, so what waits or runs is not offered twice; doing it twice all the same does no harm.
"""

import json
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import Any

from msgspec import Struct
from redis import Redis, WatchError
from rq import Queue
from rq.exceptions import DuplicateJobError
from rq.executions import ExecutionRegistry
from rq.job import Job
from rq.results import Result

from server.jobs import FAILURES

KEPT_FAILED = 7 * 24 * 3600
LONGEST_JOB = 45  # seconds; a phrase takes at most some 35 (gTTS: patience, time-outs), a stretch of history 20
FIRST_REST, LONGEST_REST = 10.0, 40.0  # seconds; what was mended is tried within the minute


class Work(Struct, frozen=True):
    """A job to be offered: `args` are JSON values, `id` holds letters, digits, `-` and `_` only, `about` tells people
    what it is for (the phrase, or the site)."""

    id: str
    does: Callable[..., None]
    args: tuple[str, ...]
    about: str


def offer(queue: Queue, work: Work, *, again: bool = False) -> bool:
    """Put the work into the queue unless it is there. again: also when it has failed before; the second failure in a
    row and those that follow earn a rest, so that a job that always fails leaves the worker to the others.

    What RQ remembers of a run that died with its worker is deleted: for a minute it would count each later run as failed.

    False when it runs at this moment (it may have begun too early to see what has just happened) or has failed.
    """
    with suppress(DuplicateJobError):
        _enqueue(queue, work)
        return True
    with queue.connection.pipeline() as pipe:
        try:
            return _offer_again(queue, work, pipe, again)
        except WatchError:  # a worker has begun it or ended it, or another dispatcher was quicker
            return False


def _offer_again(queue: Queue, work: Work, pipe: Any, again: bool) -> bool:
    """Work that RQ knows. Raises WatchError, nothing done, when what RQ knows of it has changed meanwhile."""
    key = Job.key_for(work.id)
    pipe.watch(key)
    status, meta = pipe.hmget(key, "status", "meta")
    if status == b"queued":
        if not _is_listed(queue, work.id):
            pipe.multi()
            queue.push_job_id(work.id, pipe)
            pipe.execute()
        return True
    if not again or (status == b"started" and work.id in queue.started_job_registry.get_job_ids(cleanup=False)):
        return False
    failures = (json.loads(meta).get(FAILURES, 0) if meta else 0) + 1 if status == b"failed" else 0
    if time.time() - _failed_at(queue.connection, work.id) < rest_after(failures):
        return False
    pipe.multi()
    pipe.delete(key, ExecutionRegistry(work.id, queue.connection).key)
    pipe.zrem(queue.failed_job_registry.key, work.id)
    pipe.execute()
    with suppress(DuplicateJobError):  # another dispatcher was quicker
        _enqueue(queue, work, failures)
    return True


def heal(queue: Queue, suspects: Collection[str]) -> set[str]:
    """Take back what died with its worker. Call it every few seconds with what the last call returned.

    Jobs whose worker's heartbeat has ended count as failed. A worker that died between taking a job and beginning it
    leaves it in the intermediate list: what is there at two calls goes back to the front of the queue.
    """
    queue.started_job_registry.cleanup()
    redis, between = queue.connection, queue.intermediate_queue
    found = set()
    for job in between.get_job_ids():
        if redis.hget(Job.key_for(job), "status") != b"queued":
            between.remove(job)
        elif job not in suspects:
            found.add(job)
        else:
            with redis.pipeline() as pipe:
                pipe.lrem(between.key, 1, job)
                pipe.lpush(queue.key, job)
                pipe.execute()
    return found


def rest_after(failures: int) -> float:
    """Seconds for which a job that has failed so often in a row is left alone."""
    return min(FIRST_REST * 2.0 ** (failures - 2), LONGEST_REST) if failures > 1 else 0.0


def _failed_at(redis: Redis, job: str) -> float:
    """When it last failed (seconds of the epoch); 0 when RQ does not know."""
    newest: Any = redis.xrevrange(Result.get_key(job), count=1)  # type: ignore[no-untyped-call]  # no types in redis-py
    return int(newest[0][0].partition(b"-")[0]) / 1000 if newest else 0.0


def _enqueue(queue: Queue, work: Work, failures: int = 0) -> None:
    """Raises DuplicateJobError when RQ knows the job."""
    options: dict[str, Any] = {"timeout": LONGEST_JOB, "result_ttl": 0, "failure_ttl": KEPT_FAILED}
    if failures:
        options["meta"] = {FAILURES: failures}
    queue.enqueue_call(work.does, work.args, job_id=work.id, description=work.about, unique=True, **options)


def _is_listed(queue: Queue, job: str) -> bool:
    return queue.get_job_position(job) is not None or job in queue.intermediate_queue.get_job_ids()
