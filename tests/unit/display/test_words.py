"""The catalogues of words have no holes, and nothing on a screen is said past them."""

import json
import re
from collections.abc import Iterable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from server.web.problems import STATUS
from tests.unit.display.files import DISPLAY, JS, PAGES, TEMPLATES, modules_of, read, templates_of, without_comments

CATALOGUES = {path.stem: json.loads(read(path)) for path in sorted((DISPLAY / "words").glob("*.json"))}
INDONESIAN: dict[str, str] = CATALOGUES["id"]
ROOMS = {key.split(".")[0] for key in INDONESIAN}
SERVER = [
    *sorted((DISPLAY.parent / "server" / "web").glob("*.py")),
    *sorted((DISPLAY.parent / "commands").glob("*.py")),
    DISPLAY.parent / "server" / "history" / "render.py",
]

KEY_OR_PREFIX = re.compile(rf"""["'`]((?:{"|".join(sorted(ROOMS))})\.[a-z0-9.-]*)(?=["'`{{$])""")
SUFFIX = re.compile(r"""["'](\.[a-z-]+)["']""")
CONSTANT = re.compile(r"""const ([A-Z_]+) = ["']([^"']+)["'];""")  # a name in the browser's storage is no word
CALLED = re.compile(r"""\bt\(\s*["']([^"']+)["']\s*[,)]""")

JINJA = re.compile(r"\{% block body_attributes %\}.*?\{% endblock %\}|\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
TELLING = {"alt", "aria-description", "aria-label", "aria-roledescription", "placeholder", "title"}  # attributes
WORDS = re.compile(r"[A-Za-z]{2}")
EXAMPLES = {"IKD", "i ka de"}  # of what is typed there in either language
LITERAL = re.compile(r""""((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\]|\\.)*)`""")
SENTENCE = re.compile(r"[A-Z][a-z]+ \S|[a-z]{2}[.!?…] |[a-z]{2} [^=]*[a-z]{2}[.!?…]$")
SINK = re.compile(
    r"""(?:\b(?:setText|say)\((?:byId\("[\w-]+"\)|[^;"'`]*),|\.(?:textContent|innerText|innerHTML|title|alt|placeholder) =|"""
    r"""\bel\("[a-z0-9]+", [^,()]*,|"aria-label",)\s*["'`][^"'`]*[A-Za-z]{2}"""
)
SAME = {  # in both languages
    "common.product", "common.date", "common.language.id", "common.language.en", "styleguide.panel", "hall.admin",
    "phone.estimate.range", "sound.voice.gtts", "sound.voice.piper", "sound.voice.espeak", "report.month",
    "report.date", "report.download.csv", "report.download.xlsx", "report.download.json", "report.text.p50",
    "report.text.p90", "journal.who.token",
}  # fmt: skip
FOREIGN = {
    "id": r"(?i)\b(the|is|are|was|not|no|of|and|or|to|for|with|from|your?|please|this|that|waiting|called|open|closed|"
    r"number|counter|agency|service|queue|speaker|press|touch|loading|error|failed|offline|online)\b",
    "en": r"(?i)\b(yang|dan|atau|tidak|belum|sudah|nomor|loket|instansi|layanan|antrean|untuk|dengan|dari|silakan|mohon|"
    r"petugas|suara|layar|gerai|zona)\b",
}


def source_of(path: Path) -> str:
    return without_comments(read(path)) if path.suffix == ".js" else read(path)


def said_in(paths: Iterable[Path]) -> set[str]:
    """Keys, and beginnings of keys that are completed while running, in these files."""
    found: set[str] = set()
    for path in paths:
        source = source_of(path)
        shelves = {value for name, value in CONSTANT.findall(source) if re.search(rf"Item\({name}\b", source)}
        found |= set(KEY_OR_PREFIX.findall(source)) - shelves
    return found


def is_used(key: str, said: set[str], suffixes: set[str]) -> bool:
    whole = {key} | {key.removesuffix(suffix) for suffix in suffixes if key.endswith(suffix)}
    return bool(whole & said) or any(key.startswith(one) for one in said if one[-1] in ".-")


def test_there_is_indonesian_and_english() -> None:
    assert set(CATALOGUES) == {"id", "en"}


@pytest.mark.parametrize("language", sorted(CATALOGUES))
def test_every_catalogue_has_the_same_keys_in_the_same_order(language: str) -> None:
    assert sorted(CATALOGUES[language]) == sorted(INDONESIAN)


@pytest.mark.parametrize("language", sorted(CATALOGUES))
def test_no_word_is_empty_or_padded(language: str) -> None:
    assert [key for key, text in CATALOGUES[language].items() if not text or text != text.strip()] == []


@pytest.mark.parametrize("language", sorted(CATALOGUES))
def test_a_sentence_has_the_same_places_to_fill_in_every_language(language: str) -> None:
    def places(text: str) -> set[str]:
        return set(re.findall(r"\{(\w+)\}", text))

    uneven = [key for key, text in CATALOGUES[language].items() if places(text) != places(INDONESIAN[key])]
    assert uneven == []


@pytest.mark.parametrize("language", sorted(CATALOGUES))
def test_no_word_of_the_other_language_is_left(language: str) -> None:
    own = {key: text for key, text in CATALOGUES[language].items() if key not in SAME}
    assert [
        key for key, text in own.items() if re.search(FOREIGN[language], re.sub(r"\{\w+\}|“[^”]*”", "", text))
    ] == []


def test_only_what_is_named_here_is_the_same_in_both_languages() -> None:
    assert {key for key, text in INDONESIAN.items() if text == CATALOGUES["en"][key]} == SAME


class Literals(HTMLParser):
    """What a template says by itself: text and telling attributes that come from no catalogue."""

    def __init__(self, template: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(JINJA.sub("", re.sub(r"<(/?)\{\{.*?\}\}", r"<\1h1", template)))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name in TELLING and value and WORDS.search(value)]

    def handle_data(self, data: str) -> None:
        if WORDS.search(data):
            self.found.append(data.strip())


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_template_says_nothing_past_the_catalogues(template: Path) -> None:
    assert set(Literals(read(template)).found) <= EXAMPLES


@pytest.mark.parametrize("script", sorted(JS.glob("*.js")), ids=lambda path: path.name)
def test_a_script_says_nothing_past_the_catalogues(script: Path) -> None:
    source = without_comments(read(script))
    literals = ["".join(parts) for parts in LITERAL.findall(source)]
    assert [text for text in literals if SENTENCE.search(text)] == []
    assert SINK.findall(source) == []


def test_nobody_writes_antrian_or_kamu() -> None:
    assert [
        key
        for key, text in INDONESIAN.items()
        if re.search(r"(?i)\b\w*antri\w*|\bkamu\b|\banda\b", text.replace("Anda", ""))
    ] == []


@pytest.mark.parametrize("path", [*TEMPLATES, *sorted(JS.glob("*.js"))], ids=lambda path: path.name)
def test_every_key_that_is_asked_for_exists(path: Path) -> None:
    suffixes = set(SUFFIX.findall(read(path)))
    asked = said_in([path]) | set(CALLED.findall(source_of(path)))
    known = set(INDONESIAN)
    unknown = [
        key for key in asked if key not in known and not (key[-1] in ".-" and any(one.startswith(key) for one in known))
    ]
    assert [key for key in unknown if not any(key + suffix in known for suffix in suffixes)] == []


def test_every_word_is_used() -> None:
    files = [*TEMPLATES, *JS.glob("*.js"), *SERVER]
    said = said_in(files)
    suffixes = {suffix for path in files for suffix in SUFFIX.findall(read(path))}
    assert [key for key in INDONESIAN if not is_used(key, said, suffixes)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_hands_its_scripts_every_room_of_words_they_use(page: Path) -> None:
    modules = modules_of(page)
    assert all(module.is_file() for module in modules)
    needed = {key.split(".")[0] for key in said_in(modules)}
    set_by = [re.search(r"set rooms = (\[[^\]]*\])", read(template)) for template in templates_of(page)]
    given = {room for found in set_by if found for room in json.loads(found[1])}
    assert needed <= given


def test_every_refusal_of_the_server_has_words() -> None:
    assert [code for code in STATUS if f"problem.{code}" not in INDONESIAN] == []
