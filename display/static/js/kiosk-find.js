// The search page: what is typed, on the glass or a real keyboard, against all services of the hall.

import { byId, setText } from "./dom.js";
import { EVERYDAY } from "./kiosk-everyday.js";
import { mountKeyboard } from "./kiosk-keyboard.js";
import { showServices } from "./kiosk-lists.js";
import { buildIndex, search } from "./search.js";
import { t } from "./words.js";

const SHOWN = 24;
const SHORTEST = 2;

export class Finder {
  constructor(data) {
    this.data = data;
    this.input = byId("query");
    this.index = buildIndex([]);
    this.indexed = null;
    mountKeyboard(byId("keys"), this.input);
    if (matchMedia("(max-width: 480px)").matches) this.input.inputMode = "search"; // a phone brings its own keys
    this.input.addEventListener("input", () => this.show());
    this.input.addEventListener("keydown", (event) => event.key === "Enter" && this.first());
    byId("clear").addEventListener("click", () => {
      this.clear();
      this.input.focus();
    });
  }

  clear() {
    this.input.value = "";
    this.show();
  }

  /** Shows what fits now, at most the best 24; before there is a query, the services most asked for. */
  show() {
    this.renew();
    const query = this.input.value.trim();
    const asked = query.length >= SHORTEST;
    const found = asked ? search(this.index, query, SHOWN) : (this.data.site && this.data.site.popular) || [];
    const entries = found.map((id) => this.data.services.get(id)).filter(Boolean);
    showServices(byId("results"), entries, this.data.now(), true);
    byId("results").parentElement.scrollTop = 0;
    setText(byId("found"), foundText(query, entries.length));
    byId("clear").disabled = this.input.value === "";
  }

  first() {
    const link = byId("results").querySelector("a");
    if (link && this.input.value.trim().length >= SHORTEST) link.click();
  }

  renew() {
    if (this.indexed === this.data.site || !this.data.site) return;
    this.indexed = this.data.site;
    const entries = [...this.data.services].map(([id, { service, agency }]) => ({
      item: id,
      name: service.name,
      keywords: service.keywords,
      agency: agency.name + " " + (agency.short || ""),
    }));
    this.index = buildIndex(entries, EVERYDAY);
  }
}

function foundText(query, count) {
  if (query.length < SHORTEST) return t("kiosk.search-examples");
  return count ? t("kiosk.found", { count }) : t("kiosk.found-none");
}
