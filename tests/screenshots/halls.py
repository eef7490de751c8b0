"""The halls in which the scenes play: the shipped one, and some that are hard on a screen."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from server.history.engine import connect
from server.history.migrate import migrate
from tests.browser.conftest import Desk, Screens, opened
from tests.processes import CHECKOUT, Hall
from tests.support.days import happened, load_site
from tests.support.site_files import in_mid_day

NOTICE = "Pembayaran hanya melalui loket resmi. Jagalah barang bawaan Anda."
LOGO = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 72">
<path d="M4 4h56v34c0 16-12 26-28 32C16 64 4 54 4 38z" fill="#8a1538" stroke="#e8b931" stroke-width="4"/>
<path d="M32 14l5 11 12 1-9 8 3 12-11-6-11 6 3-12-9-8 12-1z" fill="#e8b931"/></svg>"""


def shipped() -> str:
    return (CHECKOUT / "config/sites/mpp-kukar.toml").read_text("utf-8")


def thirty() -> str:
    """All counters of the shipped hall in one zone."""
    text = shipped().replace('zone = "lantai-2"', 'zone = "utama"')
    return text.replace('[[zones]]\nid = "lantai-2"\nname = "Lantai 2"\n', "")


def long_names() -> str:
    """Eight counters, long names everywhere, a colour and a logo of its own, numbers of seven characters."""
    agencies = [
        ("Kementerian Agama Kantor Wilayah Kabupaten Kutai Kartanegara", "WM"),
        ("Dinas Penanaman Modal dan Pelayanan Terpadu Satu Pintu", "KN"),
        ("Badan Penyelenggara Jaminan Sosial Ketenagakerjaan", "BQ"),
        ("Kantor Pertanahan", "C"),
    ]
    parts = [
        '[site]\nid = "panjang"\n'
        'name = "Mal Pelayanan Publik Kabupaten Penajam Paser Utara dan Ibu Kota Nusantara"\n'
        f'timezone = "Asia/Jayapura"\nnotice = "{NOTICE}"\n[site.look]\ncolour = "#8a1538"\nlogo = "logo.svg"\n'
        '[[zones]]\nid = "z"\nname = "Gedung Pelayanan Terpadu Lantai Dasar Sayap Timur"\n'
    ]
    for i, (name, prefix) in enumerate(agencies):
        parts.append(
            f'[[agencies]]\nid = "a{i}"\nname = "{name}"\nshort = "{name}"\nprefix = "{prefix}"\n'
            f'services = [{{ id = "s{i}", name = "Layanan umum", minutes = 5 }}, '
            f'{{ id = "t{i}", name = "Layanan khusus", minutes = 5 }}]\nhours = {{ mon = ["08:00-15:00"] }}\n'
        )
    for i in range(8):
        label = f"Loket {i + 1}" if i % 3 else f"Loket Pengambilan {i + 1}"
        parts.append(
            f'[[counters]]\nid = "c{i}"\nlabel = "{label}"\nzone = "z"\nservices = ["{"st"[i // 4]}{i % 4}"]\n'
        )
    return "".join(parts)


LONG_AGENCY = "Dinas Pemberdayaan Perempuan, Perlindungan Anak, Pengendalian Penduduk dan Keluarga Berencana Kabupaten"
LONG_SERVICE = (
    "Permohonan surat rekomendasi pengangkatan anak antarwarga negara Indonesia dan pendampingan pengasuhan keluarga"
)


def mixed() -> str:
    """The shipped hall on a day on which some agencies come and some do not, one of them with long names."""
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    absent = (4, 12, 17, 22, 23, 24, 25, 27)
    later = days[(datetime.now(ZoneInfo("Asia/Makassar")).weekday() + 3) % 7]
    places = count(1)

    always = "[agencies.hours]\n" + "".join(f'{day} = ["00:00-24:00"]\n' for day in days)

    def hours(_: re.Match[str]) -> str:
        return f'[agencies.hours]\n{later} = ["08:00-12:00"]\n' if next(places) in absent else always

    text = re.sub(r"\[agencies\.hours\]\n(?:[a-z]{3} = .*\n)+", hours, shipped())
    text = text.replace("public_holidays = true", "public_holidays = false")
    return text + (
        f'[[agencies]]\nid = "panjang"\nname = "{LONG_AGENCY}"\nshort = "DP3AP2KB"\nprefix = "ZZ"\n'
        f'services = [{{ id = "panjang", name = "{LONG_SERVICE}", minutes = 5 }}]\n{always}'
        '[[counters]]\nid = "loket-panjang"\nlabel = "Loket 31"\nzone = "utama"\nagencies = ["panjang"]\n'
    )


def one_counter() -> str:
    return (
        '[site]\nid = "satu"\nname = "Gerai Pelayanan Publik Kecamatan Tabang"\ntimezone = "Asia/Makassar"\n'
        '[site.look]\ncolour = "#1d4fa3"\n[[zones]]\nid = "z"\nname = "Ruang Layanan"\n'
        '[[agencies]]\nid = "a"\nname = "Kantor Kecamatan Tabang"\nshort = "Kecamatan"\nprefix = "A"\n'
        'services = [{ id = "s", name = "Surat keterangan", minutes = 5 }]\nhours = { mon = ["08:00-15:00"] }\n'
        '[[counters]]\nid = "c"\nlabel = "Loket 1"\nzone = "z"\nagencies = ["a"]\n'
    )


@dataclass(frozen=True)
class Setting:
    """site: its site file. prepare: what has happened there before the first scene. always_open: hours are ignored.
    lived: the days it has lived through before it opens."""

    site: Callable[[], str]
    prepare: Callable[[Screens], None] = lambda screens: None
    always_open: bool = True
    lived: Callable[[Engine], None] | None = None


def busy(screens: Screens) -> None:
    """Visitors at every agency, most counters at work, one paused, two closed."""
    with screens.api() as api:
        desks: dict[str, Desk] = {}
        for n, agency in enumerate(api.get("/sites/mpp-kukar").json()["agencies"]):
            service = agency["services"][0]["id"]
            for _ in range(n % 5 + 2):
                api.post("/sites/mpp-kukar/tickets", json={"service": service}).raise_for_status()
            for counter in agency["counters"]:
                desk = Desk("mpp-kukar", agency["id"], agency["name"], service, counter["id"], counter["zone"])
                desks.setdefault(counter["id"], desk)
        for n, desk in enumerate(desks.values()):
            if n not in (4, 9):
                api.post(desk.verb("open")).raise_for_status()
                api.post(desk.verb("pause" if n == 6 else "call-next")).raise_for_status()
                if n % 3:
                    api.post(desk.verb("start"))


def at_work(screens: Screens) -> None:
    """Number KN-1000 is there to be called at counter c5."""
    with screens.api() as api:
        with ThreadPoolExecutor(16) as visitors:
            for taken in [
                visitors.submit(api.post, "/sites/panjang/tickets", json={"service": "s1"}) for _ in range(999)
            ]:
                taken.result().raise_for_status()
        for service in ("s0", "s0", "s2", "s2", "s3", "t1", "t2"):
            api.post("/sites/panjang/tickets", json={"service": service}).raise_for_status()
        for counter in ("c0", "c1", "c2", "c3", "c5", "c6"):
            api.post(f"/sites/panjang/counters/{counter}/open").raise_for_status()
        for counter in ("c1", "c2", "c3", "c6", "c0"):
            api.post(f"/sites/panjang/counters/{counter}/call-next").raise_for_status()


def small(screens: Screens) -> None:
    with screens.api() as api:
        for _ in range(3):
            api.post("/sites/satu/tickets", json={"service": "s"}).raise_for_status()
        api.post("/sites/satu/counters/c/open").raise_for_status()
        api.post("/sites/satu/counters/c/call-next").raise_for_status()
        api.post("/sites/satu/counters/c/call-next").raise_for_status()


def queues(screens: Screens) -> None:
    """People wait at most agencies that have come."""
    with screens.api() as api:
        for n, agency in enumerate(api.get("/sites/mpp-kukar").json()["agencies"]):
            for _ in range(n % 7 * (n % 3) if agency["open_now"] else 0):
                api.post("/sites/mpp-kukar/tickets", json={"service": agency["services"][0]["id"]}).raise_for_status()


def october(engine: Engine) -> None:
    """A month of visitors, long over. In another thread: in this one Playwright's loop runs."""
    with ThreadPoolExecutor(1) as other:
        other.submit(happened, engine, load_site(), date(2026, 10, 1), 31, visitors=200).result()


HALLS = {
    "october": Setting(shipped, lived=october),
    "mixed": Setting(mixed, queues, always_open=False),
    "kukar": Setting(shipped),
    "thirty": Setting(thirty, busy),
    "long": Setting(long_names, at_work),
    "one": Setting(one_counter, small),
}


@contextmanager
def hall(name: str) -> Iterator[Hall]:
    site, env = HALLS[name].site(), {"ANTREAN_ALWAYS_OPEN": str(int(HALLS[name].always_open))}
    with TemporaryDirectory(prefix="antrean-") as folder:
        if lived := HALLS[name].lived:
            env["ANTREAN_DATABASE_URL"] = f"sqlite:///{folder}/history.sqlite3"
            migrate(env["ANTREAN_DATABASE_URL"])
            engine = connect(env["ANTREAN_DATABASE_URL"])
            lived(engine)
            engine.dispose()
        with opened(site if lived else in_mid_day(site), LOGO, **env) as found:
            yield found
