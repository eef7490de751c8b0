"""What a newcomer reads when the hall has opened: the addresses of all its screens."""

from collections.abc import Iterable, Mapping
from typing import Any

Row = tuple[str, str, str]


def screens(sites: Iterable[Mapping[str, Any]], base_url: str) -> str:
    """The addresses by site, in Indonesian with the English word beside it. `sites`: see config.sites.load_sites."""
    groups: list[tuple[str, list[Row]]] = [
        (
            "",
            [
                ("Beranda", "home, all screens", "/"),
                ("Masuk", "sign in", "/login"),
                ("Admin", "reports", "/admin"),
            ],
        )
    ]
    for site in sites:
        rows: list[Row] = [("Ambil nomor", "kiosk", f"/kiosk/{site['id']}")]
        rows += [(f"TV {zone['name']}", "display", f"/tv/{site['id']}/{zone['id']}") for zone in site["zones"]]
        first, *others = site["counters"]
        rows.append((first["label"], "counter", f"/counter/{site['id']}/{first['id']}"))
        if others:
            rows.append((f"+ {len(others)} loket lain", "more counters", "/"))
        groups.append((site["name"], rows))
    everything = [row for _, rows in groups for row in rows]
    wide = [max(len(row[column]) for row in everything) for column in (0, 1)]
    lines = ["", "  Antrean sudah buka · The hall is open"]
    for title, rows in groups:
        lines += ["", f"  {title}"] if title else [""]
        lines += [f"    {a:<{wide[0]}}  {b:<{wide[1]}}  {base_url}{path}" for a, b, path in rows]
    return "\n".join([*lines, ""])


def password(value: str) -> str:
    return (
        f"  Kata sandi admin, hanya ditampilkan kali ini · Admin password, shown only this once\n    admin  {value}\n"
    )


ALL_CLOSED = (
    "  Semua instansi sedang tutup, nomor belum dapat diambil. Untuk mencoba: ANTREAN_ALWAYS_OPEN=1 make run\n"
    "  Every agency is closed at this hour, no number can be taken. For a trial: ANTREAN_ALWAYS_OPEN=1 make run\n"
)
CLOSE_WITH = "  Ctrl-C untuk menutup · Ctrl-C closes the hall\n"
CLOSING = "\n  Menutup … · Closing … (Ctrl-C: sekarang juga · at once)"
CLOSED = "  Sudah tutup · Closed. Nomor dan laporan tersimpan · Tickets and reports are kept."
