/* The calls before the newest. A fixed set of rows, each in its place from the morning on: only
   their texts change. */

import { byId, fit, linesIn, make, setAttribute, setFitted, setText, show } from "./dom.js";
import { formatTime } from "./clock.js";
import { lastCalls } from "./tv-calls.js";

const MOST_ROWS = 8;
const ROW_REM = 2.9;
const WRAP_BELOW = 0.68;

export class LastCalls {
  constructor() {
    this.empty = byId("last-empty");
    this.rows = [];
    this.list = byId("last");
    for (let i = 0; i < MOST_ROWS; i += 1) {
      const row = make("li", "tv-last__row", this.list);
      row.hidden = true;
      this.rows.push({
        row: row,
        number: make("span", "tv-last__number number", row),
        counter: make("span", "tv-last__counter", row),
        time: make("span", "tv-last__time", row),
      });
    }
  }

  render(calls, queue) {
    const limit = Math.min(MOST_ROWS, linesIn(this.list, ROW_REM));
    const shown = lastCalls(calls, queue.current, limit);
    show(this.empty, shown.length === 0);
    this.rows.forEach(function (line, index) {
      const call = shown[index];
      show(line.row, index < limit);
      setAttribute(line.row, "data-empty", call ? null : "true");
      if (call) {
        setText(line.number, call.number);
        setText(line.time, formatTime(call.at));
        setFitted(line.counter, call.label, WRAP_BELOW); // last: it gets what room is left
        setAttribute(line.row, "data-next", queue.isPending(call.seq) ? "true" : null);
      }
    });
  }

  refit() {
    this.rows.forEach((line) => fit(line.counter, WRAP_BELOW));
  }
}
