"""The system's Chromium, started as a hall's screens start it: sound allowed without a touch."""

import shutil
from pathlib import Path

from playwright.sync_api import Browser, Playwright

CHECKOUT = Path(__file__).resolve().parents[2]
ARTEFACTS = CHECKOUT / "artefacts"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
SOUND = "--autoplay-policy=no-user-gesture-required"


def launch(playwright: Playwright, *, sound: bool = True) -> Browser:
    """Raises RuntimeError when there is no Chromium: these tests are never skipped."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        raise RuntimeError("No Chromium on this machine; on Debian: apt install chromium")
    return playwright.chromium.launch(executable_path=found, args=[*QUIET, *([SOUND] if sound else [])])
