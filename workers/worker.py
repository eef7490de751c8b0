"""A worker of one queue, from start to SIGTERM, through every absence of Redis.

One queue per worker: with several RQ takes a job without noting it anywhere, and a kill would lose it. Each job runs
in a process of its own, the work horse, which dies with the worker. Where forking is unsafe (macOS) it is spawned.
"""

import signal
import sys
import threading
from contextlib import suppress
from types import FrameType
from typing import Any

import structlog
from redis.exceptions import RedisError
from rq import Queue, SpawnWorker, Worker
from rq.exceptions import StopRequested
from rq.job import Job
from rq.serializers import JSONSerializer

from config.settings import Settings
from server.lifeline import die_with_parent
from workers import logs
from workers.jobs import JOBS
from workers.queues import connect

PAUSE = 1.0  # seconds before coming back to a Redis that went away
LOOK_EVERY = 5  # seconds between two heartbeats of a job
PRESUMED_DEAD = 15  # seconds without one
LISTEN_FOR = 25  # RQ waits 15 s less for a job, and 5 s less for Redis, before it looks around again
END_WITHIN = 5.0  # seconds a job may still run when the worker is asked to end; it is offered again later

log = structlog.get_logger(__name__)


class Horses(Worker):
    """RQ's worker, fitted to being killed, to a Redis that goes away, and to a parent that restarts it."""

    max_connection_wait_time = 2.0
    log_job_description = False

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        die_with_parent(self.pid or 0)
        super().main_work_horse(job, queue)

    def get_heartbeat_ttl(self, job: Job, working_time: float = 0.0) -> int:
        return PRESUMED_DEAD

    def subscribe(self) -> None:
        """Not at all: nobody sends commands, and a thread beside a fork is a danger."""

    def handle_warm_shutdown_request(self) -> None:
        limit = threading.Timer(END_WITHIN, self._end_horse)
        limit.daemon = True
        limit.start()

    def handle_exception(self, job: Job, *exc_info: Any) -> None:
        """In one line: the job is offered again every few seconds; RQ keeps the traceback with the failed job."""
        log.warning("job-failed", job=job.id, why=repr(exc_info[1]))

    def set_shutdown_requested_date(self) -> None:
        with suppress(RedisError):
            super().set_shutdown_requested_date()  # type: ignore[no-untyped-call]  # so in RQ

    def _install_signal_handlers(self) -> None:
        """Those of `work` stay: they hold between two connections too."""

    def _end_horse(self) -> None:
        if self.horse_pid:
            self.kill_horse()


class SpawnedHorses(Horses, SpawnWorker):
    """The same where a forked process may not go on by itself."""


def work(settings: Settings, queue: str) -> None:
    """Do the jobs of `queue`, one of JOBS, until SIGTERM or SIGINT; a job in hand may end within a few seconds."""
    if queue not in JOBS:
        raise ValueError(f"no queue {queue!r}; known: {', '.join(JOBS)}")
    logs.configure()
    assert settings.redis_url
    ending = threading.Event()
    workers: list[Worker] = []

    def end(number: int, frame: FrameType | None) -> None:
        ending.set()
        for worker in workers:
            worker.request_stop(number, frame)  # type: ignore[no-untyped-call]

    with suppress(StopRequested):
        signal.signal(signal.SIGTERM, end)
        signal.signal(signal.SIGINT, end)
        while not ending.is_set():
            workers.clear()
            try:
                workers.append(_worker(settings.redis_url, queue))
                workers[0].work(logging_level="WARNING")
            except RedisError as trouble:
                log.warning("redis-unavailable", queue=queue, why=str(trouble))
            ending.wait(PAUSE)


def _worker(url: str, queue: str) -> Worker:
    kind = SpawnedHorses if sys.platform == "darwin" else Horses
    return kind(
        [queue],
        connection=connect(url),
        serializer=JSONSerializer,
        job_monitoring_interval=LOOK_EVERY,
        worker_ttl=LISTEN_FOR,
    )
