"""A worker of one queue, from start to SIGTERM, through every absence of Redis.

One queue per worker: with several RQ takes a job without noting it anywhere, and a kill would lose it. Each job runs
in a process of its own, the work horse, which dies with the worker. Where forking is unsafe (macOS) it is spawned.
"""

import asyncio
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from traceback import walk_stack
from types import FrameType
from typing import Any

import structlog
from redis.client import Pipeline
from redis.exceptions import RedisError
from rq import Queue, SpawnWorker, Worker
from rq.exceptions import StopRequested
from rq.executions import Execution
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.utils import now
from rq.worker import WorkerStatus

from config.settings import Settings
from server import logs
from server.jobs import connect
from server.lifeline import die_with_parent
from server.log.base import LogUnavailable, LogUnsafe
from server.log.client import REPLY_WITHIN
from server.log.primary import connect as connect_log
from server.log.safety import must_be_safe
from workers.jobs import JOBS

PAUSE = 1.0  # seconds before coming back to a Redis that went away
LOOK_EVERY = 5  # seconds between two heartbeats of a job
PRESUMED_DEAD = 15  # seconds without one
LISTEN_FOR = 20  # RQ waits 15 s less for a job, and 5 s less for Redis, before it looks around and tells that it lives
OVERDUE = 5.0  # seconds beyond its time after which a job that took no notice of its end is killed
END_WITHIN = 5.0  # seconds a job may still run when the worker is asked to end; it is offered again later

REFUSED = 2  # exit code: to start it again would not help

log = structlog.get_logger(__name__)


class Horses(Worker):
    """RQ's worker, fitted to being killed, to a Redis that goes away, and to a parent that restarts it."""

    max_connection_wait_time = 2.0
    log_job_description = False

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        die_with_parent(self.pid or 0)
        super().main_work_horse(job, queue)

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        """RQ comes by here each time it looks around: the end that was asked for and got lost is found here."""
        if self._stop_requested and self.get_state() != WorkerStatus.BUSY:
            raise SystemExit
        super().heartbeat(timeout, pipeline)

    def get_heartbeat_ttl(self, job: Job, working_time: float = 0.0) -> int:
        return PRESUMED_DEAD

    def maintain_heartbeats(self, job: Job, execution: Execution) -> None:
        """RQ ends a job by an exception inside it, which it may swallow; RQ itself then waits another minute."""
        if job.started_at and (now() - job.started_at).total_seconds() > float(job.timeout or 0) + OVERDUE:
            log.warning("job-overdue", job=job.id)
            self.kill_horse()
        super().maintain_heartbeats(job, execution)

    def subscribe(self) -> None:
        """Not at all: nobody sends commands, and a thread beside a fork is a danger."""

    def handle_warm_shutdown_request(self) -> None:
        limit = threading.Timer(END_WITHIN, self.kill_horse)
        limit.daemon = True
        limit.start()

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """The signal's handler, in which RQ's alarm may strike in its turn: first of all it is noted down."""
        self._stop_requested = True
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]  # RQ tells no types there

    def _shutdown(self) -> None:
        """In the signal handler. RQ's own exception would be lost wherever redis-py lets no Exception through, and in a
        `__del__` any would."""
        if any(frame.f_code.co_name == "__del__" for frame, _ in walk_stack(None)):
            return
        try:
            super()._shutdown()  # type: ignore[no-untyped-call]  # RQ tells no types there
        except StopRequested:
            raise SystemExit from None

    def handle_exception(self, job: Job, *exc_info: Any) -> None:
        """In one line: the job is offered again every few seconds; RQ keeps the traceback with the failed job."""
        log.warning("job-failed", job=job.id, why=repr(exc_info[1]))

    def set_shutdown_requested_date(self) -> None:
        with suppress(RedisError):
            super().set_shutdown_requested_date()  # type: ignore[no-untyped-call]  # RQ tells no types there

    def _install_signal_handlers(self) -> None:
        """Those of `work` stay: they hold between two connections too."""

    def leave_no_horse(self) -> None:
        """RQ gives up its loop when Redis goes away in the middle of a job, and leaves the horse to itself."""
        if self.horse_pid:
            self.kill_horse()
            with suppress(ChildProcessError):
                os.waitpid(self.horse_pid, 0)

    def kill_horse(self, sig: signal.Signals = signal.SIGKILL) -> None:
        """RQ kills its group, which is still the worker's own before the horse has made itself one, and reads the pid
        twice, between which another thread may set it to 0."""
        if pid := self.horse_pid:
            with suppress(ProcessLookupError):
                os.kill(pid, sig)


class SpawnedHorses(Horses, SpawnWorker):
    """The same where a forked process may not go on by itself. RQ writes the address of Redis into the horse's program:
    it must be one, behind Sentinel that of the primary; when that goes away the worker connects anew anyhow."""


def work(settings: Settings, queue: str) -> None:
    """Do the jobs of `queue`, one of JOBS, until SIGTERM or SIGINT; a job in hand may end within a few seconds.

    Exits with 2 when it finds, at its start, that the log's server may forget what it acknowledges.
    """
    if queue not in JOBS:
        raise ValueError(f"no queue {queue!r}; known: {', '.join(JOBS)}")
    logs.configure()
    assert settings.redis_url
    assert settings.jobs_url
    told: list[int] = []  # an Event has a lock, for which the handler would wait for ever when it comes upon its wait
    workers: list[Horses] = []

    def end(number: int, frame: FrameType | None) -> None:
        told.append(number)
        for worker in workers:
            worker.request_stop(number, frame)

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    _wait_for_a_safe_log(settings.redis_url, told)
    while not told:
        workers.clear()
        try:
            workers.append(_worker(settings.jobs_url, queue))
            if told:  # while it was made: nobody would tell the new one
                break
            workers[0].work(logging_level="WARNING")
        except RedisError as trouble:
            log.warning("redis-unavailable", queue=queue, why=str(trouble))
        finally:
            for worker in workers:
                worker.leave_no_horse()
        time.sleep(PAUSE)


def _wait_for_a_safe_log(url: str, told: Sequence[int]) -> None:
    while not told:
        try:
            asyncio.run(_look(url))
            return
        except LogUnsafe as unsafe:
            print(unsafe, file=sys.stderr)
            raise SystemExit(REFUSED) from None
        except LogUnavailable as trouble:
            log.warning("redis-unavailable", why=str(trouble))
            time.sleep(PAUSE)


async def _look(url: str) -> None:
    client = connect_log(url, REPLY_WITHIN)
    try:
        await must_be_safe(client)
    finally:
        await client.aclose()


def _worker(url: str, queue: str) -> Horses:
    kind = SpawnedHorses if sys.platform == "darwin" else Horses
    return kind(
        [queue],
        connection=connect(url, follow=not issubclass(kind, SpawnWorker)),
        serializer=JSONSerializer,
        job_monitoring_interval=LOOK_EVERY,
        worker_ttl=LISTEN_FOR,
    )
