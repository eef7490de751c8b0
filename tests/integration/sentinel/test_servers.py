"""Server processes on a log that is kept by three machines, of which one after another goes away."""

import asyncio
import json
import re
import shlex
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from redis import Redis
from websockets.sync.client import ClientConnection, connect

from server import jobs
from tests.integration.sentinel.kills import BACK_WITHIN, SITE, Ticket, lost, opened, run, whole
from tests.integration.web.house import eventually
from tests.processes import ANTREAN_UP, CHECKOUT, Hall
from tests.support.machines import Machines, Process

pytestmark = pytest.mark.usefixtures("patient")

SLOW = 120.0  # seconds; a whole hall starts on a machine that has three others to do
SPAWNING = (
    "import sys, workers.worker as w; w.Horses = w.SpawnedHorses; w._worker(sys.argv[1], 'metrics').work(burst=True)"
)


def test_primaries_are_killed_and_no_acknowledged_number_is_lost(machines: Machines, folder: Path) -> None:
    """On a busy machine they may be back later than `make faults-ha` allows."""
    figures = asyncio.run(run(machines, folder, [Process.kill] * 3))
    assert figures.lost == []
    assert figures.acknowledged > 30
    assert max(figures.back) <= 6 * BACK_WITHIN["quick"], figures


def test_a_hall_that_lacks_a_machine_says_so_and_refuses_until_it_is_back(machines: Machines, folder: Path) -> None:
    async def story() -> None:
        async with opened(folder, machines, servers=1) as load:
            [server] = load.servers
            await load.issue(server)
            with connect(f"{server.url.replace('http', 'ws', 1)}/ws/sites/{SITE}/tv/utama", proxy=None) as tv:
                gone = machines.replicas()[0]
                gone.kill()
                before, ticket = load.refused, Ticket("during")
                _, health, _ = await asyncio.gather(
                    load.attempt(server, ticket, "ktp"), asyncio.to_thread(server.healthz), heard(tv, "unavailable")
                )
                assert not ticket.answers
                assert (load.refused - before, health) == (1, 503)
                await asyncio.to_thread(server.hall.shows, "replicas confirm what is written")
                machines.start(gone, machines.primary())
                await heard(tv, "ok")
            while not ticket.answers:
                await load.attempt(server, ticket, "ktp")
            assert ticket.answers[0][1]["number"] == "A-002", "what was sent meanwhile was done once"
            assert lost(await whole(machines), [*load.tickets, ticket]) == []

    asyncio.run(story())


def test_a_hall_is_opened_on_three_machines_with_one_command(machines: Machines, folder: Path, port: int) -> None:
    """With no Valkey of its own, as a user who may do no more than docs/ha.md names; the workers find their jobs through
    the Sentinels too, and so do backup, verify and restore."""
    [rules] = re.findall(r"--user hall on '>…' (.+)", (CHECKOUT / "docs/ha.md").read_text())
    for valkey in machines.valkeys:
        valkey.ask("ACL", "SETUSER", "hall", "reset", "on", ">geheim", *shlex.split(rules))
    url = machines.url.replace("://", "://hall:geheim@")
    env = {"ANTREAN_REDIS_URL": url, "ANTREAN_VOICES": "espeak", "ANTREAN_ALWAYS_OPEN": "1"}
    hall = Hall(folder / "var", port, env=env)
    try:
        hall.open(within=SLOW)
        assert not [line for line in hall.alive().values() if "valkey-server" in line]
        with jobs.connect(machines.url) as rq:
            eventually(lambda: _working(rq) == {"", *jobs.QUEUES}, within=SLOW)
        for command in (["backup", str(folder / "kept")], ["verify"]):
            eventually(partial(_done, hall.env, command), within=SLOW)
        assert hall.close() == 0
        assert "Wrong number" not in hall.text(), "a worker told to stop takes no reply for another"
        machines.primary().ask("FLUSHALL")
        elsewhere = {**hall.env, "ANTREAN_DATA": str(folder / "elsewhere")}
        for command in (["restore", str(folder / "kept")], ["verify"]):
            eventually(partial(_done, elsewhere, command), within=SLOW)
        assert not [said for valkey in machines.valkeys for said in valkey.ask("ACL", "LOG")]
    finally:
        hall.kill()


def test_a_job_is_done_where_its_process_is_spawned(machines: Machines) -> None:
    """As on a Mac."""
    with jobs.connect(machines.url) as rq:
        job = jobs.open_queue("metrics", rq).enqueue("operator.add", 2, 3)
        subprocess.run([sys.executable, "-c", SPAWNING, machines.url], cwd=CHECKOUT, timeout=SLOW, check=True)
        assert job.return_value() == 5


def _done(env: dict[str, str], command: list[str]) -> bool:
    """Sentinels that do not answer it at once may the next time."""
    return subprocess.run([*ANTREAN_UP[:-1], *command], env=env, check=False).returncode == 0


def _working(rq: Redis) -> set[str]:
    """The queues whose workers are alive; "" for a dispatcher."""
    return {hand.queue for hand in jobs.overview(rq).hands if hand.alive}


async def heard(screen: ClientConnection, log: str) -> None:
    """Until a heartbeat says so of the log."""
    await asyncio.to_thread(eventually, lambda: json.loads(screen.recv(timeout=30)).get("log") == log)
