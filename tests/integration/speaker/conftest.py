"""A server of one test with a fresh site, and mini-PCs that speak for it."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import redis

from server.host.valkey import Valkey
from tests.integration.speaker.machines import SITE, ZONE, Machine, Start
from tests.integration.web.house import Api, Server, make_tokens, write_site
from tests.processes import free_port


@pytest.fixture
def api(valkey: Valkey) -> Iterator[Api]:
    """The site of a server of its own, with the counter loket-1 open."""
    home = Path(tempfile.mkdtemp(prefix="antrean-"))
    with redis.Redis.from_url(valkey.url) as client:
        client.flushall()
    write_site(home / "sites", SITE)
    server = Server(home / "data", free_port(), valkey.url, home / "sites")
    tokens = make_tokens(server.database)
    server.start().ready()
    with httpx.Client(timeout=20, trust_env=False) as http:
        api = Api(server, tokens, SITE, http)
        api.work("loket-1", "open")
        yield api
    server.kill()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def start(api: Api, tmp_path: Path) -> Iterator[Start]:
    """`start("--device", "null", url=…)`: a machine that speaks for the zone with a kiosk's token."""
    machines: list[Machine] = []

    def start(*options: str, url: str = "", token: str = "kiosk", zone: str = ZONE) -> Machine:
        where = ("--zone", zone, *(() if "--device" in options else ("--device", "null")))
        out = tmp_path / f"speaker-{len(machines)}.out"
        machines.append(Machine(out, api.tokens.get(token, token), url or api.server.url, *where, *options))
        return machines[-1]

    yield start
    for machine in machines:
        machine.kill()
    told = "\n".join(line for machine in machines for line in machine.lines)
    assert "Traceback" not in told, told
