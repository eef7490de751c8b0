"""`python -m tests.screenshots OUT [NAME…]`: makes the pictures and prints each file."""

import sys
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.chromium import launch
from tests.browser.conftest import looked_at
from tests.screenshots import counter, phone, sound, tv
from tests.screenshots import hall as supervisor
from tests.screenshots.halls import HALLS, hall
from tests.screenshots.scene import Scene, Stage

SCENES: list[Scene] = [*tv.SCENES, *counter.SCENES, *supervisor.SCENES, *phone.SCENES, *sound.SCENES]
SETTLED = 500  # milliseconds for the layout after a change of size


def main(out: Path, names: Sequence[str]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    wanted = [one for one in SCENES if not names or one.name.startswith(tuple(names))]
    with sync_playwright() as playwright:
        loud, quiet = launch(playwright), launch(playwright, sound=False)
        for name, scenes in groupby(sorted(wanted, key=lambda one: one.hall), key=lambda one: one.hall):
            with hall(name) as found, looked_at(found, loud) as screens, looked_at(found, quiet) as silent:
                HALLS[name].prepare(screens)
                for scene in scenes:
                    picture(scene, Stage(screens, silent), out)


def picture(scene: Scene, stage: Stage, out: Path) -> None:
    with scene.show(stage) as page:
        for size in scene.sizes:
            page.set_viewport_size({"width": size.width, "height": size.height})
            page.wait_for_timeout(SETTLED)
            file = out / f"{scene.name}-{size}.png"
            page.screenshot(path=file)
            print(file, flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]), sys.argv[2:])
