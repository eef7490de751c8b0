"""What may befall the programs behind a hall, and how long until all is as if nothing had happened.

Each fault is a function of a `Scene`; it returns the seconds from the fault to the recovery. Whatever was killed is
started again at once, as `antrean up` and compose do. `make bench ARGS=rq_recovery` prints the figures.
"""

import os
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from rq.job import Job
from rq.serializers import JSONSerializer

from server.history.migrate import migrate
from server.jobs import Overview, connect, open_queue, overview
from tests.integration.workers import poison
from tests.integration.workers.conftest import OwnValkey, Works
from tests.processes import PATIENCE, until
from tests.support.proxy import in_thread
from workers.queues import Work, offer

RECOVERY = 60.0  # seconds
SHORT = 3  # seconds that a poison job gets here, so that the tests take less time than its real 45

Process = subprocess.Popen[bytes]

STAGING = Lock()  # alembic can make only one database at a time


class Scene:
    """A Valkey of its own, the programs that work on it, and what they must have done in the end."""

    def __init__(self, works: Works, valkey: OwnValkey, folder: Path) -> None:
        self.works, self.valkey, self.folder = works, valkey, folder
        migrate(works.history)

    @contextmanager
    def history_locked(self) -> Iterator[None]:
        """Whoever begins to record meanwhile hangs in the middle of its job."""
        blocker = sqlite3.connect(self.works.data / "history.sqlite3", isolation_level=None)
        blocker.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            blocker.execute("ROLLBACK")
            blocker.close()

    def start(self) -> tuple[Process, Process]:
        """Dispatcher and a worker for voices; the worker for the history is the fault's own."""
        return self.works.start("dispatch"), self.works.start("work", "voice")

    def recorder(self) -> Process:
        return self.works.start("work", "metrics")

    def horse(self, worker: Process) -> int:
        """Waits until the worker's horse has begun a job; its pid."""
        pid = self.works.horse(worker)
        until(lambda: any(task.status == "started" for task in self.overview().tasks), tell=self.tell)
        return pid

    def recovered(self, since: float) -> float:
        """Waits until everything that ever happened is recorded and can be said, one more ticket included."""
        self.works.issue()
        left = RECOVERY - (time.monotonic() - since)
        until(lambda: self.works.is_recorded() and not self.works.unsaid(), within=left, tell=self.tell)
        return time.monotonic() - since

    def overview(self) -> Overview:
        with connect(self.works.url) as redis:
            return overview(redis)

    def tell(self) -> str:
        return f"{self.works.recorded()} of {len(self.works.entries())}; {self.works.unsaid()}; {self.works.text()}"


@contextmanager
def staged() -> Iterator[Scene]:
    """A scene in a place of its own, cleared away afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="antrean-"))
    valkey = OwnValkey(folder / "valkey")
    valkey.start()
    works = Works(folder, valkey.server.url, uuid.uuid4().hex)
    try:
        works.write()
        with STAGING:
            scene = Scene(works, valkey, folder)
        yield scene
    finally:
        works.end()
        valkey.kill()
        shutil.rmtree(folder, ignore_errors=True)


def worker_killed(scene: Scene) -> float:
    scene.start()
    with scene.history_locked():
        worker = scene.recorder()
        scene.horse(worker)
        worker.kill()
        worker.wait()
        since = time.monotonic()
    scene.recorder()
    return scene.recovered(since)


def horse_killed(scene: Scene) -> float:
    scene.start()
    with scene.history_locked():
        worker = scene.recorder()
        os.kill(scene.horse(worker), signal.SIGKILL)
        since = time.monotonic()
    return scene.recovered(since)


def machine_gone(scene: Scene) -> float:
    """Worker and horse stand still for ever in the middle of a job; there is a worker on another machine."""
    scene.start()
    with scene.history_locked():
        worker = scene.recorder()
        os.kill(scene.horse(worker), signal.SIGSTOP)
        worker.send_signal(signal.SIGSTOP)
        since = time.monotonic()
    scene.recorder()
    return scene.recovered(since)


def idle_machine_gone(scene: Scene) -> float:
    """The worker stands still while it waits for a job, which Redis then gives it in vain."""
    scene.start()
    worker = scene.recorder()
    until(scene.works.is_recorded, tell=scene.tell)
    until(lambda: any(hand.pid == worker.pid and hand.state == "idle" for hand in scene.overview().hands))
    worker.send_signal(signal.SIGSTOP)
    since = time.monotonic()
    scene.recorder()
    return scene.recovered(since)


def network_cut(scene: Scene) -> float:
    """Nothing comes through any more between Redis and a worker in the middle of a job. It comes back by itself."""
    scene.start()
    with in_thread(scene.folder, scene.valkey.server.socket) as (proxy, tell):
        with scene.history_locked():
            worker = scene.works.start("work", "metrics", url=proxy.url)
            scene.horse(worker)
            tell(proxy.cut)
            since = time.monotonic()
        other = scene.recorder()
        took = scene.recovered(since)
        other.terminate()
        assert other.wait(PATIENCE) == 0
        tell(proxy.mend)
        scene.recovered(time.monotonic())
        assert worker.poll() is None
    return took


def dispatcher_killed(scene: Scene) -> float:
    dispatcher, _ = scene.start()
    scene.recorder()
    until(scene.works.is_recorded, tell=scene.tell)
    dispatcher.kill()
    dispatcher.wait()
    since = time.monotonic()
    scene.works.issue()
    scene.works.start("dispatch")
    return scene.recovered(since)


def redis_killed(scene: Scene) -> float:
    """In the middle of a job; it is away for two seconds."""
    with scene.history_locked():
        started = [*scene.start(), worker := scene.recorder()]
        scene.horse(worker)
        scene.valkey.kill()
        since = time.monotonic()
        time.sleep(2)
        scene.valkey.start()
    took = scene.recovered(since)
    assert [process.poll() for process in started] == [None, None, None], scene.works.text()
    return took


def redis_forgets_the_jobs(scene: Scene) -> float:
    """Redis is restarted in the middle of a job, and all that RQ had written is gone."""
    scene.start()
    with scene.history_locked():
        scene.horse(scene.recorder())
        scene.valkey.kill()
        since = time.monotonic()
        scene.valkey.start()
        with connect(scene.works.url) as redis:
            redis.delete(*redis.keys("rq:*"))
    return scene.recovered(since)


def _poisoned(does: Callable[[], None]) -> Callable[[Scene], float]:
    def scene_of(scene: Scene) -> float:
        """The job is offered again and again, as the dispatcher does; the others, of the same queue, go on."""
        scene.start()
        scene.recorder()
        with connect(scene.works.url) as redis:
            voice = open_queue("voice", redis)
            work = Work("voice-poison", does, (), "racun")
            voice.enqueue_call(does, job_id=work.id, description=work.about, timeout=SHORT, failure_ttl=600)
            until(lambda: Job.fetch(work.id, redis, JSONSerializer).started_at, tell=scene.tell)
            since = time.monotonic()
            took = scene.recovered(since)
            until(lambda: _failing(scene, work), within=RECOVERY, tell=lambda: f"{scene.overview()} {scene.tell()}")
            offer(voice, work, again=True)
        return took

    return scene_of


def _failing(scene: Scene, work: Work) -> bool:
    """Whether people can see that it fails, and why."""
    found = [task for task in scene.overview().tasks if task.id == work.id and task.failures]
    return bool(found and found[0].reason and found[0].about == work.about)


FAULTS: dict[str, Callable[[Scene], float]] = {
    "worker killed in a job": worker_killed,
    "work horse killed": horse_killed,
    "worker's machine gone in a job": machine_gone,
    "idle worker's machine gone": idle_machine_gone,
    "worker's network cut in a job": network_cut,
    "dispatcher killed": dispatcher_killed,
    "Redis killed in a job": redis_killed,
    "Redis back without RQ's keys": redis_forgets_the_jobs,
    "poison: always fails": _poisoned(poison.fails),
    "poison: kills its horse": _poisoned(poison.kills_its_horse),
    "poison: takes too long": _poisoned(poison.takes_too_long),
    "poison: never ends": _poisoned(poison.never_ends),
}
