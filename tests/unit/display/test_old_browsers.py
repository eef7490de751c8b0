"""The TV's files hold nothing that a smart TV of 2020 (Chromium 64) does not know."""

import re
from pathlib import Path

import pytest

from tests.unit.display.files import DISPLAY, modules_of, read, styles_of, templates_of, without_comments

TV = DISPLAY / "templates" / "tv.html"

TOO_NEW_SCRIPT = {
    "optional chaining": r"\?\.(?!\d)",
    "nullish": r"\?\?",
    "logical assignment": r"(?:\|\||&&)=",
    "class field": r"^  (?:static\s+)?#?\w+\s*(?:=[^=>].*)?;$",
    "private name": r"\.#\w|^\s*#\w+\s*\(",
    "static block": r"\bstatic\s*\{",
    "catch without a name": r"\bcatch\s*\{",
    "number with _": r"\b\d+_\d",
    "BigInt": r"\b\d+n\b|\bBigInt\b",
    "dynamic import": r"\bimport\s*\(",
    "top-level await": r"^await\b",
    "regular expression": r"\(\?<|/[a-z]*[sdv][a-z]*[,;)]\s*$",
    "method": r"\.(?:flat|flatMap|replaceAll|matchAll|replaceChildren|toggleAttribute|trimStart|trimEnd|at|hasOwn"
    r"|findLast|fromEntries|allSettled|any|toSorted|toReversed|structuredClone)\(",
    "global": r"\b(?:globalThis|AbortController|queueMicrotask|structuredClone|IntersectionObserverV2|randomUUID"
    r"|AggregateError|WeakRef|requestIdleCallbackV2|userActivation)\b",
}
TOO_NEW_STYLE = {
    "at-rule": r"@(?:layer|container|property|supports\s+selector|scope|starting-style)",
    "selector": r":(?:has|is|where|focus-within-visible)\(",
    ":focus-visible alone": r"(?<!:not\():focus-visible",
    "function": r"(?<![-\w])(?:min|max|clamp|color-mix|env|conic-gradient|abs|round|light-dark)\(",
    "inset": r"(?<![-\w])inset(?:-\w+)?\s*:",
    "aspect-ratio": r"(?<![-\w(])aspect-ratio\s*:",
    "gap that is not grid-gap": r"(?<!grid-)(?<!row-)(?<!column-)(?<![-\w])(?:row-|column-)?gap\s*:",
    "logical box": r"(?<![-\w])(?:padding|margin|border)-(?:inline|block)",
    "unit": r"\d(?:dvh|svh|lvh|dvw|cqw|cqh|lh)\b",
    "colour": r"\b(?:rgba?|hsla?)\(\s*[\d.]+%?\s+|\b(?:lab|lch|oklch|oklab)\(",
    "nesting": r"^\s*&",
    "backdrop-filter": r"backdrop-filter",
    "overflow: clip": r"overflow(?:-\w)?\s*:\s*clip",
    "individual transform": r"^\s*(?:translate|rotate|scale)\s*:",
}


def too_new(source: str, patterns: dict[str, str]) -> list[str]:
    return [
        f"{what}: {found[0].strip()!r} in line {source.count(chr(10), 0, found.start()) + 1}"
        for what, pattern in patterns.items()
        for found in re.finditer(pattern, source, re.MULTILINE)
    ]


@pytest.mark.parametrize("path", sorted(modules_of(TV)), ids=lambda path: path.name)
def test_a_script_of_the_tv_runs_on_chromium_64(path: Path) -> None:
    assert too_new(without_comments(read(path)), TOO_NEW_SCRIPT) == []


@pytest.mark.parametrize("path", sorted(styles_of(TV)), ids=lambda path: path.name)
def test_a_style_sheet_of_the_tv_is_understood_by_chromium_64(path: Path) -> None:
    assert too_new(without_comments(read(path)), TOO_NEW_STYLE) == []


def test_the_tv_loads_scripts_and_styles_only_from_the_files_checked_here() -> None:
    source = "".join(read(template) for template in templates_of(TV))
    loaded = set(re.findall(r'/static/(?:js|css)/([\w-]+\.\w+)"', source))
    assert loaded <= {path.name for path in modules_of(TV) | styles_of(TV)}
    assert len(modules_of(TV)) > 8


@pytest.mark.parametrize(
    ("line", "patterns"),
    [
        ("const a = b?.c;", TOO_NEW_SCRIPT),
        ("const a = b ?? c;", TOO_NEW_SCRIPT),
        ("  field = 1;", TOO_NEW_SCRIPT),
        ("  field;", TOO_NEW_SCRIPT),
        ("} catch {", TOO_NEW_SCRIPT),
        ("list.flat()", TOO_NEW_SCRIPT),
        ("Promise.allSettled(all)", TOO_NEW_SCRIPT),
        ("new AbortController()", TOO_NEW_SCRIPT),
        ("@layer base {", TOO_NEW_STYLE),
        ("  gap: 1rem;", TOO_NEW_STYLE),
        ("  inset: 0;", TOO_NEW_STYLE),
        ("  width: min(1rem, 2vw);", TOO_NEW_STYLE),
        ("a:has(b) {", TOO_NEW_STYLE),
        ("a:focus-visible {", TOO_NEW_STYLE),
        ("  aspect-ratio: 1;", TOO_NEW_STYLE),
    ],
)
def test_the_check_finds_what_is_too_new(line: str, patterns: dict[str, str]) -> None:
    assert too_new(line, patterns)


@pytest.mark.parametrize(
    ("line", "patterns"),
    [
        ("const a = b ?.5 : c;", TOO_NEW_SCRIPT),
        ("    this.field = 1;", TOO_NEW_SCRIPT),
        ("  grid-gap: 1rem;", TOO_NEW_STYLE),
        ("  grid-template-columns: minmax(0, 1fr);", TOO_NEW_STYLE),
        (":focus:not(:focus-visible) {", TOO_NEW_STYLE),
        ("  color: rgba(0, 0, 0, 0.5);", TOO_NEW_STYLE),
    ],
)
def test_the_check_leaves_what_is_old_enough(line: str, patterns: dict[str, str]) -> None:
    assert too_new(line, patterns) == []
