"""Each mistake in a site file is found and told by its place, what is wrong and what would be right."""

from pathlib import Path

import pytest

from config.explain import EXAMPLES, MODELS
from tests.unit.config.files import GOOD, load, mistakes_in, spoiled, write
from tests.unit.config.mistakes import SPOILED


def test_the_file_that_is_spoiled_here_has_no_mistake(tmp_path: Path) -> None:
    assert load(write(tmp_path, GOOD))


@pytest.mark.parametrize("name", SPOILED)
def test_a_mistake_is_told(name: str, tmp_path: Path) -> None:
    old, new, told = SPOILED[name]
    found = mistakes_in(tmp_path, spoiled(old, new))
    assert [m for m in found if told in m], found
    assert all("; " in m and len(m) < 400 and m.isprintable() for m in found)


def test_only_the_mistake_itself_is_told(tmp_path: Path) -> None:
    assert len(mistakes_in(tmp_path, spoiled('prefix = "IM"', 'prefix = "im"'))) == 1
    assert len(mistakes_in(tmp_path, spoiled('zone = "aula"', 'zone = "teras"'))) == 1


def test_mistakes_of_kind_and_of_comparison_are_told_together(tmp_path: Path) -> None:
    text = spoiled("minutes = 10,", 'minutes = "x",')
    text = spoiled('zone = "teras"', 'zone = "nowhere"', text)
    text = spoiled('prefix = "IM"', 'prefix = "A"', text)
    text = spoiled('name = "Teras"', "", text)
    keys = {m.split(": ")[0] for m in mistakes_in(tmp_path, text)}
    assert keys >= {
        "agencies[disdukcapil].services[ktp-baru].minutes",
        "counters[loket-2].zone",
        "agencies[imigrasi].prefix",
        "zones[teras].name",
        "zones[teras]",
    }


def test_an_empty_file_lacks_its_four_parts(tmp_path: Path) -> None:
    assert [m.split(";")[0] for m in mistakes_in(tmp_path, "")] == [
        f"{part}: is missing" for part in ("site", "zones", "agencies", "counters")
    ]


@pytest.mark.parametrize("part", ["site", "zones", "agencies", "counters"])
@pytest.mark.parametrize("value", ["1", '"x"', "[]", "{}", "[1]", "[[]]", "[{}]", "2026-01-01"])
def test_a_part_of_the_wrong_kind_is_a_mistake_and_no_crash(part: str, value: str, tmp_path: Path) -> None:
    assert mistakes_in(tmp_path, f"{part} = {value}\n")


def test_every_required_key_has_an_example_of_what_to_add() -> None:
    required = {n for model in MODELS.values() for n, field in model.model_fields.items() if field.is_required()}
    assert required == set(EXAMPLES)
