"""What holds for every page: it obeys the strict Content-Security-Policy, and text is never markup."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.web.palette import palettes, tinted
from tests.unit.display.files import CSS, JS, PAGES, TEMPLATES, modules_of, read, styles_of, without_comments

ENOUGH = 7.0


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_holds_no_inline_script_style_or_handler(path: Path) -> None:
    source = read(path)
    assert re.findall(r"<style|\sstyle=|\son\w+=|javascript:", source) == []
    assert re.findall(r"<script(?![^>]*(?: src=| type=\"application/json\"))[^>]*>", source) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_escapes_everything(path: Path) -> None:
    assert re.findall(r"\|\s*safe|autoescape|Markup", read(path)) == []


@pytest.mark.parametrize("path", sorted(JS.glob("*.js")), ids=lambda path: path.name)
def test_a_script_never_turns_text_into_markup_or_code(path: Path) -> None:
    source = without_comments(read(path))
    assert re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", source) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_loads_is_there(page: Path) -> None:
    assert [path.name for path in modules_of(page) | styles_of(page) if not path.is_file()] == []


def test_no_script_or_style_sheet_is_left_that_no_page_loads() -> None:
    loaded = {path for page in PAGES for path in modules_of(page) | styles_of(page)}
    assert {*JS.glob("*.js"), *CSS.glob("*.css")} - loaded == set()


def test_every_size_and_colour_a_style_sheet_names_is_defined() -> None:
    defined = {name for path in CSS.glob("*.css") for name in re.findall(r"(--[\w-]+)\s*:", read(path))}
    set_by_script = {name for path in JS.glob("*.js") for name in re.findall(r'"(--[\w-]+)"', read(path))}
    named = {name for path in CSS.glob("*.css") for name in re.findall(r"var\((--[\w-]+)", read(path))}
    assert named - defined - set_by_script == set()


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, relative luminance."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def too_weak(colours: dict[str, str]) -> dict[tuple[str, str], float]:
    """The pairs of text and ground that screens use and that stand out by less than seven to one."""
    pairs = [
        *((ink, ground) for ink in ("ink", "ink-soft") for ground in ("ground", "panel", "sunken", "brand-soft")),
        *((ink, f"{ink}-soft") for ink in ("good", "warn", "bad", "brand")),
        *((ink, "panel") for ink in ("brand", "good", "warn", "bad")),
        *(("on-" + ground, ground) for ground in ("brand", "gold", "alert", "bad")),
        *(("on-brand", "brand-strong"), ("brand", "ground"), ("brand-strong", "panel")),
        *(("good", "brand-soft"), ("warn", "sunken"), ("ink", "gold-soft")),
    ]
    ratios = {(ink, ground): contrast(colours[ink], colours[ground]) for ink, ground in pairs}
    return {pair: round(ratio, 2) for pair, ratio in ratios.items() if ratio < ENOUGH}


@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
def test_text_stands_out_by_seven_to_one_in_every_theme(theme: str) -> None:
    assert too_weak(palettes()[theme]) == {}
    if theme != "light":  # gold is text only on dark grounds
        assert contrast(palettes()[theme]["gold"], palettes()[theme]["panel"]) > ENOUGH


@given(st.from_regex(r"#[0-9a-f]{6}", fullmatch=True))
def test_text_stands_out_as_much_in_whatever_colour_a_hall_chooses(colour: str) -> None:
    for theme, own in tinted(colour).items():
        assert too_weak(palettes()[theme] | own) == {}, theme


def test_a_hall_takes_its_hue_and_leaves_the_signals_alone() -> None:
    own = tinted("#8a1538")
    assert own["light"]["brand"] != palettes()["light"]["brand"]
    assert own["light"]["hall"] == own["contrast"]["hall"] == "#8a1538"
    assert {"gold", "good", "warn", "bad", "focus"} & set(own["light"]) == set()
    assert {k: v for k, v in own["contrast"].items() if k != "hall"}.items() <= palettes()["contrast"].items()


def test_every_theme_has_the_same_tokens() -> None:
    blocks = re.findall(r'\[data-theme="(\w+)"\] \{\n(.*?)^\}', read(CSS / "tokens.css"), re.M | re.S)
    names = {theme: set(re.findall(r"(--[\w-]+):", body)) for theme, body in blocks}
    assert names == dict.fromkeys(("light", "dark", "contrast"), names["light"])


def test_only_the_tokens_name_colours() -> None:
    ours = [path for path in CSS.glob("*.css") if re.match(r"base|page|styleguide|tv|counter|hall", path.name)]
    found = {
        path.name: re.findall(r":[^;{]*?(#[0-9a-f]{3,8}\b|rgba?\()", without_comments(read(path))) for path in ours
    }
    assert {name: colours for name, colours in found.items() if colours} == {}
    assert len(found) > 6
