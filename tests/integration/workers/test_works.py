"""Dispatcher and workers as they run: what happens in a hall gets its clips and its history, whatever dies."""

import os
import signal
import sqlite3
import time
from datetime import timedelta
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import select

from config.settings import Settings
from server.domain import commands as c
from server.domain.events import DayOpened
from server.history import tables as t
from server.history.engine import connect
from server.history.migrate import migrate
from server.history.period import Period
from server.history.reports import report
from tests.integration.workers.conftest import COMMANDS, OwnValkey, Works
from tests.processes import PATIENCE, until
from workers.worker import work

RECOVERY = 60.0  # seconds within which everything is as if nothing had happened
BY_ITSELF = "import os, signal, threading, workers.worker as w, redis.observability.recorder as r\n"
AWKWARD = {  # a program that tells itself to end, just before it looks around for work
    "in a `__del__`": """
class Last:
    def __del__(self): os.kill(os.getpid(), signal.SIGTERM)
w.Horses.procline = lambda self, message: Last()
""",
    "in redis-py's bookkeeping": """
listens, r.get_observability_instance = [], lambda: listens and os.kill(listens.pop(), signal.SIGTERM)
w.Horses.procline = lambda self, message: listens.append(os.getpid())
""",
    "before its loop": """
w.Horses.register_birth = lambda self: os.kill(os.getpid(), signal.SIGTERM)
""",
}
LOCKED = """
waits = threading.Condition.wait
def wait(self, timeout=None):
    os.kill(os.getpid(), signal.SIGTERM)
    return waits(self, timeout)
threading.Condition.wait = wait
"""
SPAWNING = "import workers.worker as w; w.Horses = w.SpawnedHorses; w.work(w.Settings(), 'metrics')"


def test_a_visit_gets_its_clips_and_its_row(works: Works) -> None:
    works.open()
    ticket = works.issue()
    counter = works.site.serving[works.site.services[0].id][0]
    works.driver.later(minutes=4)
    assert works.driver.call(counter) == ticket
    works.driver.do(c.Start, counter=counter)
    works.driver.later(minutes=2)
    works.driver.do(c.Finish, counter=counter)
    works.write()
    until(works.is_recorded, tell=works.text)
    until(lambda: not works.unsaid(), tell=lambda: f"{works.unsaid()} {works.text()}")
    engine = connect(works.history)
    day = works.driver.state.day or works.driver.now.date()
    total = report(engine, works.site, Period(day, day), now=works.driver.now).total
    engine.dispose()
    assert (total.issued, total.served, total.wait.mean, total.service.mean) == (1, 1, 240, 120)


def test_the_log_forgets_what_is_old_once_it_is_recorded(works: Works) -> None:
    for _ in range(35):
        works.driver.issue(works.site.services[0].id)
        works.driver.end_day()
    works.write()
    works.start("dispatch")
    works.start("work", "metrics")
    until(works.is_recorded, tell=works.text)
    month_ago = works.entries()[-1].event.at - timedelta(days=28)
    days = [entry for entry in works.entries() if isinstance(entry.event, DayOpened)]
    oldest = max(entry.seq for entry in days if entry.event.at <= month_ago)
    until(lambda: works.with_log(lambda log: log.first_seq()) == oldest > 1, tell=works.text)
    works.issue()
    until(works.is_recorded, tell=works.text)


def test_what_happens_later_follows_without_being_asked(works: Works) -> None:
    works.open()
    until(works.is_recorded, tell=works.text)
    for _ in range(2):
        works.issue()
        until(works.is_recorded, tell=works.text)
    until(lambda: not works.unsaid(), tell=works.text)


def test_a_worker_killed_in_the_middle_of_a_job_takes_its_horse_along_and_the_job_is_done_later(works: Works) -> None:
    migrate(works.history)
    blocker = sqlite3.connect(works.data / "history.sqlite3", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    works.start("dispatch")
    worker = works.start("work", "metrics")
    horse = works.horse(worker)
    worker.kill()
    worker.wait()
    until(lambda: not Path(f"/proc/{horse}").exists())
    blocker.execute("ROLLBACK")
    blocker.close()
    assert works.recorded() == 0
    works.start("work", "metrics")
    until(works.is_recorded, within=RECOVERY, tell=works.text)


def test_a_killed_horse_is_a_failed_job_and_offered_again(works: Works, rq: Redis) -> None:
    migrate(works.history)
    blocker = sqlite3.connect(works.data / "history.sqlite3", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    works.start("dispatch")
    worker = works.start("work", "metrics")
    os.kill(works.horse(worker), signal.SIGKILL)
    until(lambda: rq.zcard("rq:failed:metrics"), tell=works.text)
    blocker.execute("ROLLBACK")
    blocker.close()
    until(works.is_recorded, within=RECOVERY, tell=works.text)
    until(lambda: not rq.zcard("rq:failed:metrics"), tell=works.text)
    assert worker.poll() is None


def test_a_database_that_cannot_be_opened_is_waited_for(works: Works) -> None:
    place = works.data / "elsewhere"
    place.write_text("not a folder")
    works.env["ANTREAN_DATABASE_URL"] = f"sqlite:///{place}/history.sqlite3"
    works.open()
    until(lambda: not works.unsaid(), tell=works.text)
    until(lambda: "job-failed" in works.text() and "trouble" in works.text(), tell=works.text)
    place.unlink()
    until(works.is_recorded, within=RECOVERY, tell=works.text)
    assert all(process.poll() is None for process in works.started)
    assert "Traceback" not in works.text()


def test_rq_may_forget_everything(works: Works, rq: Redis) -> None:
    works.start("dispatch")
    works.issue()
    until(lambda: rq.llen("rq:queue:metrics") and rq.llen("rq:queue:voice") == len(works.unsaid()), tell=works.text)
    forgotten = rq.keys("rq:*")
    rq.delete(*forgotten)
    works.start("work", "voice")
    works.start("work", "metrics")
    until(lambda: works.is_recorded() and not works.unsaid(), within=RECOVERY, tell=works.text)


def test_rq_may_forget_everything_while_its_workers_listen(works: Works, rq: Redis) -> None:
    works.open()
    until(lambda: works.is_recorded() and not works.unsaid(), tell=works.text)
    rq.delete(*rq.keys("rq:*"))
    works.issue()
    until(lambda: works.is_recorded() and not works.unsaid(), within=RECOVERY, tell=works.text)


def test_a_redis_that_went_away_and_came_back_is_found_again(own_works: Works, own_valkey: OwnValkey) -> None:
    own_works.open()
    until(lambda: own_works.is_recorded() and not own_works.unsaid(), tell=own_works.text)
    own_valkey.kill()
    time.sleep(4)
    own_valkey.start()
    own_works.issue()
    until(lambda: own_works.is_recorded() and not own_works.unsaid(), within=60, tell=own_works.text)
    assert all(process.poll() is None for process in own_works.started), own_works.text()


def test_without_a_redis_they_wait_for_it_and_end_when_told(own_works: Works, own_valkey: OwnValkey) -> None:
    own_valkey.kill()
    own_works.open()
    time.sleep(2.5)
    assert all(process.poll() is None for process in own_works.started), own_works.text()
    own_valkey.start()
    until(lambda: own_works.is_recorded() and not own_works.unsaid(), tell=own_works.text)
    own_valkey.kill()
    time.sleep(0.5)
    for process in own_works.started:
        process.terminate()
    assert [process.wait(PATIENCE) for process in own_works.started] == [0, 0, 0], own_works.text()


def test_a_new_life_of_the_log_is_recorded(works: Works) -> None:
    works.open()
    until(works.is_recorded, tell=works.text)
    works.driver.issue(works.site.services[0].id)
    works.write(renew=True)
    epoch = works.with_log(lambda log: log.position()).epoch

    def recorded() -> bool:
        engine = connect(works.history)
        with engine.connect() as db:
            found = db.execute(select(t.events.c.seq).where(t.events.c.epoch == epoch)).all()
        engine.dispose()
        return len(found) == len(works.entries())

    until(recorded, tell=works.text)
    until(lambda: not works.unsaid(), tell=works.text)


@pytest.mark.parametrize(
    ("command", "number"),
    [
        (("dispatch",), signal.SIGTERM),
        (("dispatch",), signal.SIGINT),
        (("work", "voice"), signal.SIGTERM),
        (("work", "metrics"), signal.SIGINT),
    ],
)
def test_told_to_end_they_end_at_once_and_in_order(works: Works, command: tuple[str, ...], number: int) -> None:
    """Though a worker may wait for its next job much longer than it is given here to end."""
    process = works.run("-c", f"import workers.worker as w; w.LISTEN_FOR = 75; {COMMANDS[command]}")
    until(lambda: works.is_at_work(process), tell=works.text)
    process.send_signal(number)
    assert process.wait(20) == 0, works.text()
    assert "Traceback" not in works.text()


def test_told_to_end_a_worker_gives_its_job_a_few_seconds(works: Works) -> None:
    """Even one that has not got as far as into a process group of its own; the worker's own is left alone."""
    works.start("dispatch")
    worker = works.run("-c", f"import os, time; os.setpgrp = lambda: time.sleep(600); {COMMANDS['work', 'metrics']}")
    horse = works.horse(worker)
    worker.terminate()
    assert worker.wait(20) == 0, works.text()
    assert not Path(f"/proc/{horse}").exists()


@pytest.mark.parametrize("moment", AWKWARD)
def test_told_to_end_at_an_awkward_moment_a_worker_ends_all_the_same(works: Works, moment: str) -> None:
    worker = works.run("-c", f"{BY_ITSELF}{AWKWARD[moment]}{COMMANDS['work', 'metrics']}")
    assert worker.wait(20) == 0, works.text()
    assert "Traceback" not in works.text()


def test_told_to_end_a_worker_without_redis_does_not_wait_for_its_own_lock(works: Works) -> None:
    """The signal comes when the worker holds whatever lock it waits with until Redis is back."""
    works.env["ANTREAN_REDIS_URL"] = f"unix://{works.data}/nothing.sock"
    worker = works.run("-c", f"{BY_ITSELF}{LOCKED}{COMMANDS['work', 'metrics']}")
    until(lambda: "redis-unavailable" in works.text(), tell=works.text)
    worker.terminate()
    assert worker.wait(20) == 0, works.text()


def test_work_is_done_where_horses_are_spawned_too(works: Works) -> None:
    works.start("dispatch")
    worker = works.run("-c", SPAWNING)
    until(works.is_recorded, tell=works.text)
    works.issue()
    until(works.is_recorded, tell=works.text)
    assert worker.poll() is None
    worker.terminate()
    assert worker.wait(20) == 0


def test_there_is_no_worker_for_an_unknown_queue() -> None:
    with pytest.raises(ValueError, match="no queue 'mail'; known: voice, metrics"):
        work(Settings(), "mail")
