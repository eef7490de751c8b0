"""The docs tell the truth: what they name exists, and what exists is named."""

import json
import re
from pathlib import Path
from typing import get_args

import pytest
from click import Context
from pydantic import BaseModel

from antrean import main
from config import site
from config.settings import TOKEN, Settings, variable
from server.domain.events import Event
from server.web import api, openapi, problems, sockets
from tests.screenshots.__main__ import SCENES, SCREENS, file_of

ROOT = Path(__file__).resolve().parents[2]
DOCS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
HANDBOOK = "\n".join(one.read_text("utf-8") for one in sorted((ROOT / "docs/panduan").glob("*.md")))
PICTURES = {f"{file_of(scene, size)}.webp" for scene in SCENES for size in scene.sizes}
COMMANDS = {name: main.get_command(Context(main), name) for name in main.list_commands(Context(main))}
README = (ROOT / "README.md").read_text("utf-8")
API = (ROOT / "docs/api.md").read_text("utf-8")
SITE_FILE = (ROOT / "docs/site-file.md").read_text("utf-8")


def named(text: str, pattern: str) -> set[str]:
    return set(re.findall(pattern, text))


def test_the_readme_names_every_setting_and_no_other() -> None:
    assert named(README, r"ANTREAN_[A-Z_]+") == {variable(field) for field in Settings.model_fields} | {TOKEN}


def test_the_readme_names_only_commands_that_exist() -> None:
    told = named(README, r"\.venv/bin/antrean ([a-z-]+)") - {"--help"}
    assert told <= COMMANDS.keys()
    assert {name for name, command in COMMANDS.items() if command and not command.hidden} - told == {
        "demo",
        "serve",
        "dispatch",
        "work",
    }


def test_the_makefile_has_every_command_of_the_readme() -> None:
    targets = named((ROOT / "Makefile").read_text("utf-8"), r"(?m)^([a-z]+):")
    assert named(README, r"`make ([a-z]+)") <= targets


def test_the_api_doc_names_every_event_and_no_other() -> None:
    section = API.split("## Events")[1].split("In Redis")[0]
    types = {kind.__struct_config__.tag for kind in get_args(Event)}
    assert named(section, r"`([a-z]+-[a-z-]+)`") == types


def test_the_api_doc_names_every_error_code_and_no_other() -> None:
    section = API.split("## Errors")[1].split("## Events")[0]
    listed = {
        code for row in section.splitlines() if row.startswith("| ") for code in named(row.split("|")[2], r"`(\S+)`")
    }
    assert listed == set(problems.STATUS)


def test_the_api_doc_names_every_verb_and_no_other() -> None:
    section = API.split("| VERB |")[1].split("## Errors")[0]
    listed = {
        verb
        for row in section.splitlines()
        if row.startswith("| `")
        for verb in named(row.split("|")[1], r"`([a-z-]+)`")
    }
    assert listed == set(api.VERBS) == set(openapi.VERBS)


def test_the_api_doc_names_the_close_codes() -> None:
    ours = {sockets.UNAUTHENTICATED, sockets.FORBIDDEN, sockets.UNKNOWN, sockets.TRY_LATER, sockets.NOT_UNDERSTOOD}
    assert {int(code) for code in named(API, r"(?m)^\| (\d{4}) \|")} == ours | {1012}


@pytest.mark.parametrize(
    "table",
    [
        site.SiteFile,
        site.SiteTable,
        site.HeadStart,
        site.Announcement,
        site.Look,
        site.Zone,
        site.Agency,
        site.Service,
        site.Counter,
    ],
)
def test_the_site_file_doc_names_every_key(table: type[BaseModel]) -> None:
    words = named(SITE_FILE, r"[a-z_]+")
    assert set(table.model_fields) <= words


@pytest.mark.parametrize("doc", DOCS, ids=lambda doc: doc.name)
def test_links_between_docs_lead_somewhere(doc: Path) -> None:
    for target, heading in re.findall(r"\]\(([^)#:]*)(#[^)]+)?\)", doc.read_text("utf-8")):
        file = (doc.parent / target).resolve() if target else doc
        assert file.exists(), target
        assert not heading or heading[1:] in headings(file), target + heading


def headings(doc: Path) -> set[str]:
    """As in addresses on GitHub."""
    titles = re.findall(r"(?m)^#+ (.+)$", doc.read_text("utf-8"))
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_every_picture_of_the_docs_is_there_and_no_other() -> None:
    assert {file.name for file in (ROOT / "docs/screenshots").iterdir()} == PICTURES


def test_the_handbook_shows_every_screen() -> None:
    shown = {name.partition("-")[0] for name in named(HANDBOOK, r"\(../screenshots/([^)]+)\)")}
    assert shown == {scene.name.partition("-")[0] for screen in SCREENS for scene in screen.SCENES}


def test_the_handbook_names_only_settings_commands_and_targets_that_exist() -> None:
    assert named(HANDBOOK, r"ANTREAN_[A-Z_]+") <= {variable(field) for field in Settings.model_fields} | {TOKEN}
    assert named(HANDBOOK, r"(?m)(?:`|bin/)antrean ([a-z-]+)") <= COMMANDS.keys()
    assert named(HANDBOOK, r"`make ([a-z]+)") <= named((ROOT / "Makefile").read_text("utf-8"), r"(?m)^([a-z]+):")


def test_the_words_of_the_screens_that_the_handbook_tells_to_press_are_on_them() -> None:
    words = json.loads((ROOT / "display/words/id.json").read_text("utf-8")).values()
    known = {re.sub(r" \(\{seconds\}\)| \{number\}|: .*", "", text) for text in words} | {"EN"}
    pressed = named(HANDBOOK.partition("## Perjalanan satu nomor")[2], r"\*\*([^*\n]+)\*\*")
    assert {
        text for text in pressed if not text.endswith((".", "?", ":")) and not re.search(r"\d", text)
    } - known == set()
