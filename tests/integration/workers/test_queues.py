"""Offering work: nothing twice, nothing lost, whatever RQ remembers of it."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from redis import Redis
from rq import Queue
from rq.job import Job

from server.jobs import FAILURES, QUEUES, connect, open_queue
from workers.jobs import JOBS, record
from workers.queues import LONGEST_REST, Work, heal, offer, rest_after

WORK = Work("metrics-hall", record, ("hall",), "hall")


@pytest.fixture
def queue(redis_url: str) -> Iterator[Queue]:
    client = connect(redis_url)
    yield open_queue("metrics", client)
    client.close()


def test_work_is_offered_once_while_it_waits(queue: Queue) -> None:
    assert offer(queue, WORK)
    assert offer(queue, WORK, again=True)
    assert queue.job_ids == ["metrics-hall"]


def test_a_job_is_plain_json(queue: Queue) -> None:
    offer(queue, WORK)
    job = queue.jobs[0]
    assert job.data == b'["workers.jobs.record", null, ["hall"], {}]'
    assert (job.result_ttl, job.timeout, job.description) == (0, 45, "hall")


def test_there_is_a_job_for_each_queue() -> None:
    assert tuple(JOBS) == QUEUES


def test_what_runs_is_not_offered_but_said_to_run(queue: Queue, rq: Redis) -> None:
    offer(queue, WORK)
    rq.lpop(queue.key)
    rq.hset(Job.key_for(WORK.id), "status", "started")
    rq.zadd(queue.started_job_registry.key, {f"{WORK.id}:execution": 9e9})
    assert not offer(queue, WORK)
    assert not offer(queue, WORK, again=True)
    assert queue.job_ids == []


def test_what_is_said_to_run_and_is_run_by_nobody_is_offered_again(queue: Queue, rq: Redis) -> None:
    offer(queue, WORK)
    rq.lpop(queue.key)
    rq.hset(Job.key_for(WORK.id), "status", "started")
    assert not offer(queue, WORK)
    assert offer(queue, WORK, again=True)
    assert queue.job_ids == [WORK.id]


def fail(queue: Queue, rq: Redis, ago: float = 0.0) -> None:
    """As RQ leaves a job that has failed some seconds ago."""
    rq.lpop(queue.key)
    rq.hset(Job.key_for(WORK.id), "status", "failed")
    rq.zadd(queue.failed_job_registry.key, {WORK.id: 9e9})
    rq.delete(f"rq:results:{WORK.id}")
    rq.xadd(f"rq:results:{WORK.id}", {"type": 2}, id=f"{round((time.time() - ago) * 1000)}-0")


def test_a_job_that_fails_again_and_again_rests_longer_and_is_counted(queue: Queue, rq: Redis) -> None:
    assert [rest_after(failures) for failures in range(6)] == [0, 0, 10, 20, LONGEST_REST, LONGEST_REST]
    offer(queue, WORK)
    fail(queue, rq)
    assert offer(queue, WORK, again=True)  # the first failure may have been an accident
    for failures in range(2, 6):
        fail(queue, rq, ago=rest_after(failures) - 8)
        assert not offer(queue, WORK, again=True)
        fail(queue, rq, ago=rest_after(failures) + 1)
        assert offer(queue, WORK, again=True)
        assert queue.jobs[0].meta == {FAILURES: failures}


def test_a_job_that_fails_while_it_is_looked_at_keeps_its_failures_and_its_rest(queue: Queue, rq: Redis) -> None:
    key, running = Job.key_for(WORK.id), queue.started_job_registry.key
    offer(queue, WORK)
    rq.lpop(queue.key)
    with ThreadPoolExecutor(1) as other, rq.pipeline() as pipe:
        for _ in range(300):
            rq.zadd(running, {f"{WORK.id}:execution": 9e9})
            rq.hset(key, mapping={"status": "started", "meta": json.dumps({FAILURES: 3})})
            pipe.hset(key, "status", "failed")
            pipe.zrem(running, f"{WORK.id}:execution")
            pipe.xadd(f"rq:results:{WORK.id}", {"type": 2})
            failing = other.submit(pipe.execute)
            assert not offer(queue, WORK, again=True)
            failing.result()


@pytest.mark.parametrize("status", ["failed", "stopped", "canceled", "finished"])
def test_what_failed_is_offered_again_when_asked_to(queue: Queue, rq: Redis, status: str) -> None:
    offer(queue, WORK)
    rq.lpop(queue.key)
    rq.hset(Job.key_for(WORK.id), "status", status)
    rq.zadd(queue.failed_job_registry.key, {WORK.id: 9e9})
    assert not offer(queue, WORK)
    assert queue.job_ids == []
    assert offer(queue, WORK, again=True)
    assert queue.job_ids == [WORK.id]
    assert queue.failed_job_registry.get_job_ids() == []
    assert queue.jobs[0].get_status() == "queued"


def test_a_remnant_of_a_job_does_not_stand_in_the_way(queue: Queue, rq: Redis) -> None:
    rq.hset(Job.key_for(WORK.id), "last_heartbeat", "2026-03-02T00:00:00Z")
    assert offer(queue, WORK, again=True)
    assert queue.job_ids == [WORK.id]


def test_a_job_that_is_in_no_list_gets_into_the_queue_again(queue: Queue, rq: Redis) -> None:
    offer(queue, WORK)
    rq.delete(queue.key)
    assert offer(queue, WORK)
    assert queue.job_ids == [WORK.id]


def test_a_job_taken_by_a_worker_that_died_goes_back_at_the_second_look(queue: Queue, rq: Redis) -> None:
    offer(queue, WORK)
    rq.lmove(queue.key, queue.intermediate_queue_key)
    assert offer(queue, WORK)
    assert queue.job_ids == []
    suspects = heal(queue, ())
    assert suspects == {WORK.id}
    assert queue.job_ids == []
    assert heal(queue, suspects) == set()
    assert queue.job_ids == [WORK.id]
    assert queue.intermediate_queue.get_job_ids() == []


@pytest.mark.parametrize("status", [None, "failed"])
def test_the_list_between_is_cleared_of_what_is_over(queue: Queue, rq: Redis, status: str | None) -> None:
    rq.rpush(queue.intermediate_queue_key, WORK.id)
    if status:
        rq.hset(Job.key_for(WORK.id), "status", status)
    assert heal(queue, ()) == set()
    assert queue.intermediate_queue.get_job_ids() == []


def test_a_job_whose_worker_s_heart_has_stopped_counts_as_failed(queue: Queue, rq: Redis) -> None:
    offer(queue, WORK)
    rq.lpop(queue.key)
    rq.hset(Job.key_for(WORK.id), "status", "started")
    rq.zadd(queue.started_job_registry.key, {f"{WORK.id}:execution": 1})
    heal(queue, ())
    assert queue.failed_job_registry.get_job_ids() == [WORK.id]
    assert offer(queue, WORK, again=True)
    assert queue.job_ids == [WORK.id]


def test_a_run_that_died_with_its_worker_does_not_make_the_next_one_fail(queue: Queue, rq: Redis) -> None:
    """RQ forgets the run 15 s after its last heartbeat, and that the job had it a minute later."""
    offer(queue, WORK)
    rq.lpop(queue.key)
    rq.hset(Job.key_for(WORK.id), "status", "started")
    rq.zadd(f"rq:executions:{WORK.id}", {"of-the-dead": time.time() + 60})
    assert offer(queue, WORK, again=True)
    assert queue.jobs[0].get_executions() == []
