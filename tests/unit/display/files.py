"""The screens' files, and what a page loads of them."""

import re
from pathlib import Path

DISPLAY = Path(__file__).resolve().parents[3] / "display"
JS = DISPLAY / "static" / "js"
CSS = DISPLAY / "static" / "css"
PAGES = sorted(path for path in (DISPLAY / "templates").glob("*.html") if not path.name.startswith("_"))
TEMPLATES = sorted((DISPLAY / "templates").glob("*.html"))

_IMPORT = re.compile(r"""(?:import|export)\b[^;"']*?from\s*["']\./([\w-]+\.js)["']|import\s*["']\./([\w-]+\.js)["']""")
_COMMENTS = re.compile(r"/\*.*?\*/|(?<![:\"'])//[^\n]*", re.DOTALL)


def read(path: Path) -> str:
    return path.read_text("utf-8")


def without_comments(source: str) -> str:
    """JavaScript or CSS with its comments taken out, lines kept."""
    return _COMMENTS.sub(lambda found: "\n" * found[0].count("\n"), source)


def modules_of(page: Path) -> set[Path]:
    """The JavaScript that a page loads, with everything this imports."""
    found: set[Path] = set()
    source = "".join(read(template) for template in templates_of(page))
    waiting = [JS / name for name in re.findall(r'src="/static/js/([\w-]+\.js)"', source)]
    while waiting:
        module = waiting.pop()
        if module not in found:
            found.add(module)
            waiting += [JS / (one or other) for one, other in _IMPORT.findall(read(module))]
    return found


def templates_of(page: Path) -> set[Path]:
    """A page with what it extends and includes."""
    found: set[Path] = set()
    waiting = [page]
    while waiting:
        template = waiting.pop()
        if template not in found:
            found.add(template)
            names = re.findall(r'\{%-?\s*(?:extends|include)\s+"([\w.-]+)"', read(template))
            waiting += [DISPLAY / "templates" / name for name in names]
    return found


def styles_of(page: Path) -> set[Path]:
    """The style sheets that a page loads."""
    return {
        CSS / name
        for template in templates_of(page)
        for name in re.findall(r'href="/static/css/([\w-]+\.css)"', read(template))
    }
