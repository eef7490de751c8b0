"""What axe finds wrong with a page."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
COLOUR = ("cat.color",)
# One change of colour may begin when another ends. What never ends, like a running text, is not waited for.
AT_REST = """async () => {
  const running = () => document.getAnimations()
    .filter((one) => one.playState === "running" && one.effect.getComputedTiming().endTime !== Infinity);
  for (const limit = performance.now() + 10000; running().length && performance.now() < limit; ) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}"""


def faults(page: Page, tags: tuple[str, ...] = RULES) -> list[tuple[str, list[str]]]:
    """The rules that are broken, each with up to three places. First every colour and place has arrived."""
    page.evaluate(AT_REST)
    options = {"runOnly": {"type": "tag", "values": list(tags)}, "resultTypes": ["violations"], "preload": False}
    found = Axe().run(page, options=options).response["violations"]
    return [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in found]
