// A list longer than the screen says so: big buttons "up" and "down" for hands that do not swipe.

import { el } from "./nodes.js";
import { picture } from "./kiosk-pictures.js";
import { t } from "./words.js";

export function mountScroll(box) {
  const up = makeButton("ui-up", t("kiosk.scroll-up"), -1);
  const down = makeButton("ui-down", t("kiosk.scroll-down"), 1);
  const bar = el("div", "kiosk-rail", up, down);
  box.after(bar);

  function makeButton(sign, words, direction) {
    const button = el("button", "button kiosk-scroll__button", picture(sign));
    button.type = "button";
    button.setAttribute("aria-label", words);
    button.addEventListener("click", () => box.scrollBy({ top: direction * box.clientHeight * 0.8, behavior: "smooth" }));
    return button;
  }

  function update() {
    const room = box.scrollHeight - box.clientHeight;
    bar.hidden = room < 8;
    up.disabled = box.scrollTop < 4;
    down.disabled = box.scrollTop > room - 4;
  }

  box.addEventListener("scroll", update, { passive: true });
  new ResizeObserver(update).observe(box);
  new MutationObserver(update).observe(box, { childList: true, subtree: true });
  update();
}
