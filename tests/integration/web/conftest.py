"""A server of the package with a pool of fresh sites, tokens of every role, and a client that knows them."""

import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import redis

from server.host.valkey import Valkey
from tests.integration.web.house import BUSY, OTHER, PATIENT, QUIET, Api, Server, make_tokens, write_site
from tests.processes import free_port

DEFECTS = ("-failed", "Exception in ASGI", "never awaited", "ResourceWarning")


@pytest.fixture(scope="package")
def house(valkey: Valkey, request: pytest.FixtureRequest) -> Iterator[tuple[Server, dict[str, str], Iterator[str]]]:
    """One server for the tests of this package, its tokens, and sites that no test has used yet: as many as are asked
    for when all of them run here."""
    asked = [getattr(item, "fixturenames", ()) for item in request.session.items]
    uses = sum("api" in names for names in asked) + any("worked" in names for names in asked)
    pool = [f"gerai-{n}" for n in range(uses)]
    home = Path(tempfile.mkdtemp(prefix="antrean-"))
    with redis.Redis.from_url(valkey.url) as client:
        client.flushall()
    for site in (BUSY, OTHER, QUIET, *pool):
        write_site(home / "sites", site)
    server = Server(
        home / "data", free_port(), valkey.url, home / "sites", PATIENT, ANTREAN_ORIGINS="https://tv.example.go.id"
    )
    tokens = make_tokens(server.database)
    server.start().ready()
    yield server, tokens, iter(pool)
    assert not server.ended, server.hall.text()
    told = server.hall.text()
    assert server.stop() in (0, -signal.SIGTERM)
    shutil.rmtree(home, ignore_errors=True)
    assert not [mark for mark in DEFECTS if mark in told], told


@pytest.fixture(scope="package")
def client() -> Iterator[httpx.Client]:
    """It drops an idle connection before the server does, after 5 s, lest a request meet its end."""
    with httpx.Client(timeout=20, trust_env=False, limits=httpx.Limits(keepalive_expiry=1)) as client:
        yield client


@pytest.fixture
def api(house: tuple[Server, dict[str, str], Iterator[str]], client: httpx.Client) -> Api:
    """A fresh site of the package's server."""
    server, tokens, sites = house
    return Api(server, tokens, next(sites), client)


@pytest.fixture
def other(house: tuple[Server, dict[str, str], Iterator[str]], client: httpx.Client) -> Api:
    """The site that all tests share, for what leaves no trace or does not mind one."""
    server, tokens, _ = house
    return Api(server, tokens, OTHER, client)


@pytest.fixture
def quiet(house: tuple[Server, dict[str, str], Iterator[str]], client: httpx.Client) -> Api:
    """A shared site where nobody is ever called, so that nothing happens there by itself."""
    server, tokens, _ = house
    return Api(server, tokens, QUIET, client)


@pytest.fixture
def busy(house: tuple[Server, dict[str, str], Iterator[str]], client: httpx.Client) -> Api:
    """A shared site where tests call visitors as they like."""
    server, tokens, _ = house
    return Api(server, tokens, BUSY, client)
