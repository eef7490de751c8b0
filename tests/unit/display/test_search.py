"""People find a service by everyday words, half words and typing mistakes, among the services of a real hall (search.js)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from config.sites import load_sites
from tests.unit.display.conftest import Run

CHECKOUT = Path(__file__).resolve().parents[3]
SHOWN = 24  # as many as the kiosk shows

Find = Callable[[str], list[str]]

FIND = """
const [entries, everyday, queries] = given;
const index = m.buildIndex(entries, everyday);
return queries.map((query) => m.search(index, query, 24));
"""


def entries_of(file: str) -> list[dict[str, Any]]:
    """A site's services as the kiosk puts them into its index."""
    site = load_sites([CHECKOUT / "config" / "sites" / file])[0]
    agencies = {agency["id"]: f"{agency['name']} {agency['short']}" for agency in site["agencies"]}
    return [
        {"item": one["id"], "name": one["name"], "keywords": one["keywords"], "agency": agencies[one["agency"]]}
        for one in site["services"]
    ]


KUKAR = entries_of("mpp-kukar.toml")
KECAMATAN = entries_of("kecamatan-muara-kaman.toml")


def look_up(run: Run, entries: list[dict[str, Any]], queries: list[str]) -> list[list[str]]:
    everyday = run("kiosk-everyday.js", "return m.EVERYDAY")
    found: list[list[str]] = run("search.js", FIND, [entries, everyday, queries])
    return found


@pytest.fixture
def find(run: Run) -> Find:
    """The services of the MPP that are shown for a query, best first."""
    return lambda query: look_up(run, KUKAR, [query])[0]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("bikin ktp", "ktp-rekam"),
        ("saya mau urus ktp hilang", "ktp-hilang"),
        ("memperpanjang paspor", "paspor-ganti"),
        ("bayar pajak mobil", "pkb-mobil"),
        ("pajak motor", "pkb-motor"),
        ("orang meninggal", "akta-mati"),
        ("bayi baru lahir", "akta-lahir"),
        ("akte lahir", "akta-lahir"),
        ("pasang listrik", "pln-pasang"),
        ("sertifikat tanah", "tanah-cek"),
        ("stnk ilang", "stnk-hilang"),
        ("surat pindah", "pindah-keluar"),
        ("tes urin", "bnn-skhpn"),
        ("tilang", "tilang"),
        ("e-paspor", "paspor-elektronik"),
        ("renew passport", "paspor-ganti"),
        ("birth certificate", "akta-lahir"),
        ("lost id card", "ktp-hilang"),
    ],
)
def test_everyday_words_of_both_languages_find_what_offices_call_otherwise(find: Find, query: str, wanted: str) -> None:
    assert wanted in find(query)[:3]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("paspro hilang", "paspor-hilang"),
        ("pspor hilang", "paspor-hilang"),
        ("paspor hilnag", "paspor-hilang"),
        ("perpanjnag sim a", "sim-a-panjang"),
        ("skkc", "skck-baru"),
        ("adobsi", "pn-angkat"),
        ("imunsiasi", "imunisasi"),
        ("kartu kelaurga", "kk-baru"),
        ("ktp hlang", "ktp-hilang"),
        ("pajak mtoor", "pkb-motor"),
        ("npwp bdan", "npwp-badan"),
    ],
)
def test_a_typing_mistake_is_forgiven(find: Find, query: str, wanted: str) -> None:
    assert wanted in find(query)[:3]


def test_of_what_visitors_ask_at_least_98_of_100_are_among_the_first_three(run: Run) -> None:
    """everyday_queries.tsv: a query, and the ids of the services that are meant."""
    table = (Path(__file__).parent / "everyday_queries.tsv").read_text("utf-8")
    rows = [line.split("\t") for line in table.splitlines()]
    answers = look_up(run, KUKAR, [query for query, _ in rows])
    missed = [
        f"{query}: wanted {wanted}, got {found[:3]}"
        for (query, wanted), found in zip(rows, answers, strict=True)
        if not set(wanted.split("|")) & set(found[:3])
    ]
    assert len(rows) >= 250
    assert len({query for query, _ in rows}) == len(rows)
    assert len(missed) <= len(rows) * 0.02, missed


def test_every_service_that_is_meant_is_one_of_the_hall() -> None:
    table = (Path(__file__).parent / "everyday_queries.tsv").read_text("utf-8")
    wanted = {one for line in table.splitlines() for one in line.split("\t")[1].split("|")}
    assert wanted - {one["item"] for one in KUKAR} == set()


@pytest.mark.parametrize("query", ["imuni", "imunisas", "IMUNISASI", "  imunisasi!  ", "ímunísasi"])
def test_half_words_capitals_and_accents_make_no_difference(find: Find, query: str) -> None:
    assert find(query)[0] == "imunisasi"


@pytest.mark.parametrize("query", ["", "   ", "saya", "!!!", "xyzzy", "qqqq", "9999", "constructor", "__proto__"])
def test_nothing_like_it_finds_nothing(find: Find, query: str) -> None:
    assert find(query) == []


def test_what_fits_well_is_not_buried_under_what_only_resembles_it(find: Find) -> None:
    assert "stnk-hilang" not in find("tilang")
    assert find("paspor hilang") == ["paspor-hilang"]


@pytest.mark.parametrize("entries", [KUKAR, KECAMATAN], ids=["mpp-kukar", "kecamatan"])
def test_every_service_is_found_by_its_own_name_and_by_each_of_its_keywords(
    run: Run, entries: list[dict[str, Any]]
) -> None:
    asked = [(one["item"], query) for one in entries for query in [one["name"], *one["keywords"]]]
    answers = look_up(run, entries, [query for _, query in asked])
    assert [query for (item, query), found in zip(asked, answers, strict=True) if item not in found] == []
    first = [found[:3] for (_, query), found in zip(asked, answers, strict=True) if query]
    by_name = {one["name"]: one["item"] for one in entries}
    late = [query for (item, query), top in zip(asked, first, strict=True) if query in by_name and item not in top]
    assert late == []


def test_no_more_are_given_than_asked_for(run: Run) -> None:
    body = "return m.search(m.buildIndex(given), 'surat', 5).length"
    assert run("search.js", body, KUKAR) == 5


@pytest.mark.parametrize(
    ("typed", "word", "whole", "begin"),
    [
        ("paspor", "paspor", 0, 0),
        ("paspro", "paspor", 1, 1),  # two neighbours swapped are one mistake
        ("pspor", "paspor", 1, 1),
        ("pasppor", "paspor", 1, 1),
        ("pas", "paspor", 2, 0),
        ("kucing", "paspor", 2, 2),
    ],
)
def test_mistakes_are_counted_up_to_the_limit(run: Run, typed: str, word: str, whole: int, begin: int) -> None:
    counted = run("search.js", "return m.distances(given[0], given[1], 1)", [typed, word])
    assert counted == {"whole": min(whole, 2), "begin": min(begin, 2)}


@pytest.mark.parametrize(
    "family",
    [["perpanjangan", "memperpanjang", "perpanjang"], ["pendaftaran", "mendaftar", "daftar"], ["pembuatan", "buat"]],
)
def test_forms_of_one_word_meet_in_one_root(run: Run, family: list[str]) -> None:
    assert len({*run("search.js", "return given.map(m.root)", family)}) == 1


@pytest.mark.parametrize("word", ["akta", "pbb", "dikti", "terbit", "bank"])
def test_a_short_word_stays_whole(run: Run, word: str) -> None:
    assert run("search.js", "return m.root(given)", word) == word
