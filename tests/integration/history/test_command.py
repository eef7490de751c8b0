"""`antrean replay` as it is typed: what it prints and how it ends."""

import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from msgspec import convert
from sqlalchemy import text, update

from antrean import main
from config.sites import load_sites
from server.domain.site import Site
from server.history import tables as t
from server.history.engine import connect, writing
from server.history.migrate import migrate
from server.history.record import catch_up
from server.log.redis_log import RedisLog
from tests.processes import CHECKOUT
from tests.unit.history.driver import Driver, fill

pytestmark = pytest.mark.usefixtures("patient")

SITE_FILE = CHECKOUT / "config" / "sites" / "kecamatan-muara-kaman.toml"


@pytest.fixture
def database(tmp_path: Path, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A recorded hall with two numbers."""
    site = convert(load_sites([SITE_FILE], always_open=True)[0], Site)
    url = f"sqlite:///{tmp_path}/history.sqlite3"
    hall = Driver(site)
    for _ in range(2):
        hall.issue(site.services[0].id)
    hall.call(site.serving[site.services[0].id][0])

    async def record() -> None:
        log = RedisLog(site.id, redis_url)
        await fill(log, hall.entries)
        await catch_up(engine, log)
        await log.aclose()

    migrate(url)
    engine = connect(url)
    asyncio.run(record())
    engine.dispose()
    monkeypatch.setenv("ANTREAN_DATA", str(tmp_path))
    monkeypatch.setenv("ANTREAN_SITES", str(SITE_FILE))
    monkeypatch.setenv("ANTREAN_REDIS_URL", redis_url)
    return url


def typed(*words: str) -> Result:
    return CliRunner().invoke(main, ["replay", *words])


def test_a_history_that_is_true_is_proved(database: str) -> None:
    result = typed()
    assert (result.exit_code, result.output.splitlines()[-1]) == (0, "  equal, row by row."), result.output
    assert "6 of them told by the log itself" in result.output


def test_a_difference_is_told_and_put_right_when_asked(database: str) -> None:
    engine = connect(database)
    with writing(engine) as db:
        db.execute(update(t.tickets).values(priority="elderly"))
    engine.dispose()
    result = typed()
    assert result.exit_code == 1
    assert result.output.count("priority is elderly, should be empty") == 2
    assert "2 rows differ" in result.output
    assert "put right: 2 rows" in typed("--write").output
    assert typed().exit_code == 0


def test_behind_a_closed_hall_the_archive_is_asked(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANTREAN_REDIS_URL")
    result = typed()
    assert result.exit_code == 0, result.output
    assert "the log does not answer" in result.output
    assert "told by the archive alone" in result.output


def test_a_site_that_is_not_there_is_refused(database: str) -> None:
    result = typed("--site", "nowhere")
    assert result.exit_code == 2
    assert "There is no site" in result.output


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("UPDATE events SET data = '{}' WHERE seq = 3", "entry 3 of kecamatan-muara-kaman"),
        ("UPDATE cursors SET day = 'x'", "how far the history of kecamatan-muara-kaman is recorded cannot be read"),
        ("UPDATE cursors SET seq = 'x'", "how far the history of kecamatan-muara-kaman is recorded cannot be read"),
    ],
)
def test_a_history_that_cannot_be_read_is_a_sentence(
    database: str, monkeypatch: pytest.MonkeyPatch, damage: str, told: str
) -> None:
    monkeypatch.delenv("ANTREAN_REDIS_URL")
    engine = connect(database)
    with writing(engine) as db:
        db.execute(text(damage))
    engine.dispose()
    result = typed()
    assert (result.exit_code, isinstance(result.exception, SystemExit)) == (1, True), result.output
    assert told in result.output
