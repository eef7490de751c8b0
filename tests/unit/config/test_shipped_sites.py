"""The two site files that come with the project load, and are what they say."""

from collections import Counter
from typing import Any

import msgspec
import pytest

from config.settings import CHECKOUT
from server.domain.site import Site
from tests.unit.config.files import load

FOLDER = CHECKOUT / "config" / "sites"


@pytest.fixture(scope="module")
def shipped() -> dict[str, dict[str, Any]]:
    return {site["id"]: site for site in load(FOLDER)}


@pytest.fixture(scope="module")
def kukar(shipped: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return shipped["mpp-kukar"]


def test_both_files_load_together_and_suit_the_domain(shipped: dict[str, dict[str, Any]]) -> None:
    assert sorted(shipped) == ["kecamatan-muara-kaman", "mpp-kukar"]
    for site in shipped.values():
        assert msgspec.convert(site, Site).id == site["id"]


def test_kukar_has_the_size_of_the_real_hall(kukar: dict[str, Any]) -> None:
    assert len(kukar["agencies"]) == 27
    assert 430 <= len(kukar["services"]) <= 445
    assert 28 <= len(kukar["counters"]) <= 32
    assert len(kukar["zones"]) == 2
    assert kukar["timezone"] == "Asia/Makassar"


def test_kukar_has_agencies_that_come_daily_twice_and_once_a_week(kukar: dict[str, Any]) -> None:
    days = Counter(len(agency["hours"]) for agency in kukar["agencies"])
    assert days[1] >= 2
    assert days[2] >= 2
    assert days[5] + days[6] >= 15


def test_kukar_pauses_longer_for_the_friday_prayer(kukar: dict[str, Any]) -> None:
    for agency in kukar["agencies"]:
        spans = agency["hours"].get("fri", [])
        assert not any(start < "12:45" and end > "12:00" for start, end in spans), agency["id"]


def test_kukar_has_services_of_distinct_names_that_everyday_words_find(kukar: dict[str, Any]) -> None:
    names = Counter(service["name"] for service in kukar["services"])
    assert not [name for name, count in names.items() if count > 1]
    assert all(service["keywords"] for service in kukar["services"])
    said = {word for service in kukar["services"] for word in service["keywords"]}
    assert said >= {"bikin ktp", "perpanjang sim", "pajak motor", "bikin paspor", "bikin skck"}


def test_kukar_speaks_every_counter_in_words(kukar: dict[str, Any]) -> None:
    assert all(not any(c.isdigit() for c in counter["spoken"]) for counter in kukar["counters"])
    assert kukar["counters"][2]["spoken"] == "loket tiga"


def test_muara_kaman_shares_two_counters_among_four_agencies(shipped: dict[str, dict[str, Any]]) -> None:
    site = msgspec.convert(shipped["kecamatan-muara-kaman"], Site)
    assert len(site.agencies) == 4
    assert [len(agencies) > 1 for agencies in site.agencies_at.values()] == [True, True]


@pytest.mark.parametrize("name", ["mpp-kukar.toml", "kecamatan-muara-kaman.toml"])
def test_a_shipped_file_says_that_its_contents_are_illustrative(name: str) -> None:
    header = (FOLDER / name).read_text(encoding="utf-8").split("[site]")[0]
    assert "illustrative" in header
