"""What holds for every page: it obeys the strict Content-Security-Policy, and text is never markup."""

import re
from pathlib import Path

import pytest

from tests.unit.display.files import CSS, JS, PAGES, TEMPLATES, modules_of, read, styles_of, without_comments

DARK_ENOUGH = 7.0


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


def themes() -> dict[str, dict[str, str]]:
    blocks = re.findall(
        r"^(:root|\[data-[^{]+\]) \{\n(.*?)^\}", without_comments(read(CSS / "tokens.css")), re.M | re.S
    )
    found = {selector: dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6});", body)) for selector, body in blocks}
    light = found[":root"]
    dark = light | found['[data-theme="dark"]']
    return {
        "light": light,
        "dark": dark,
        "light, high contrast": light | found['[data-contrast="high"]'],
        "dark, high contrast": dark | found['[data-theme="dark"][data-contrast="high"]'],
    }


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, relative luminance."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


@pytest.mark.parametrize("theme", sorted(themes()))
def test_text_stands_out_by_seven_to_one_in_every_theme(theme: str) -> None:
    colours = themes()[theme]
    pairs = [
        *((ink, ground) for ink in ("ink", "ink-soft") for ground in ("ground", "panel", "sunken")),
        *((ink, f"{ink}-soft") for ink in ("good", "warn", "bad", "brand")),
        *((ink, "panel") for ink in ("brand", "good", "warn", "bad")),
        ("on-brand", "brand"),
        ("on-gold", "gold"),
        ("on-bad", "bad"),
        ("brand", "ground"),
    ]
    if theme.startswith("dark"):
        pairs += [("gold", "panel"), ("gold", "ground"), ("ink", "brand-soft"), ("ink-soft", "brand-soft")]
        pairs += [("good", "brand-soft"), ("warn", "sunken")]
    weak = {pair: contrast(colours[pair[0]], colours[pair[1]]) for pair in pairs}
    assert {pair: round(ratio, 2) for pair, ratio in weak.items() if ratio < DARK_ENOUGH} == {}
