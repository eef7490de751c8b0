"""Servers whose utterances are short, fresh sites, and mini-PCs that speak for them."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

import httpx
import pytest

from server.host.valkey import Valkey
from speaker import line
from tests.integration.speaker import short_server
from tests.integration.speaker.machines import ZONE, Machine, Start
from tests.integration.speaker.patient_speaker import be_patient
from tests.integration.web.house import Api, Server, make_tokens, write_site
from tests.processes import free_port

SITES = 24
Tokens = dict[str, str]


@contextmanager
def serving(valkey: Valkey, *sites: str) -> Iterator[tuple[Server, Tokens]]:
    home = Path(tempfile.mkdtemp(prefix="antrean-"))
    for site in sites:
        write_site(home / "sites", site)
    server = Server(home / "data", free_port(), valkey.url, home / "sites")
    server.hall.program = (sys.executable, str(Path(short_server.__file__)), "serve")
    tokens = make_tokens(server.database)
    server.start().ready()
    yield server, tokens
    server.kill()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="package")
def many(valkey: Valkey) -> Iterator[tuple[Server, Tokens, Iterator[str]]]:
    pool = [f"suara-{token_hex(3)}-{n:02d}" for n in range(SITES)]
    with serving(valkey, *pool) as (server, tokens):
        yield server, tokens, iter(pool)


@pytest.fixture(scope="package")
def lonely(valkey: Valkey) -> Iterator[tuple[Server, Tokens]]:
    with serving(valkey, "gerai") as served:
        yield served


@pytest.fixture(scope="package")
def client() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=20, trust_env=False) as client:
        yield client


@pytest.fixture
def api(many: tuple[Server, Tokens, Iterator[str]], client: httpx.Client) -> Api:
    """A site of its own, with the counter loket-1 open, on the server that all share."""
    server, tokens, sites = many
    return _open(Api(server, tokens, next(sites), client))


@pytest.fixture
def only(lonely: tuple[Server, Tokens], client: httpx.Client) -> Api:
    """The only site of a server, which a test may kill and must start again; loket-1 is open."""
    return _open(Api(*lonely, "gerai", client))


def _open(api: Api) -> Api:
    api.work("loket-1", "open")
    return api


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """So are speakers in the test's own process."""
    be_patient(monkeypatch.setattr)
    monkeypatch.setattr(line, "SILENCE", 60.0)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """`start(api, "--device", "null", url=…)`: a machine that speaks for the site's zone with a kiosk's token."""
    machines: list[Machine] = []

    def start(api: Api, *options: str, url: str = "", token: str = "kiosk", zone: str = ZONE) -> Machine:
        where = ("--zone", zone, *(() if "--device" in options else ("--device", "null")))
        site = () if api.site == "gerai" else ("--site", api.site)
        out = tmp_path / f"speaker-{len(machines)}.out"
        machines.append(Machine(out, api.tokens.get(token, token), url or api.server.url, *where, *site, *options))
        return machines[-1]

    yield start
    for machine in machines:
        machine.kill()
    told = "\n".join(line for machine in machines for line in machine.lines)
    assert "Traceback" not in told, told
