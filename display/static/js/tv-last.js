/* The calls before the newest. A fixed set of rows: only their texts change. */

import { byId, linesIn, make, setAttribute, setText, show } from "./dom.js";
import { formatTime } from "./clock.js";
import { lastCalls } from "./tv-calls.js";

const MOST_ROWS = 8;
const ROW_REM = 2.9;

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
    const shown = lastCalls(calls, queue.current, Math.min(MOST_ROWS, linesIn(this.list, ROW_REM)));
    show(this.empty, shown.length === 0);
    this.rows.forEach(function (line, index) {
      const call = shown[index];
      show(line.row, Boolean(call));
      if (call) {
        setText(line.number, call.number);
        setText(line.counter, call.label);
        setText(line.time, formatTime(call.at));
        setAttribute(line.row, "data-next", queue.isPending(call.seq) ? "true" : null);
      }
    });
  }
}
