// One key per wish until it is answered. A visitor who taps twice, retries, or whose page reloads while the answer
// is lost sends the same key, so the server issues one number.

import { newKey } from "./api.js";

const SHELF = "kiosk.wishes";
const KEPT_MS = 180000;

export class Wishes {
  constructor(storage = window.sessionStorage, now = Date.now) {
    this.storage = storage;
    this.now = now;
  }

  /** The key of this wish: the unanswered one of the last three minutes, else a new one. */
  keyFor(wish) {
    const open = this.open();
    const name = nameOf(wish);
    if (!open[name]) {
      open[name] = { key: newKey(), since: this.now() };
      this.keep(open);
    }
    return open[name].key;
  }

  /** The server has answered, yes or no: the next identical wish is another one. */
  settle(wish) {
    const open = this.open();
    delete open[nameOf(wish)];
    this.keep(open);
  }

  open() {
    let all = this.memory || {};
    try {
      all = JSON.parse(this.storage.getItem(SHELF)) || {};
    } catch (unreadable) {
      // private mode or a damaged entry: what is in memory counts
    }
    const young = Object.entries(all).filter(([, wish]) => this.now() - wish.since < KEPT_MS);
    return young.reduce((kept, [name, wish]) => ({ ...kept, [name]: wish }), {});
  }

  keep(open) {
    this.memory = open;
    try {
      this.storage.setItem(SHELF, JSON.stringify(open));
    } catch (full) {
      // without storage the wish lives as long as the page
    }
  }
}

function nameOf({ service, priority }) {
  return service + " " + (priority || "");
}
