/* The journal of today: looks for what is new and says how much there is. Nothing moves under the eyes of whoever reads:
   the new lines come when they are asked for. */

import { byId, setText, show } from "./dom.js";
import { keepFresh, renew } from "./renew.js";
import { t } from "./words.js";

const AGAIN = 4000;
const hint = byId("journal-new");
let waiting = null;

const places = (root) => new Set(Array.from(root.querySelectorAll("[data-place]"), (line) => line.dataset.place));

function found(fresh) {
  if (fresh.dataset.live !== byId("journal").dataset.live) {
    location.reload(); // another day has begun: its heading, too, is another
    return;
  }
  const shown = places(byId("journal"));
  const number = Array.from(places(fresh)).filter((place) => !shown.has(place)).length;
  waiting = fresh;
  setText(hint, number ? t("journal.new", { n: number }) : "");
  setText(byId("journal-said"), hint.textContent);
  show(hint, number > 0);
}

hint.addEventListener("click", (event) => {
  event.preventDefault();
  renew(byId("journal"), waiting);
  found(waiting);
  byId("content").focus();
});

if (byId("journal").dataset.live !== undefined) keepFresh("journal", "journal-stale", AGAIN, found);
