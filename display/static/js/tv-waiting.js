/* How many wait for each agency: those with somebody waiting, a page at a time, turned calmly.
   Who is listed changes only when a page turns; in between only the figures do, so nothing jumps. */

import { byId, fit, linesIn, make, setAttribute, setFitted, setText, show } from "./dom.js";
import { t } from "./words.js";

const TURN_EVERY = 9000;
const MOST_ROWS = 9;
const ROW_REM = 3;
const WRAP_BELOW = 0.7;

/** The agencies of `page` (counted from 0, wrapped) and how many pages there are. */
export function pageOf(waiting, page, rows) {
  const busy = waiting.filter((line) => line.count > 0);
  const pages = Math.max(1, Math.ceil(busy.length / rows));
  const index = page % pages;
  return { page: index, pages: pages, agencies: busy.slice(index * rows, (index + 1) * rows).map((line) => line.agency) };
}

export class Waiting {
  constructor() {
    this.list = byId("waiting");
    this.total = byId("waiting-total");
    this.empty = byId("waiting-empty");
    this.pages = byId("waiting-pages");
    this.lines = [];
    this.page = 0;
    this.listed = [];
    this.waiting = null; // until the first view nobody knows
    for (let i = 0; i < MOST_ROWS; i += 1) {
      const row = make("li", "tv-waiting__row", this.list);
      row.hidden = true;
      this.lines.push({
        row: row,
        name: make("span", "tv-waiting__name", row),
        count: make("span", "tv-waiting__count number", row),
      });
    }
    setInterval(() => this.turn(), TURN_EVERY);
  }

  render(waiting) {
    this.waiting = waiting;
    if (this.listed.length === 0) {
      this.choose();
    }
    this.fill();
  }

  turn() {
    if (this.waiting === null) {
      return;
    }
    const before = this.listed.join(" ");
    this.page += 1;
    this.choose();
    if (this.listed.join(" ") !== before) {
      this.list.classList.remove("is-turning");
      void this.list.offsetWidth;
      this.list.classList.add("is-turning");
    }
    this.fill();
  }

  choose() {
    const found = pageOf(this.waiting, this.page, this.rows());
    this.page = found.page;
    this.listed = found.agencies;
    setText(this.pages, found.pages > 1 ? t("tv.page", { page: found.page + 1, pages: found.pages }) : "");
  }

  /** As many as the panel has room for. */
  rows() {
    return Math.min(MOST_ROWS, linesIn(this.list, ROW_REM));
  }

  fill() {
    const byAgency = {};
    let total = 0;
    this.waiting.forEach(function (line) {
      byAgency[line.agency] = line;
      total += line.count;
    });
    setText(this.total, total > 0 ? t("tv.waiting.total", { n: total }) : "");
    show(this.empty, this.listed.length === 0);
    const rows = this.rows();
    this.lines.forEach((line, index) => {
      const found = byAgency[this.listed[index]];
      show(line.row, index < rows);
      setAttribute(line.row, "data-empty", found ? null : "true");
      if (found) {
        setText(line.count, found.count);
        setFitted(line.name, found.name, WRAP_BELOW);
      }
    });
  }

  /** The screen has another size. */
  refit() {
    this.choose();
    this.fill();
    this.lines.forEach((line) => fit(line.name, WRAP_BELOW));
  }
}
