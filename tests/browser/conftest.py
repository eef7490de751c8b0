"""One Chromium for all browser tests, and halls to look at."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from secrets import token_hex
from typing import Any, NamedTuple

import httpx
import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Playwright,
    StorageState,
    TimeoutError,
    expect,
    sync_playwright,
)

from tests.browser.chromium import ARTEFACTS, launch
from tests.processes import ANTREAN_UP, CHECKOUT, Hall, free_port, until
from tests.support.site_files import in_mid_day

PASSWORD = "sandi-untuk-uji"
ENV = {"ANTREAN_VOICES": "espeak", "ANTREAN_ALWAYS_OPEN": "1", "ANTREAN_ADMIN_PASSWORD": PASSWORD}

expect.set_options(timeout=20_000)  # a loaded machine is slow, and a test that passes does not wait


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """Not for longer than these tests: while Playwright is there, no other test could call asyncio.run."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = launch(playwright)
    yield browser
    browser.close()


class Desk(NamedTuple):
    """Where one test works: ids, and the agency's short name."""

    site: str
    agency: str
    short: str
    service: str
    counter: str
    zone: str

    @property
    def tickets(self) -> str:
        return f"/sites/{self.site}/tickets"

    def verb(self, name: str) -> str:
        return f"/sites/{self.site}/counters/{self.counter}/{name}"


def drawn(page: Page) -> None:
    """Waits until the page has heard of its new size or step, and has laid out what hangs on that: two frames."""
    page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")


def press(page: Page, selector: str, shows: str) -> None:
    """Press until `shows` is there: just after a step the kiosk lets no touch through, lest it hit the wrong thing."""
    page.bring_to_front()  # a tab behind others is drawn too rarely to be pressed
    until(
        lambda: _pressed(page, selector, shows),
        within=30,
        tell=lambda: f"{shows} after {selector}; the page says: {page.locator('body').inner_text()}",
    )


def _pressed(page: Page, selector: str, shows: str) -> bool:
    if not page.locator(shows).first.is_visible():
        with suppress(TimeoutError):  # it was pressed already, and is disabled or gone while the answer is awaited
            page.locator(selector).first.click(timeout=3000)
        page.wait_for_timeout(100)
    return page.locator(shows).first.is_visible()


def run(hall: Hall, *command: str) -> str:
    """What an antrean command prints."""
    program = [*ANTREAN_UP[:2], *command]
    return subprocess.run(program, env=hall.env, cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout


@cache
def token(hall: Hall) -> str:
    return run(hall, "token", "create", "--role", "admin").split()[-1]


_SIGNED_IN: dict[Hall, StorageState] = {}


class Patient(httpx.Client):
    """Asks again, with the same key, while the log does not answer, as every client of a hall is to do. Drops an idle
    connection before the server does, after 5 s, lest a request meet its end."""

    def __init__(self, **how: Any) -> None:
        super().__init__(**how, limits=httpx.Limits(keepalive_expiry=1))

    def request(self, *what: Any, **how: Any) -> httpx.Response:
        how["headers"] = {"Idempotency-Key": token_hex(16)} | dict(how.get("headers") or {})
        for _ in range(5):
            answer = super().request(*what, **how)
            if answer.status_code != 503:
                break
        return answer


class Screens:
    """A hall and the browser in which its screens are open."""

    def __init__(self, hall: Hall, browser: Browser) -> None:
        self.hall = hall
        self.troubles: list[str] = []
        self._browser = browser
        self._contexts: list[BrowserContext] = []

    def signed_in(self) -> BrowserContext:
        """Signs in once per hall; later contexts get the same cookie."""
        context = self._context(_SIGNED_IN.get(self.hall))
        if self.hall in _SIGNED_IN:
            return context
        page = context.new_page()
        page.goto(f"{self.hall.url}/login")
        page.fill("input[name=password]", PASSWORD)
        page.click("button[type=submit]")
        page.wait_for_url(f"{self.hall.url}/")
        page.close()
        _SIGNED_IN[self.hall] = context.storage_state()
        return context

    def stranger(self) -> BrowserContext:
        return self._context()

    def open(self, context: BrowserContext, path: str, width: int, height: int) -> Page:
        """A page whose errors fail the test (`troubles`)."""
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": height})
        page.on("pageerror", lambda error: self.troubles.append(f"{path}: {error}"))
        page.on("dialog", lambda dialog: self.troubles.append(f"{path}: dialog {dialog.message}"))
        page.goto(f"{self.hall.url}{path}")
        return page

    def keep(self, page: Page, name: str) -> None:
        """A picture of the page among the artefacts."""
        ARTEFACTS.mkdir(exist_ok=True)
        page.screenshot(path=ARTEFACTS / f"{name}.png")

    def run(self, *command: str) -> str:
        return run(self.hall, *command)

    def api(self, kind: type[httpx.Client] = Patient) -> httpx.Client:
        headers = {"Authorization": f"Bearer {token(self.hall)}"}
        return kind(base_url=f"{self.hall.url}/api", headers=headers, timeout=20, verify=False)  # plain HTTP

    def desk(self, agency: str) -> "Desk":
        """The agency's first service and the first counter that serves it, the counter open."""
        with self.api() as api:
            site = api.get("/sites").json()["sites"][0]["id"]
            agencies = api.get(f"/sites/{site}").json()["agencies"]
            found = next(one for one in agencies if one["id"] == agency)
            counter = found["counters"][0]
            api.post(f"/sites/{site}/counters/{counter['id']}/open").raise_for_status()
        return Desk(site, agency, found["short"], found["services"][0]["id"], counter["id"], counter["zone"])

    def close(self) -> None:
        for context in self._contexts:
            context.close()

    def _context(self, state: StorageState | None = None) -> BrowserContext:
        context = self._browser.new_context(locale="id-ID", storage_state=state)
        context.set_default_timeout(20_000)
        self._contexts.append(context)
        return context


@contextmanager
def opened(site: str, logo: str = "", **env: str) -> Iterator[Hall]:
    """A hall of its own for the text of a site file, and of the logo.svg beside it."""
    folder = Path(tempfile.mkdtemp(prefix="antrean-"))
    file = folder / "site.toml"
    file.write_text(site, "utf-8")
    (folder / "logo.svg").write_text(logo, "utf-8")
    hall = Hall(folder / "var", free_port(), env={**ENV, "ANTREAN_SITES": str(file), **env})
    try:
        yield hall.open(within=90)
    finally:
        hall.kill()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def looked_at(hall: Hall, browser: Browser) -> Iterator[Screens]:
    """Its screens; an error on a page fails the test at the end."""
    screens = Screens(hall, browser)
    yield screens
    screens.close()
    assert screens.troubles == []


@pytest.fixture(scope="package")
def kukar_hall() -> Iterator[Hall]:
    with opened(in_mid_day((CHECKOUT / "config/sites/mpp-kukar.toml").read_text("utf-8"))) as hall:
        yield hall


@pytest.fixture
def kukar(kukar_hall: Hall, browser: Browser) -> Iterator[Screens]:
    """A full hall, 27 agencies and 30 counters, that all tests share: each works with an agency of its own."""
    with looked_at(kukar_hall, browser) as screens:
        yield screens


@pytest.fixture
def nasty(browser: Browser) -> Iterator[Screens]:
    """A hall whose names are quotes, tags and scripts."""
    site = in_mid_day((Path(__file__).parent / "nasty.toml").read_text("utf-8"))
    with opened(site) as hall, looked_at(hall, browser) as screens:
        yield screens
