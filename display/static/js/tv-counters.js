/* Every counter of the zone, in as many columns as make the text largest. Tiles stay; only their texts change. */

import { byId, fit, make, setAttribute, setFitted, setText } from "./dom.js";
import { t } from "./words.js";

const LABEL_WRAPS_BELOW = 0.65;
const TALL = { named: 5.7, bare: 3.9 }; // em of a tile with and without the agency's name
const WIDE = 9; // em: room for a number of seven characters
const NAMED_UP_TO = 12; // with more counters the agency's name gives way to larger numbers

/** Columns for `count` tiles in a box, and the font size (px) at which a tile of `lines` × `columns` em fits. */
export function arrange(count, width, height, tallEm, wideEm, gap) {
  let best = { columns: 1, rows: count, size: 0 };
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    const tall = (height - gap * (rows - 1)) / rows / tallEm;
    const wide = (width - gap * (columns - 1)) / columns / wideEm;
    const size = Math.min(tall, wide);
    if (size > best.size + 0.01) {
      best = { columns: columns, rows: rows, size: size };
    }
  }
  return best;
}

/** How much of the screen the counters get: the fewer, the more is left for the call. */
export function amount(count) {
  return count <= 4 ? "few" : count <= 8 ? "some" : count <= 18 ? "many" : "full";
}

export class Counters {
  constructor() {
    this.list = byId("counters");
    this.key = "";
    this.tiles = [];
  }

  render(counters) {
    const key = counters.map((counter) => counter.counter).join(" ");
    if (key !== this.key) {
      this.key = key;
      this.build(counters.length);
    }
    counters.forEach((counter, index) => this.fill(this.tiles[index], counter));
  }

  build(count) {
    this.list.textContent = "";
    this.tiles = [];
    for (let i = 0; i < count; i += 1) {
      const tile = make("li", "tv-counter", this.list);
      this.tiles.push({
        tile: tile,
        label: make("p", "tv-counter__label", tile),
        value: make("p", "tv-counter__value", tile),
        agency: make("p", "tv-counter__agency", tile),
      });
    }
    setAttribute(document.body, "data-counters", amount(count));
    setAttribute(this.list, "data-named", count <= NAMED_UP_TO ? "true" : null);
    this.lay();
  }

  fill(tile, counter) {
    const word = t("common.counter." + counter.status);
    setFitted(tile.label, counter.label, LABEL_WRAPS_BELOW);
    setText(tile.value, counter.number || word);
    setText(tile.agency, counter.agency_name);
    setAttribute(tile.value, "data-number", counter.number ? "true" : null);
    setAttribute(tile.tile, "data-status", counter.number ? counter.ticket_status : counter.status);
  }

  lay() {
    const count = this.tiles.length;
    if (count === 0) {
      return;
    }
    const named = count <= NAMED_UP_TO;
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const box = this.list;
    const plan = arrange(count, box.clientWidth, box.clientHeight, named ? TALL.named : TALL.bare, WIDE, rem * 0.5);
    box.style.gridTemplateColumns = "repeat(" + plan.columns + ", minmax(0, 1fr))";
    box.style.gridTemplateRows = "repeat(" + plan.rows + ", minmax(0, 1fr))";
    box.style.fontSize = Math.min(plan.size, rem * 2.2) + "px";
    this.tiles.forEach((tile) => fit(tile.label, LABEL_WRAPS_BELOW));
  }
}
