"""A page in real Chromium that can import the screens' modules; no server, the files come from the disk."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Route, sync_playwright

from tests.browser.chromium import launch
from tests.unit.display.files import JS, read

ORIGIN = "http://screens.test"

Run = Callable[..., Any]


def _serve(route: Route) -> None:
    path = route.request.url.removeprefix(ORIGIN)
    if path.startswith("/js/"):
        route.fulfill(body=read(JS / path.removeprefix("/js/")), content_type="text/javascript")
    else:
        words = '{"common.time": "{hours}.{minutes}", "common.days": "Min Sen Sel Rab Kam Jum Sab"}'
        body = f'<html lang="id"><script type="application/json" id="words">{words}</script></html>'
        route.fulfill(body=body, content_type="text/html")


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """Not for longer than a module: while Playwright is there, no other test of the session could call asyncio.run."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        page = browser.new_page()
        page.route("**/*", _serve)
        page.goto(ORIGIN)
        yield page
        browser.close()


@pytest.fixture
def run(page: Page) -> Run:
    """`run("tv-calls.js", "return new m.CallQueue().due(0)", given)`: the body's answer; `m` the module, `given` data."""

    def run(module: str, body: str, given: Any = None) -> Any:
        script = "async ([path, body, given]) => new Function('m', 'given', body)(await import(path), given)"
        return page.evaluate(script, [f"{ORIGIN}/js/{module}", body, given])

    return run
