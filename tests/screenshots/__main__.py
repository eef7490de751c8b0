"""`python -m tests.screenshots [--small] OUT [NAME…]`: makes the pictures and prints each file.

--small: as the docs have them, in WebP; those in OUT that no scene makes any more are removed.
"""

import sys
from base64 import b64decode
from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser.chromium import launch
from tests.browser.conftest import looked_at
from tests.screenshots import counter, health, kiosk, pages, phone, reports, sound, tv
from tests.screenshots import hall as supervisor
from tests.screenshots.halls import HALLS, hall
from tests.screenshots.scene import Scene, Size, Stage

SCREENS = (tv, kiosk, counter, supervisor, phone, sound, reports, health, pages)
SCENES: list[Scene] = [scene for screen in SCREENS for scene in screen.SCENES]
SETTLED = 500  # milliseconds for the layout after a change of size
LOOKS = 20  # each 100 ms, whether what moves only once has come to rest, like the entrance of a call
STILL = """document.getAnimations().every((one) => one.playState !== "running"
  || one.effect.getComputedTiming().endTime === Infinity)"""


WIDEST, MOST_PIXELS, QUALITY = 960, 520_000, 35  # of a small picture


def main(out: Path, names: Sequence[str], *, small: bool = False) -> None:
    out.mkdir(parents=True, exist_ok=True)
    take = take_small if small else take_whole
    wanted = [one for one in SCENES if not names or one.name.startswith(tuple(names))]
    with sync_playwright() as playwright:
        loud, quiet = launch(playwright), launch(playwright, sound=False)
        for name, scenes in groupby(sorted(wanted, key=lambda one: one.hall), key=lambda one: one.hall):
            with hall(name) as found, looked_at(found, loud) as screens, looked_at(found, quiet) as silent:
                HALLS[name].prepare(screens)
                for scene in scenes:
                    pictures(scene, Stage(screens, silent), out, take)
    if small:
        for old in set(out.glob("*.webp")) - {
            out / f"{file_of(one, size)}.webp" for one in SCENES for size in one.sizes
        }:
            old.unlink()


def pictures(scene: Scene, stage: Stage, out: Path, take: Callable[[Page, Path, Size], Path]) -> None:
    with scene.show(stage) as page:
        for size in scene.sizes:
            page.set_viewport_size({"width": size.width, "height": size.height})
            page.wait_for_timeout(SETTLED)
            for _ in range(LOOKS):
                if page.evaluate(STILL):
                    break
                page.wait_for_timeout(100)
            print(take(page, out / file_of(scene, size), size), flush=True)


def file_of(scene: Scene, size: Size) -> str:
    return f"{scene.name}-{size}"


def take_whole(page: Page, path: Path, size: Size) -> Path:
    file = path.with_name(f"{path.name}.png")
    page.screenshot(path=file)
    return file


def take_small(page: Page, path: Path, size: Size) -> Path:
    """As drawn in that size, not a picture made smaller: letters stay sharp."""
    scale = min(1.0, WIDEST / size.width, (MOST_PIXELS / (size.width * size.height)) ** 0.5)
    x, y = page.evaluate("[scrollX, scrollY]")
    clip = {"x": x, "y": y, "width": size.width, "height": size.height, "scale": scale}
    drawn = page.context.new_cdp_session(page).send(
        "Page.captureScreenshot", {"format": "webp", "quality": QUALITY, "clip": clip}
    )
    file = path.with_name(f"{path.name}.webp")
    file.write_bytes(b64decode(drawn["data"]))
    return file


if __name__ == "__main__":
    words = [word for word in sys.argv[1:] if word != "--small"]
    if not words:
        raise SystemExit(__doc__)
    main(Path(words[0]), words[1:], small="--small" in sys.argv)
