/* The big place of a TV: the newest call, or what the hall says when there is none. */

import { byId, condense, fit, fitHeight, setAttribute, setText, show } from "./dom.js";
import { t } from "./words.js";
import { CallQueue } from "./tv-calls.js";

const FRESH_FOR = 10000; // how long a call stays in gold when nobody else wants the place
const WRAP_BELOW = 0.6; // a long counter label takes two lines rather than become smaller than this
const NARROWEST = 0.8; // upright, digits that are too wide are drawn narrower rather than lower

export class Hero {
  /** `onchange()` is called when another call has taken the place. */
  constructor(onchange) {
    this.queue = new CallQueue();
    this.onchange = onchange;
    this.shown = undefined; // nothing painted yet
    this.timer = 0;
    this.cooling = 0;
    this.root = byId("hero");
    this.number = byId("hero-number");
    this.letters = byId("hero-letters");
    this.dash = byId("hero-dash");
    this.digits = byId("hero-digits");
    this.counter = byId("hero-counter");
    this.agency = byId("hero-agency");
    this.recall = byId("hero-recall");
  }

  take(calls, epoch, hallNow) {
    this.queue.take(calls, epoch, hallNow, performance.now());
    this.render();
  }

  render() {
    clearTimeout(this.timer);
    const queue = this.queue;
    const call = queue.current;
    if (this.shown === undefined || seqOf(call) !== seqOf(this.shown)) {
      this.paint(call, queue.fresh);
    }
    this.shown = call;
    const due = queue.due(performance.now());
    if (due >= 0) {
      this.timer = setTimeout(() => {
        queue.advance(performance.now());
        this.render();
        this.onchange();
      }, due);
    }
  }

  paint(call, fresh) {
    clearTimeout(this.cooling);
    setAttribute(this.root, "data-state", call ? "call" : "idle");
    setAttribute(this.root, "data-fresh", null);
    if (!call) {
      return;
    }
    this.write(call.number);
    setText(this.counter, call.label);
    setText(this.agency, call.agency_name);
    show(this.recall, call.recall > 0);
    setText(this.recall, call.recall > 0 ? t("tv.recall", { n: call.recall + 1 }) : "");
    this.fit();
    if (fresh) {
      void this.root.offsetWidth; // so that the entrance starts anew when gold follows gold
      setAttribute(this.root, "data-fresh", "true");
      this.cooling = setTimeout(() => setAttribute(this.root, "data-fresh", null), FRESH_FOR);
    }
  }

  /** "KN-1234" in three parts: an upright screen puts the letters above the digits. */
  write(number) {
    const cut = number.lastIndexOf("-");
    setText(this.letters, number.slice(0, Math.max(0, cut)));
    setText(this.dash, cut < 0 ? "" : "-");
    setText(this.digits, number.slice(cut + 1));
  }

  fit() {
    this.number.style.fontSize = "";
    condense(this.letters, NARROWEST);
    condense(this.digits, NARROWEST);
    fit(this.number);
    fit(this.counter, WRAP_BELOW);
    fitHeight(this.agency);
  }
}

function seqOf(call) {
  return call ? call.seq : null;
}
