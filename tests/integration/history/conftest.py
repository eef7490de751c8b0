"""Both databases for real: a SQLite file, and a private PostgreSQL cluster on a unix socket."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from functools import partial
from glob import glob
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from tests.support.patience import patient as patient

MISSING = "PostgreSQL's programs are missing (Debian: apt-get install postgresql)"
_databases = count(1)


def postgres_programs() -> Path | None:
    """A folder with initdb and pg_ctl; Debian keeps them out of the PATH."""
    folders = [*glob("/usr/lib/postgresql/*/bin"), *os.environ.get("PATH", "").split(os.pathsep)]
    found = [Path(one) for one in folders if Path(one, "initdb").exists() and Path(one, "pg_ctl").exists()]
    return found[0] if found else None


@pytest.fixture(scope="session")
def cluster() -> Iterator[Path]:
    """The socket folder of a running cluster. Skips where there is no PostgreSQL, but fails on CI."""
    programs = postgres_programs()
    if programs is None:
        if os.environ.get("CI"):
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    folder = Path(mkdtemp(prefix="pg-"))
    options: dict[str, Any] = {}
    if os.geteuid() == 0:  # initdb refuses to be root
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        options = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    run = partial(subprocess.run, check=True, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
    data, log = str(folder / "data"), str(folder / "log")
    try:
        run([programs / "initdb", "-D", data, "-U", "antrean", "-A", "trust", "-E", "UTF8", "--no-sync"])
        server = f"-k {folder} -c listen_addresses='' -c fsync=off -c timezone=Asia/Tokyo"
        run(
            [programs / "pg_ctl", "-D", data, "-l", log, "-o", server, "-w", "start"],
            stdout=subprocess.DEVNULL,
        )
        yield folder
        run([programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/history.sqlite3"


@pytest.fixture
def postgresql(cluster: Path) -> str:
    """The URL of an empty database."""
    name = f"history_{next(_databases)}"
    url = f"postgresql+psycopg://antrean@/{{}}?host={cluster}"
    engine = create_engine(url.format("postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as db:
        db.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return url.format(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """Each of them in turn, empty."""
    found: str = request.getfixturevalue(request.param)
    return found
