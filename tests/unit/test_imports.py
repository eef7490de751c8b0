"""Imports run one way: the rule of ARCHITECTURE.md, read from the source of every room."""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]

# What each room may import besides itself. The longest name that fits a module is its room.
MAY_IMPORT: dict[str, set[str]] = {
    "antrean": {"commands", "config", "audio", "server", "workers", "demo"},
    "commands": {"config", "server", "speaker", "demo", "workers"},
    "config": {"config.sentinel_url"},
    "config.sentinel_url": set(),
    "audio": set(),
    "demo": {"config"},
    "speaker": {"audio"},
    "server": set(),
    "server.lifeline": set(),
    "server.logs": set(),
    "server.jobs": {"config.sentinel_url"},
    "server.domain": set(),
    "server.log": {"server.domain", "config.sentinel_url"},
    "server.hall": {"server.domain", "server.log", "config", "audio"},
    "server.speech": {"server.domain", "server.log", "server.hall", "server.wording", "config", "audio"},
    "server.wording": {"server.domain", "audio"},
    "server.history": {"server.domain"},
    "server.host": {"config", "server.lifeline"},
    "server.keeping": {"server.domain", "server.log", "server.history", "audio"},
    "server.web": {
        *("server.domain", "server.log", "server.hall", "server.speech", "server.history"),
        *("server.jobs", "server.logs", "server.wording", "config", "audio"),
    },
    "workers": {
        *("server.domain", "server.log", "server.history", "server.lifeline", "server.jobs", "server.logs"),
        *("server.wording", "config", "audio"),
    },
}
# The only packages of others that these rooms may use.
PACKAGES: dict[str, set[str]] = {"server.domain": {"msgspec"}, "server.lifeline": set()}
TOP = {room.partition(".")[0] for room in MAY_IMPORT}


@dataclass(frozen=True)
class Import:
    by: str
    line: int
    name: str
    runs: bool  # False: under `if TYPE_CHECKING:`, for the type checker alone
    inside: bool  # in a function

    def __str__(self) -> str:
        return f"{self.by}:{self.line} imports {self.name}"


def modules() -> dict[str, Path]:
    files = [CHECKOUT / "antrean.py"]
    for top in sorted(TOP - {"antrean"}):
        files += sorted((CHECKOUT / top).rglob("*.py"))
    return {name_of(file): file for file in files}


def name_of(file: Path) -> str:
    return ".".join(file.relative_to(CHECKOUT).with_suffix("").parts).removesuffix(".__init__")


MODULES = modules()


def imports_of(module: str) -> list[Import]:
    file = MODULES[module]
    package = module if file.name == "__init__.py" else module.rpartition(".")[0]

    def walk(node: ast.AST, runs: bool, inside: bool) -> Iterator[Import]:
        match node:
            case ast.Import(names=names, lineno=line):
                for alias in names:
                    yield Import(module, line, alias.name, runs, inside)
            case ast.ImportFrom(module=source, names=names, level=level, lineno=line):
                parts = package.split(".")
                base = parts[: len(parts) - level + 1] if level else []
                origin = ".".join([*base, *([source] if source else [])])
                for alias in names:
                    longer = f"{origin}.{alias.name}"
                    yield Import(module, line, longer if longer in MODULES else origin, runs, inside)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                inside = True
            case ast.If(test=ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING")):
                for statement in node.body:
                    yield from walk(statement, False, inside)
                for statement in node.orelse:
                    yield from walk(statement, runs, inside)
                return
        for child in ast.iter_child_nodes(node):
            yield from walk(child, runs, inside)

    return list(walk(ast.parse(file.read_bytes(), str(file)), True, False))


def room_of(name: str) -> str:
    return max((r for r in MAY_IMPORT if name == r or name.startswith(r + ".")), key=len)


def is_ours(name: str) -> bool:
    return name.partition(".")[0] in TOP


@pytest.mark.parametrize("room", sorted(MAY_IMPORT))
def test_a_room_imports_only_what_it_may(room: str) -> None:
    wrong = [
        str(found)
        for module in MODULES
        if room_of(module) == room
        for found in imports_of(module)
        if is_ours(found.name)
        and (other := room_of(found.name)) != room
        and not any(other == may or other.startswith(may + ".") for may in MAY_IMPORT[room])
    ]
    assert wrong == []


@pytest.mark.parametrize("room", sorted(PACKAGES))
def test_a_pure_room_uses_the_standard_library_and_little_else(room: str) -> None:
    known = sys.stdlib_module_names | PACKAGES[room]
    wrong = [
        str(found)
        for module in MODULES
        if room_of(module) == room
        for found in imports_of(module)
        if not is_ours(found.name) and found.name.partition(".")[0] not in known
    ]
    assert wrong == []


def test_no_module_is_in_a_circle_of_imports() -> None:
    graph = {
        module: {found.name for found in imports_of(module) if found.runs and found.name in MODULES} - {module}
        for module in MODULES
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


def test_nothing_is_imported_inside_a_function() -> None:
    wrong = [str(found) for module in MODULES for found in imports_of(module) if found.inside and found.runs]
    assert wrong == []


def test_nothing_is_imported_by_a_star() -> None:
    stars = [
        f"{module}:{node.lineno}"
        for module, file in MODULES.items()
        for node in ast.walk(ast.parse(file.read_bytes()))
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names)
    ]
    assert stars == []
