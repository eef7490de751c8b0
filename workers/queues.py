"""The queues of RQ, and how work gets into them so that it cannot be lost.

RQ may forget everything at any time: whoever offers work offers it again while it is still to be done. A job's id
tells what it does, so what waits or runs is not offered twice; doing it twice all the same does no harm.
"""

from collections.abc import Callable, Collection
from typing import Any

from msgspec import Struct
from redis import Redis
from redis.backoff import ExponentialBackoff
from redis.retry import Retry
from rq import Queue
from rq.exceptions import DuplicateJobError
from rq.job import Job
from rq.serializers import JSONSerializer

REPLY_WITHIN = 5.0
KEPT_FAILED = 7 * 24 * 3600
LONGEST_JOB = 300  # seconds; what is not done then goes on in the next offer


class Work(Struct, frozen=True):
    """A job to be offered: `args` are JSON values, `id` holds letters, digits, `-` and `_` only."""

    id: str
    does: Callable[..., None]
    args: tuple[str, ...]


def connect(url: str) -> Redis:
    """A client for RQ. Other than that of the log it may repeat a command: a job that runs twice does no harm."""
    return Redis.from_url(
        url,
        socket_timeout=REPLY_WITHIN,
        socket_connect_timeout=REPLY_WITHIN,
        retry=Retry(ExponentialBackoff(cap=0.5, base=0.1), 2),
        protocol=2,
    )


def open_queue(name: str, redis: Redis) -> Queue:
    return Queue(name, connection=redis, serializer=JSONSerializer)


def offer(queue: Queue, work: Work, *, again: bool = False) -> bool:
    """Put the work into the queue unless it is there. again: also when it has failed before.

    False when it runs at this moment (it may have begun too early to see what has just happened) or has failed.
    """
    key = Job.key_for(work.id)
    try:
        _enqueue(queue, work)
        return True
    except DuplicateJobError:
        status = queue.connection.hget(key, "status")
    if status == b"queued":
        if not _is_listed(queue, work.id):
            queue.push_job_id(work.id)
        return True
    if status == b"started" or not again:
        return False
    with queue.connection.pipeline() as pipe:
        pipe.delete(key)
        pipe.zrem(queue.failed_job_registry.key, work.id)
        pipe.execute()
    try:
        _enqueue(queue, work)
    except DuplicateJobError:  # another dispatcher was quicker
        return True
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


def _enqueue(queue: Queue, work: Work) -> None:
    """Raises DuplicateJobError when RQ knows the job."""
    options: dict[str, Any] = {"timeout": LONGEST_JOB, "result_ttl": 0, "failure_ttl": KEPT_FAILED}
    queue.enqueue_call(work.does, work.args, job_id=work.id, description=work.id, unique=True, **options)


def _is_listed(queue: Queue, job: str) -> bool:
    return queue.get_job_position(job) is not None or job in queue.intermediate_queue.get_job_ids()
