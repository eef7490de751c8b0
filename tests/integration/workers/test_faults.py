"""RQ for real: whatever dies, hangs or is cut off, nothing is lost, nothing is done twice, all is well within 60 s."""

import os
import signal
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from server.history import tables as t
from server.history.engine import connect as connect_history
from server.jobs import connect, forget, open_queue, overview, retry
from tests.integration.workers import poison
from tests.integration.workers.conftest import OwnValkey, Works
from tests.integration.workers.faults import FAULTS, RECOVERY, Scene
from tests.processes import until
from workers.queues import Work, offer


@pytest.fixture
def scene(own_works: Works, own_valkey: OwnValkey, folder: Path) -> Scene:
    return Scene(own_works, own_valkey, folder)


@pytest.mark.parametrize("fault", FAULTS)
def test_nothing_is_lost_and_nothing_is_done_twice(scene: Scene, fault: str) -> None:
    assert FAULTS[fault](scene) < RECOVERY
    engine = connect_history(scene.works.history)
    with engine.connect() as db:
        archived = db.execute(select(t.events.c.seq).order_by(t.events.c.seq)).scalars().all()
        tickets = db.execute(select(func.count()).select_from(t.tickets)).scalar_one()
    engine.dispose()
    assert archived == [entry.seq for entry in scene.works.entries()]
    assert tickets == len(scene.works.driver.state.tickets)
    assert "Traceback" not in scene.works.text()


def test_a_machine_that_comes_back_does_no_harm(scene: Scene) -> None:
    scene.start()
    worker = scene.recorder()
    with scene.history_locked():
        horse = scene.horse(worker)
        os.kill(horse, signal.SIGSTOP)
        worker.send_signal(signal.SIGSTOP)
    other = scene.recorder()
    scene.recovered(time.monotonic())
    os.kill(horse, signal.SIGCONT)
    worker.send_signal(signal.SIGCONT)
    until(lambda: not Path(f"/proc/{horse}").exists(), tell=scene.tell)
    other.terminate()
    assert other.wait(15) == 0
    scene.recovered(time.monotonic())
    assert worker.poll() is None
    until(lambda: scene.overview().tasks == (), within=RECOVERY, tell=scene.tell)


def test_a_horse_does_not_outlive_the_redis_of_its_worker(scene: Scene) -> None:
    scene.start()
    worker = scene.recorder()
    with scene.history_locked():
        horse = scene.horse(worker)
        scene.valkey.kill()
        until(lambda: not Path(f"/proc/{horse}").exists(), tell=scene.tell)
        assert worker.poll() is None


def test_a_poison_job_rests_ever_longer_and_leaves_the_worker_to_others(scene: Scene) -> None:
    scene.works.start("work", "voice")
    work = Work("voice-poison", poison.fails, (), "racun")
    with connect(scene.works.url) as redis:
        queue = open_queue("voice", redis)

        def failed(times: int) -> bool:
            offer(queue, work, again=True)
            return _failures(scene) == times

        until(lambda: failed(2), tell=scene.tell)
        began = time.monotonic()
        until(lambda: failed(3), tell=scene.tell)
    assert 8 < time.monotonic() - began < 20


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
    assert process.wait(15) == 2
    assert "CONFIG SET appendfsync always" in scene.works.text()
    assert "Traceback" not in scene.works.text()
