// One key per wish until it is answered. A visitor who taps twice, retries, or whose page reloads while the answer
// is lost sends the same key, so the server issues one number.

import { newKey } from "./api.js";

const SHELF = "kiosk.wishes";
const KEPT_MS = 180000;

export class Wishes {
  constructor(storage = window.sessionStorage, now = Date.now) {
    this.storage = storage;
    this.now = now;
    this.kept = null; // what this page knows of the shelf; read from it once
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
    if (!this.kept) this.kept = this.read();
    const young = Object.entries(this.kept).filter(([, wish]) => this.now() - wish.since < KEPT_MS);
    return young.reduce((kept, [name, wish]) => ({ ...kept, [name]: wish }), {});
  }

  read() {
    try {
      return JSON.parse(this.storage.getItem(SHELF)) || {};
    } catch (unreadable) {
      return {}; // private mode or a damaged entry
    }
  }

  keep(open) {
    this.kept = open;
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
