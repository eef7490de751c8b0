"""RQ for real: whatever dies, hangs or is cut off, nothing is lost, nothing is done twice, all is well within 60 s."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import func, select

from server.history import tables as t
from server.history.engine import connect as connect_history
from server.jobs import connect, forget, open_queue, overview, retry
from tests.integration.workers import poison
from tests.integration.workers.faults import FAULTS, RECOVERY, Scene, staged
from tests.processes import PATIENCE, until
from workers.queues import Work, offer, rest_after

TOGETHER = 3  # scenes at once: most of their time is waiting


@pytest.fixture
def scene() -> Iterator[Scene]:
    with staged() as found:
        yield found


def survived(fault: str, scene: Scene) -> None:
    """Nothing was lost and nothing done twice."""
    assert FAULTS[fault](scene) < RECOVERY
    engine = connect_history(scene.works.history)
    with engine.connect() as db:
        archived = db.execute(select(t.events.c.seq).order_by(t.events.c.seq)).scalars().all()
        tickets = db.execute(select(func.count()).select_from(t.tickets)).scalar_one()
    engine.dispose()
    assert archived == [entry.seq for entry in scene.works.entries()]
    assert tickets == len(scene.works.driver.state.tickets)
    assert "Traceback" not in scene.works.text()


def a_machine_that_comes_back_does_no_harm(scene: Scene) -> None:
    scene.start()
    with scene.history_locked():
        worker = scene.recorder()
        horse = scene.horse(worker)
        os.kill(horse, signal.SIGSTOP)
        worker.send_signal(signal.SIGSTOP)
    other = scene.recorder()
    scene.recovered(time.monotonic())
    os.kill(horse, signal.SIGCONT)
    worker.send_signal(signal.SIGCONT)
    until(lambda: not Path(f"/proc/{horse}").exists(), tell=scene.tell)
    other.terminate()
    assert other.wait(PATIENCE) == 0
    scene.recovered(time.monotonic())
    assert worker.poll() is None
    until(lambda: scene.overview().tasks == (), within=RECOVERY, tell=scene.tell)


def a_horse_does_not_outlive_the_redis_of_its_worker(scene: Scene) -> None:
    scene.start()
    with scene.history_locked():
        worker = scene.recorder()
        horse = scene.horse(worker)
        scene.valkey.kill()
        until(lambda: not Path(f"/proc/{horse}").exists(), tell=scene.tell)
        assert worker.poll() is None


def a_poison_job_rests_ever_longer_and_leaves_the_worker_to_others(scene: Scene) -> None:
    scene.works.start("work", "voice")
    work = Work("voice-poison", poison.fails, (), "racun")
    with connect(scene.works.url) as redis:
        queue = open_queue("voice", redis)

        def failed() -> list[float]:
            """When it did, in seconds of Redis' own clock."""
            offer(queue, work, again=True)
            return [int(id.partition(b"-")[0]) / 1000 for id, _ in redis.xrange(f"rq:results:{work.id}")]

        until(lambda: len(failed()) >= 3, within=RECOVERY, tell=scene.tell)
        _, second, third, *_ = failed()
    assert third - second >= rest_after(2)


STORIES: dict[str, Callable[[Scene], None]] = {fault: partial(survived, fault) for fault in FAULTS} | {
    "a machine comes back": a_machine_that_comes_back_does_no_harm,
    "the Redis of a horse goes": a_horse_does_not_outlive_the_redis_of_its_worker,
    "poison again and again": a_poison_job_rests_ever_longer_and_leaves_the_worker_to_others,
}


def play(story: str) -> None:
    with staged() as scene:
        STORIES[story](scene)


@pytest.fixture(scope="module")
def outcomes(request: pytest.FixtureRequest) -> Iterator[dict[str, Future[None]]]:
    """Of the stories that are asked for, a few of which are played at a time."""
    items = [item for item in request.session.items if item.path == request.path and isinstance(item, pytest.Function)]
    asked = [str(item.callspec.params["story"]) for item in items if "story" in item.fixturenames]
    with ThreadPoolExecutor(TOGETHER) as stage:
        yield {story: stage.submit(play, story) for story in asked}
        stage.shutdown(cancel_futures=True)


@pytest.mark.parametrize("story", STORIES)
def test_whatever_befalls_them_nothing_is_lost_and_nothing_done_twice(
    outcomes: dict[str, Future[None]], story: str
) -> None:
    outcomes[story].result()


def _failures(scene: Scene) -> int:
    return max((task.failures for task in scene.overview().tasks if task.status == "failed"), default=0)


def test_what_failed_is_done_again_on_demand_or_forgotten(scene: Scene) -> None:
    worker = scene.works.start("work", "voice")
    with connect(scene.works.url) as redis:
        offer(open_queue("voice", redis), Work("voice-poison", poison.fails, (), "racun"))
        until(lambda: _failures(scene) == 1, tell=scene.tell)
        assert retry(redis) == ["voice-poison"]
        until(lambda: _failures(scene) == 2, tell=scene.tell)
        (task,) = overview(redis).tasks
        assert (task.queue, task.about, task.reason) == ("voice", "racun", "RuntimeError: this job always fails")
        assert [(hand.queue, hand.pid, hand.alive) for hand in overview(redis).hands] == [("voice", worker.pid, True)]
        forget(redis, "voice-poison")
        assert overview(redis).tasks == ()


@pytest.mark.parametrize("command", [("dispatch",), ("work", "voice"), ("work", "metrics")])
def test_they_do_not_work_on_a_redis_that_may_forget(scene: Scene, command: tuple[str, ...]) -> None:
    with connect(scene.works.url) as redis:
        redis.config_set("appendfsync", "everysec")
    process = scene.works.start(*command)
    assert process.wait(PATIENCE) == 2
    assert "CONFIG SET appendfsync always" in scene.works.text()
    assert "Traceback" not in scene.works.text()
