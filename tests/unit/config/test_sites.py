"""What a good site file becomes: the JSON-ready dict that the hall is configured with."""

import json
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.checks import check
from config.site import unprintable
from config.sites import load_sites
from server.domain.site import Site
from tests.unit.config.files import GOOD, load, mistakes, site_of, spoiled, write

SPEAKING = """\
[site.head_start]
elderly = 10
disability = 20
pregnant = 30
infant = 0
[site.announcement]
repeat = true
agency = false
expires = 120
[[zones]]"""


def test_a_small_file_becomes_the_whole_dict(tmp_path: Path) -> None:
    assert site_of(tmp_path, GOOD) == {
        "id": "gerai",
        "name": "Gerai Contoh",
        "timezone": "Asia/Makassar",
        "day_begins": 4,
        "number_style": "digits",
        "head_start": {"elderly": 900, "disability": 900, "pregnant": 900, "infant": 900},
        "recall_limit": 3,
        "announcement": {"repeat": False, "agency": True, "english": False, "expires": 180},
        "notice": "",
        "popular": [],
        "pronunciation": {},
        "zones": [
            {"id": "aula", "name": "Aula", "where": ""},
            {"id": "teras", "name": "Teras", "where": ""},
        ],
        "agencies": [
            {
                "id": "disdukcapil",
                "name": "Dinas Kependudukan",
                "short": "Dinas Kependudukan",
                "prefix": "A",
                "icon": "",
                "spoken": "Dinas Kependudukan",
                "spoken_en": "",
                "where": "",
                "hours": {"mon": [["08:00", "12:00"], ["13:00", "15:00"]]},
            },
            {
                "id": "imigrasi",
                "name": "Kantor Imigrasi",
                "short": "Kantor Imigrasi",
                "prefix": "IM",
                "icon": "",
                "spoken": "Kantor Imigrasi",
                "spoken_en": "",
                "where": "",
                "hours": {"tue": [["08:00", "24:00"]]},
            },
        ],
        "services": [
            {
                "id": "ktp-baru",
                "agency": "disdukcapil",
                "name": "KTP baru",
                "minutes": 10.0,
                "keywords": ["bikin ktp"],
                "bring": [],
            },
            {
                "id": "kk-baru",
                "agency": "disdukcapil",
                "name": "KK baru",
                "minutes": 12.5,
                "keywords": [],
                "bring": [],
            },
            {
                "id": "paspor-baru",
                "agency": "imigrasi",
                "name": "Paspor baru",
                "minutes": 15.0,
                "keywords": [],
                "bring": [],
            },
        ],
        "counters": [
            {
                "id": "loket-1",
                "label": "Loket 1",
                "spoken": "Loket 1",
                "spoken_en": "",
                "zone": "aula",
                "where": "",
                "services": ["ktp-baru", "kk-baru"],
            },
            {
                "id": "loket-2",
                "label": "Loket 2",
                "spoken": "Loket 2",
                "spoken_en": "",
                "zone": "teras",
                "where": "",
                "services": ["paspor-baru"],
            },
        ],
        "closed_days": {},
        "always_open": False,
        "look": {"colour": "", "logo": ""},
    }


def test_head_starts_and_the_age_of_announcements_are_divided_by_the_speed(tmp_path: Path) -> None:
    site = site_of(tmp_path, spoiled("[[zones]]", SPEAKING), speed=60.0)
    assert site["head_start"] == {"elderly": 10, "disability": 20, "pregnant": 30, "infant": 0}
    assert site["announcement"] == {"repeat": True, "agency": False, "english": False, "expires": 2}


def test_always_open_is_passed_on(tmp_path: Path) -> None:
    assert site_of(tmp_path, GOOD, always_open=True)["always_open"] is True


def test_the_short_name_is_spoken_unless_the_file_says_how(tmp_path: Path) -> None:
    text = spoiled('prefix = "A"', 'prefix = "A"\nshort = "Disdukcapil"')
    assert site_of(tmp_path, text)["agencies"][0]["spoken"] == "Disdukcapil"
    text = spoiled('prefix = "A"', 'prefix = "A"\nspoken = "dinas"', text)
    assert site_of(tmp_path, text)["agencies"][0]["spoken"] == "dinas"


def test_english_and_the_pronunciation_of_words(tmp_path: Path) -> None:
    """What the file says of the voice goes to the hall as it is; and a hall configured before knew nothing of it."""
    text = spoiled("[[zones]]", "[site.announcement]\nenglish = true\n[[zones]]")
    text = spoiled('prefix = "IM"', 'prefix = "IM"\nspoken_en = "Immigration"', text)
    text = spoiled('label = "Loket 1"', 'label = "Loket 1"\nspoken_en = "counter one"', text)
    text += '[pronunciation]\nIKD = "i ka de"\n"BPJS Kesehatan" = " be pe je es "\n'
    site = site_of(tmp_path, text)
    assert site["announcement"]["english"] is True
    assert site["agencies"][1]["spoken_en"] == "Immigration"
    assert site["counters"][0]["spoken_en"] == "counter one"
    assert site["pronunciation"] == {"IKD": "i ka de", "BPJS Kesehatan": "be pe je es"}
    assert msgspec.convert(site, Site).pronunciation["IKD"] == "i ka de"
    del site["announcement"]["english"], site["pronunciation"]
    for one in site["agencies"] + site["counters"]:
        del one["spoken_en"]
    old = msgspec.convert(site, Site)
    assert (old.announcement.english, old.pronunciation, old.counter["loket-1"].spoken_en) == (False, {}, "")


def test_a_service_that_a_counter_has_by_name_and_by_agency_is_listed_once(tmp_path: Path) -> None:
    text = spoiled('agencies = ["disdukcapil"]', 'agencies = ["disdukcapil"]\nservices = ["paspor-baru", "ktp-baru"]')
    assert site_of(tmp_path, text)["counters"][0]["services"] == ["ktp-baru", "kk-baru", "paspor-baru"]


def test_quotes_and_markup_in_a_name_are_text(tmp_path: Path) -> None:
    name = """<script>alert("Jum'at")</script> & 'Loket'"""
    assert site_of(tmp_path, spoiled('"Gerai Contoh"', json.dumps(name)))["name"] == name


def test_spaces_around_a_name_are_dropped(tmp_path: Path) -> None:
    assert site_of(tmp_path, spoiled('"Gerai Contoh"', '"  Gerai Contoh "'))["name"] == "Gerai Contoh"


def test_public_holidays_of_three_years_are_closed_in_indonesian(tmp_path: Path) -> None:
    site = site_of(tmp_path, spoiled("[[zones]]", "public_holidays = true\n[[zones]]"))
    closed = site["closed_days"]
    assert closed["2026-12-25"] == "Hari Raya Natal"
    assert {day[:4] for day in closed} == {"2026", "2027", "2028"}
    assert list(closed) == sorted(closed)


def test_cuti_bersama_is_closed_too(tmp_path: Path) -> None:
    site = site_of(tmp_path, spoiled("[[zones]]", "public_holidays = true\n[[zones]]"))
    assert site["closed_days"]["2026-12-24"] == "Cuti Bersama Hari Raya Natal"


def test_own_closed_days_go_before_and_open_days_undo_public_ones(tmp_path: Path) -> None:
    own = """\
public_holidays = true
open_days = ["2026-12-24"]
closed_days = { 2026-12-25 = "Natal", 2020-01-02 = "Dulu" }
"""
    closed = site_of(tmp_path, spoiled("[[zones]]", own + "[[zones]]"))["closed_days"]
    assert closed["2026-12-25"] == "Natal"
    assert closed["2020-01-02"] == "Dulu"
    assert "2026-12-24" not in closed


def test_the_years_of_holidays_begin_today_by_default(tmp_path: Path) -> None:
    file = write(tmp_path, spoiled("[[zones]]", "public_holidays = true\n[[zones]]"))
    (site,) = load_sites([file])
    assert len({day[:4] for day in site["closed_days"]}) == 3


def test_the_domain_takes_the_dict_after_a_way_through_json(tmp_path: Path) -> None:
    text = spoiled("[[zones]]", "public_holidays = true\n[[zones]]")
    site = msgspec.convert(json.loads(json.dumps(site_of(tmp_path, text, speed=7.0))), Site)
    assert site.agency["imigrasi"].hours == {"tue": (("08:00", "24:00"),)}


def clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


@given(st.lists(st.tuples(st.integers(0, 1439), st.integers(0, 1440)), min_size=1, max_size=6))
def test_hours_are_accepted_exactly_when_in_order_and_apart(
    tmp_path_factory: pytest.TempPathFactory, spans: list[tuple[int, int]]
) -> None:
    accepted_by_rule = all(a < b for a, b in spans) and all(b <= c for (_, b), (c, _) in pairwise(spans))
    written = json.dumps([f"{clock(a)}-{clock(b)}" for a, b in spans])
    file = write(tmp_path_factory.getbasetemp(), spoiled('["08:00-24:00"]', written))
    if accepted_by_rule:
        assert load(file)
    else:
        assert all(".hours.tue" in told for told in mistakes(file))


@given(st.lists(st.integers(0, 1440), min_size=2, max_size=8, unique=True).map(sorted))
def test_spans_between_rising_times_are_always_accepted(
    tmp_path_factory: pytest.TempPathFactory, times: list[int]
) -> None:
    pairs = list(pairwise(times))
    written = json.dumps([f"{clock(a)}-{clock(b)}" for a, b in pairs])
    file = write(tmp_path_factory.getbasetemp(), spoiled('["08:00-24:00"]', written))
    (site,) = load(file)
    assert site["agencies"][1]["hours"] == {"tue": [[clock(a), clock(b)] for a, b in pairs]}


@given(name=st.text(max_size=130))
def test_any_name_is_either_kept_or_refused_in_one_printable_line(
    tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    escaped = "".join(f"\\U{ord(c):08x}" for c in name)
    file = write(tmp_path_factory.getbasetemp(), spoiled('"Gerai Contoh"', f'"{escaped}"'))
    if unprintable(name) or not name.strip() or len(name) > 120:
        (told,) = mistakes(file)
        assert told.startswith("site.name: ")
        assert told.isprintable()
    else:
        assert load(file)[0]["name"] == name.strip()


RAW = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("id"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "name", "hours", "services", "agencies", "zone", "mon", "label", "open_days"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["site", "zones", "agencies", "counters"]), RAW))
def test_comparison_never_fails_on_whatever_a_file_holds(raw: dict[str, object]) -> None:
    told: list[str] = []
    check(raw, lambda place, message: told.append(message))
    assert all("; " in message for message in told)
