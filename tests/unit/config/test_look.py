"""A hall's colour and logo: good ones are passed on, bad ones told before a screen would show a broken picture."""

from pathlib import Path

import pytest

from config.look import LARGEST
from tests.unit.config.files import GOOD, mistakes_in, site_of, spoiled

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>'
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


def with_look(look: str) -> str:
    return spoiled("[[zones]]", f"[site.look]\n{look}\n[[zones]]")


@pytest.mark.parametrize(("name", "data"), [("logo.svg", SVG), ("logo.png", PNG)])
def test_a_colour_and_a_logo_are_passed_on(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    look = site_of(tmp_path, with_look(f'colour = "#0B5"\nlogo = "{name}"'))["look"]
    assert look == {"colour": "#00bb55", "logo": str(tmp_path / name)}


def test_a_hall_without_a_look_has_the_house_s_own(tmp_path: Path) -> None:
    assert site_of(tmp_path, GOOD)["look"] == {"colour": "", "logo": ""}


@pytest.mark.parametrize(
    ("look", "message"),
    [
        ('colour = "green"', 'site.look.colour: "green" is no colour; write it like "#07524f"'),
        ('colour = "#12345"', 'site.look.colour: "#12345" is no colour; write it like'),
        ('logo = "../secret.svg"', 'site.look.logo: "../secret.svg" is no plain file name; write one like "logo.svg"'),
        ('logo = "logo.gif"', 'site.look.logo: "logo.gif" is no picture that all screens can show; name a .svg or'),
        ('logo = "none.svg"', 'site.look.logo: "none.svg" cannot be read (No such file or directory); put it beside'),
        ('color = "#123456"', 'site.look.color: unknown key; did you mean "colour"?'),
    ],
)
def test_a_mistake_is_told(tmp_path: Path, look: str, message: str) -> None:
    (told,) = mistakes_in(tmp_path, with_look(look))
    assert told.startswith(message), told


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.svg", b"<svg", "is no SVG picture ("),
        ("a.svg", b"<html/>", "is no SVG picture; save it as SVG"),
        ("a.svg", b'<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG, "holds a DOCTYPE, which no logo needs; remove it"),
        ("a.svg", SVG + b" " * LARGEST, "is larger than"),
        ("a.png", SVG, "is no PNG picture; save it as PNG"),
    ],
)
def test_a_file_that_is_no_picture_is_told(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(data)
    (told,) = mistakes_in(tmp_path, with_look(f'logo = "{name}"'))
    assert told.startswith(f'site.look.logo: "{name}" {message}'), told
