// What the counter shows: the newest view, and between an answer and its view the answer's ticket, so that nothing
// flickers back. Pure.

import { statusAfter } from "./counter-rules.js";

const BRIDGE_MS = 4000;

export class Truth {
  constructor(now = Date.now) {
    this.now = now;
    this.view = null;
    this.epoch = null;
    this.seq = -1;
    this.bridge = null;
  }

  /** A view from the websocket replaces the former one. */
  take(view, { epoch, seq }) {
    if (epoch !== this.epoch || (this.bridge && seq >= this.bridge.seq)) this.bridge = null;
    this.view = view;
    this.epoch = epoch;
    this.seq = seq;
  }

  /** The answer to a command; it holds until the view that contains it comes. */
  answer(verb, { ticket, seq }) {
    if (typeof seq !== "number" || seq <= this.seq) return;
    this.bridge = { seq, until: this.now() + BRIDGE_MS, ticket: inHand(ticket) ? ticket : null, status: statusAfter(verb) };
  }

  /** The view to show now, null before the first. */
  get shown() {
    const bridge = this.bridge;
    if (!this.view || !bridge || this.now() > bridge.until) return this.view;
    if (bridge.status) return { ...this.view, status: bridge.status };
    return { ...this.view, ticket: bridge.ticket };
  }
}

function inHand(ticket) {
  return Boolean(ticket) && (ticket.status === "called" || ticket.status === "serving");
}
