"""What the tests of the server stand on: site files with nasty names, server processes, tokens, a client per site."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from sqlalchemy import Table, delete, insert, text
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from config.settings import Settings
from server.history import engine as history
from server.history.accounts import create_token, ensure_admin
from tests.processes import CHECKOUT, Hall, free_port, until
from tests.support.site_files import in_mid_day

TIMEZONE = "Asia/Makassar"
PASSWORD = 'rahasia "sekali" 🗝'
OTHER = "lain"  # the site for which some tokens are, and no others
BUSY = "ramai"  # the site where tests call visitors as they like
QUIET = "sepi"  # the site where nobody is ever called
DOOR, PATIENT = CHECKOUT / "antrean.py", Path(__file__).with_name("patient.py")
SCRIPT = "<script>alert(1)</script>"
AGENCY = f"Dinas \"A\" & 'B' {SCRIPT} 🏛"
SERVICE = ("KTP </script>" + SCRIPT + " '\"&<!-- " + "panjang " * 20)[:119] + "!"
LABEL = 'Loket <b>1</b> & "satu" \'🙂'
ZONE = f"Zona {SCRIPT}"
NOTICE = ("</script><img src=x onerror=alert(1)> {{7*7}} " + "🙂 é " * 200)[:599] + "."

SITE = """
[site]
id = {id}
name = {name}
timezone = "Asia/Makassar"
recall_limit = 2
notice = {notice}

[[zones]]
id = "utama"
name = {zone}
[[zones]]
id = "timur"
name = "Timur"

[[agencies]]
id = "umum"
name = {agency}
prefix = "A"
spoken = "Umum"
services = [{{ id = "ktp", name = {service}, minutes = 5, keywords = [{label}] }}, {{ id = "kk", name = "KK", minutes = 9 }}]
hours = {{ {always} }}
[[agencies]]
id = "pajak"
name = "Pajak"
prefix = "PB"
services = [{{ id = "pkb", name = "PKB", minutes = 5 }}]
hours = {{ {always} }}
[[agencies]]
id = "libur"
name = "Libur"
prefix = "C"
services = [{{ id = "cuti", name = "Cuti", minutes = 5 }}]
hours = {{ {closed} }}

[[counters]]
id = "loket-1"
label = {label}
spoken = "loket satu"
zone = "utama"
agencies = ["umum", "libur"]
[[counters]]
id = "loket-2"
label = "Loket 2"
zone = "utama"
agencies = ["umum", "pajak"]
[[counters]]
id = "loket-3"
label = "Loket 3"
zone = "timur"
agencies = ["pajak"]
"""

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ROLES: dict[str, tuple[str, str | None, str | None]] = {
    "kiosk": ("kiosk", None, None),
    "operator": ("operator", None, None),
    "operator-umum": ("operator", None, "umum"),
    "operator-pajak": ("operator", None, "pajak"),
    "supervisor": ("supervisor", None, None),
    "admin": ("admin", None, None),
    "integration": ("integration", None, None),
    "kiosk-lain": ("kiosk", OTHER, None),
    "operator-lain": ("operator", OTHER, None),
    "supervisor-lain": ("supervisor", OTHER, None),
    "admin-lain": ("admin", OTHER, None),
    "integration-lain": ("integration", OTHER, None),
}


def quoted(text: str) -> str:
    """A TOML basic string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def write_site(folder: Path, site: str) -> None:
    """A site whose agencies `umum` and `pajak` are always open and whose `libur` opens in three days."""
    now = datetime.now(ZoneInfo(TIMEZONE))
    text = SITE.format(
        id=quoted(site),
        name=quoted(f'MPP {site} {SCRIPT} & "kutip"'),
        notice=quoted(NOTICE),
        zone=quoted(ZONE),
        agency=quoted(AGENCY),
        service=quoted(SERVICE),
        label=quoted(LABEL),
        always=", ".join(f'{day} = ["00:00-24:00"]' for day in DAYS),
        closed=f'{DAYS[(now + timedelta(days=3)).weekday()]} = ["08:00-09:00"]',
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{site}.toml").write_text(in_mid_day(text), "utf-8")


class Server:
    """One server process on its own port and data directory; several may share both directory and Valkey.

    program: DOOR, or PATIENT where a log that does not answer is not what is tested.
    """

    def __init__(self, data: Path, port: int, redis_url: str, sites: Path, program: Path = DOOR, **env: str) -> None:
        self.data = data
        database = Settings(data=data).database
        self.hall = Hall(
            data,
            port,
            program=(sys.executable, str(program), "serve"),
            env={
                "ANTREAN_REDIS_URL": redis_url,
                "ANTREAN_SITES": str(sites),
                "ANTREAN_VOICES": "espeak",
                "ANTREAN_DATABASE_URL": database,
                "PYTHONWARNINGS": "error::ResourceWarning",
                **env,
            },
        )
        self.hall.out = data.parent / f"server-{port}.out"
        self.database = database

    @property
    def url(self) -> str:
        return self.hall.url

    @property
    def port(self) -> int:
        return self.hall.port

    def start(self) -> "Server":
        self.hall.start()
        return self

    def ready(self) -> "Server":
        """Waits until it answers that every log answers."""
        until(lambda: self.healthz() == 200 or self.ended, tell=self.hall.text)
        assert not self.ended, self.hall.text()
        return self

    @property
    def ended(self) -> bool:
        return self.hall.process is not None and self.hall.process.poll() is not None

    def healthz(self) -> int:
        """The status it answers with; 0 when it does not."""
        try:
            return httpx.get(f"{self.url}/healthz", timeout=10, trust_env=False).status_code
        except httpx.TransportError:
            return 0

    def stop(self) -> int:
        assert self.hall.process
        self.hall.process.terminate()
        return self.hall.ends()

    def kill(self) -> None:
        self.hall.kill()


def make_tokens(database: str) -> dict[str, str]:
    """The account "admin" and a token for each of ROLES."""
    ensure_admin(database, PASSWORD)
    engine = history.connect(database)
    try:
        return {name: create_token(engine, role, site, agency) for name, (role, site, agency) in ROLES.items()}
    finally:
        engine.dispose()


class Api:
    """A client of one site, with the token of one role; `role=""` sends none."""

    def __init__(self, server: Server, tokens: dict[str, str], site: str, client: httpx.Client) -> None:
        self.server, self.tokens, self.site, self._client = server, tokens, site, client
        self.base = f"{server.url}/api/sites/{site}"

    def headers(self, role: str, key: str | None = None) -> dict[str, str]:
        found = {"Authorization": f"Bearer {self.tokens[role]}"} if role else {}
        return found | ({"Idempotency-Key": key} if key is not None else {})

    def get(self, path: str = "", role: str = "", **how: Any) -> httpx.Response:
        return self._client.get(self.base + path, headers=self.headers(role), **how)

    def post(
        self, path: str, body: Any = None, role: str = "admin", key: str | None = None, **how: Any
    ) -> httpx.Response:
        how |= {} if body is None else {"json": body}
        headers = self.headers(role, key) | how.pop("headers", {})
        return self._client.post(self.base + path, headers=headers, **how)

    def send(
        self,
        path: str,
        content: bytes | Iterator[bytes],
        role: str = "admin",
        headers: Mapping[str, str | bytes] | None = None,
    ) -> httpx.Response:
        """A POST of these very bytes."""
        own = {"Content-Type": "application/json", **self.headers(role), **(headers or {})}
        sent = {name.encode(): value if isinstance(value, bytes) else value.encode() for name, value in own.items()}
        return self._client.post(self.base + path, headers=sent, content=content)

    def issue(self, service: str = "ktp", role: str = "kiosk", **body: Any) -> dict[str, Any]:
        answer = self.post("/tickets", {"service": service} | body, role)
        assert answer.status_code == 201, answer.text
        ticket: dict[str, Any] = answer.json()
        return ticket

    def work(self, counter: str, verb: str, body: Any = None, role: str = "operator") -> dict[str, Any]:
        answer = self.post(f"/counters/{counter}/{verb}", body, role)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def serve(self, counter: str = "loket-1", service: str = "ktp") -> dict[str, Any]:
        """An open counter with a ticket just called."""
        self.issue(service)
        self.work(counter, "open")
        called: dict[str, Any] = self.work(counter, "call-next")["ticket"]
        return called

    def ticket(self, ticket: str) -> dict[str, Any]:
        answer = self.get(f"/tickets/{ticket}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def last_seq(self) -> int:
        return int(self.get("/events", "admin", params={"limit": 1}).json()["last_seq"])

    def events(self, after: int = 0) -> list[dict[str, Any]]:
        """All events after `after`, as `integration` reads them."""
        found: list[dict[str, Any]] = []
        while True:
            answer = self.get("/events", "integration", params={"after": after, "limit": 1000}).json()
            found += answer["events"]
            if not answer["events"]:
                return found
            after = found[-1]["seq"]

    @contextmanager
    def changes_nothing(self) -> Iterator[None]:
        """The log ends where it ended before."""
        before = self.last_seq()
        yield
        assert self.events(before) == []

    @contextmanager
    def without_table(self, name: str) -> Iterator[None]:
        """The database does not have it meanwhile."""
        engine = history.connect(self.server.database)
        try:
            with history.writing(engine) as db:
                db.execute(text(f"ALTER TABLE {name} RENAME TO away"))
            yield
        finally:
            with history.writing(engine) as db:
                db.execute(text(f"ALTER TABLE away RENAME TO {name}"))
            engine.dispose()

    @contextmanager
    def with_row(self, table: Table, **values: Any) -> Iterator[None]:
        """The database has it meanwhile, of this site."""
        engine = history.connect(self.server.database)
        try:
            with history.writing(engine) as db:
                db.execute(insert(table).values(site=self.site, **values))
            yield
        finally:
            with history.writing(engine) as db:
                db.execute(delete(table).where(table.c.site == self.site))
            engine.dispose()

    def socket(self, path: str, role: str = "", origin: str | None = None, **how: Any) -> ClientConnection:
        url = f"{self.server.url.replace('http', 'ws', 1)}/ws/sites/{self.site}/{path}"
        headers = self.headers(role) | how.pop("headers", {})
        sent_from = None if origin is None else Origin(origin)
        found: ClientConnection = connect(
            url, additional_headers=headers, origin=sent_from, compression=None, proxy=None, **how
        )
        return found


@contextmanager
def two_servers(home: Path, redis_url: str, site: str, client: httpx.Client, **env: str) -> Iterator[tuple[Api, Api]]:
    """A site of home/sites through two server processes on one Redis and one data directory."""
    servers = [Server(home / "data", free_port(), redis_url, home / "sites", PATIENT, **env) for _ in range(2)]
    tokens = make_tokens(servers[0].database)
    try:
        for server in servers:
            server.start()
        first, second = (Api(server.ready(), tokens, site, client) for server in servers)
        yield first, second
    finally:
        for server in servers:
            server.kill()


def code(answer: httpx.Response, status: int) -> str:
    """The code of a problem document, checked to be one with this status."""
    assert answer.status_code == status, (answer.status_code, answer.text[:500])
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert document["status"] == status
    assert all(isinstance(document[name], str) and document[name] for name in ("type", "title", "code", "detail"))
    return str(document["code"])


def is_time(text: object) -> bool:
    """RFC 3339 with the offset of the sites' zone."""
    return isinstance(text, str) and datetime.fromisoformat(text).utcoffset() == timedelta(hours=8)


def is_recent(text: str) -> bool:
    return abs(datetime.now(UTC) - datetime.fromisoformat(text)) < timedelta(minutes=5)


def eventually(what: Callable[[], Any], within: float = 20.0) -> Any:
    """The first true value of `what`."""
    found: list[Any] = []

    def look() -> bool:
        found.append(what())
        return bool(found[-1])

    until(look, within=within, tell=lambda: repr(found[-1])[:2000])
    return found[-1]
