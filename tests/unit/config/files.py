"""A small site file without mistakes, and ways to spoil it."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from config.errors import ConfigError
from config.sites import load_sites

TODAY = date(2026, 11, 20)
GOOD = """\
[site]
id = "gerai"
name = "Gerai Contoh"
timezone = "Asia/Makassar"

[[zones]]
id = "aula"
name = "Aula"

[[zones]]
id = "teras"
name = "Teras"

[[agencies]]
id = "disdukcapil"
name = "Dinas Kependudukan"
prefix = "A"
services = [
  { id = "ktp-baru", name = "KTP baru", minutes = 10, keywords = ["bikin ktp"] },
  { id = "kk-baru", name = "KK baru", minutes = 12.5 },
]
[agencies.hours]
mon = ["08:00-12:00", "13:00-15:00"]

[[agencies]]
id = "imigrasi"
name = "Kantor Imigrasi"
prefix = "IM"
services = [{ id = "paspor-baru", name = "Paspor baru", minutes = 15 }]
[agencies.hours]
tue = ["08:00-24:00"]

[[counters]]
id = "loket-1"
label = "Loket 1"
zone = "aula"
agencies = ["disdukcapil"]

[[counters]]
id = "loket-2"
label = "Loket 2"
zone = "teras"
services = ["paspor-baru"]
"""


def spoiled(old: str, new: str, text: str = GOOD) -> str:
    assert old in text
    return text.replace(old, new, 1)


def write(folder: Path, text: str | bytes, name: str = "gerai.toml") -> Path:
    file = folder / name
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


def load(*paths: Path, **options: Any) -> list[dict[str, Any]]:
    return load_sites(paths, today=TODAY, **options)


def site_of(folder: Path, text: str, **options: Any) -> dict[str, Any]:
    (site,) = load(write(folder, text), **options)
    return site


def mistakes(*paths: Path) -> list[str]:
    """Each mistake as "key: message", after a check that each names one of the files or folders."""
    with pytest.raises(ConfigError) as caught:
        load(*paths)
    problems = caught.value.problems
    assert {p.file for p in problems} <= {str(path) for path in paths}
    assert str(caught.value).splitlines() == [str(p) for p in problems]
    return [f"{p.key}: {p.message}" for p in problems]


def mistakes_in(folder: Path, text: str | bytes) -> list[str]:
    return mistakes(write(folder, text))
