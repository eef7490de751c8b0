"""Site files that cannot be read, and several of them at once."""

from pathlib import Path

import pytest

from config.errors import ConfigError
from config.sites import LARGEST
from tests.unit.config.files import GOOD, load, mistakes, mistakes_in, spoiled, write


def test_a_syntax_error_is_told_with_its_line(tmp_path: Path) -> None:
    (told,) = mistakes_in(tmp_path, GOOD.replace('prefix = "A"', "prefix = A"))
    assert told.startswith("line 17: is not TOML: ")
    assert told.endswith("correct it there or just before")


def test_an_unclosed_list_is_told_with_a_line(tmp_path: Path) -> None:
    (told,) = mistakes_in(tmp_path, '[site]\nid = "x"\nopen_days = [\n')
    assert told.startswith(("line 3: is not TOML: ", "line 4: is not TOML: "))


def test_a_key_that_stands_twice_is_told_with_its_line(tmp_path: Path) -> None:
    (told,) = mistakes_in(tmp_path, '[site]\nid = "x"\nid = "y"\n')
    assert told.startswith("line 3: is not TOML: ")


def test_a_raw_control_character_is_refused_and_not_repeated(tmp_path: Path) -> None:
    (told,) = mistakes_in(tmp_path, '[site]\nname = "a\x07b"\n')
    assert told.startswith("line 2: is not TOML: ")
    assert told.isprintable()


def test_a_file_that_is_not_utf_8_is_told_with_its_line(tmp_path: Path) -> None:
    assert mistakes_in(tmp_path, b'[site]\nname = "caf\xe9"\n') == [
        "line 2: is not UTF-8 text; save the file with the encoding UTF-8"
    ]


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    assert load(write(tmp_path, b"\xef\xbb\xbf" + GOOD.encode()))


def test_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    assert load(write(tmp_path, GOOD.replace("\n", "\r\n")))


def test_endless_nesting_digits_and_size_are_refused(tmp_path: Path) -> None:
    assert "nested too deeply" in mistakes_in(tmp_path, "a = " + "[" * 100_000)[0]
    assert "cannot be read" in mistakes_in(tmp_path, "a = " + "1" * 10_000)[0]
    assert "is larger than" in mistakes_in(tmp_path, "#" * (LARGEST + 1))[0]


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    assert mistakes(tmp_path / "none.toml") == [": there is no such file or folder; check the name"]


def test_a_name_too_long_for_any_file_is_told(tmp_path: Path) -> None:
    assert mistakes(tmp_path / ("x" * 5000)) == [": there is no such file or folder; check the name"]


def test_a_folder_without_site_files_is_told(tmp_path: Path) -> None:
    write(tmp_path, GOOD, "gerai.txt")
    write(tmp_path, GOOD, ".gerai.toml")
    assert mistakes(tmp_path) == [": this folder has no .toml file; put a site file there"]


def test_a_folder_stands_for_its_files_by_name(tmp_path: Path) -> None:
    write(tmp_path, GOOD.replace('"gerai"', '"satu"'), "b.toml")
    write(tmp_path, GOOD.replace('"gerai"', '"dua"'), "a.toml")
    assert [site["id"] for site in load(tmp_path)] == ["dua", "satu"]


def test_a_file_named_twice_is_one_site(tmp_path: Path) -> None:
    file = write(tmp_path, GOOD)
    assert len(load(tmp_path, file, tmp_path / "." / "gerai.toml")) == 1


def test_two_files_with_one_id_are_a_mistake(tmp_path: Path) -> None:
    first, second = write(tmp_path, GOOD, "a.toml"), write(tmp_path, GOOD, "b.toml")
    assert mistakes(first, second) == [f'site.id: "gerai" is already the id of {first}; give each site its own']


def test_a_site_with_mistakes_still_takes_its_id(tmp_path: Path) -> None:
    first = write(tmp_path, spoiled('prefix = "A"', 'prefix = "a"'), "a.toml")
    second = write(tmp_path, GOOD, "b.toml")
    assert [m.split(":")[0] for m in mistakes(first, second)] == ["agencies[disdukcapil].prefix", "site.id"]


def test_the_mistakes_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    first = write(tmp_path, spoiled('prefix = "A"', 'prefix = "a"'), "a.toml")
    second = write(tmp_path, "[", "b.toml")
    third = tmp_path / "c.toml"
    assert len(mistakes(first, second, third)) == 3


def test_no_file_at_all_is_a_mistake() -> None:
    with pytest.raises(ConfigError, match="name at least one"):
        load()
