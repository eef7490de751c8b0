// Every counter of the hall as a tile: status, number and how long, grouped by zone. A tile leads to the counter's desk.

import { byId, setAttribute, setText } from "./dom.js";
import { el, place, say } from "./nodes.js";
import { instant } from "./clock.js";
import { spanText } from "./counter-words.js";
import { t } from "./words.js";

export class Tiles {
  constructor() {
    this.zones = new Map();
    this.tiles = new Map();
  }

  show(view) {
    place(byId("counters"), view.zones.map((zone) => this.showZone(zone, view.counters.filter((one) => one.zone === zone.zone))));
    for (const counter of view.counters) this.showTile(counter);
  }

  showZone(zone, counters) {
    if (!this.zones.has(zone.zone)) this.zones.set(zone.zone, makeZone(zone));
    const { root, list, speech } = this.zones.get(zone.zone);
    const word = zone.speakers.ready ? "ready" : zone.speakers.connected ? "muted" : "none";
    setText(speech, t("hall.speaker." + word));
    speech.className = word === "ready" ? "badge badge--good" : "badge badge--bad";
    root.hidden = counters.length === 0;
    place(list, counters.map(({ counter }) => this.tile(counter).root));
    return root;
  }

  tile(counter) {
    if (!this.tiles.has(counter)) this.tiles.set(counter, makeTile(counter));
    return this.tiles.get(counter);
  }

  showTile({ counter, label, status, agencies, ticket, waiting_count }) {
    const { root, link, parts } = this.tile(counter);
    setAttribute(root, "data-status", ticket ? ticket.status : status);
    setText(parts.label, label);
    setText(parts.agency, ticket ? ticket.agency_name : agencies.map(({ name }) => name).join(", "));
    setText(parts.number, ticket ? ticket.number : "–");
    setText(parts.state, ticket ? t("common.status." + ticket.status) : t("common.counter." + status));
    say(parts.off, ticket && status !== "open" ? t("common.counter." + status) : "");
    setText(parts.waiting, waiting_count ? t("hall.waiting-here", { count: waiting_count }) : "");
    say(parts.priority, ticket && ticket.priority ? t("common.priority." + ticket.priority) : "");
    setAttribute(link, "title", ticket ? ticket.service_name : null);
  }

  /** Moves the running times; `late` are the counters whose call nobody answers. */
  tick(view, now, late) {
    for (const { counter, ticket } of view.counters) {
      const { root, parts } = this.tile(counter);
      const from = ticket ? instant(ticket.since) : null;
      setText(parts.time, from === null ? "" : spanText(now - from));
      setAttribute(root, "data-late", late.has(counter));
    }
  }
}

function makeZone({ name }) {
  const speech = el("span", "badge");
  const list = el("ul", "hall-tiles");
  const root = el("section", "hall-zone", el("div", "hall-zone__head", el("h2", "", name), speech), list);
  return { root, list, speech };
}

function makeTile(counter) {
  const names = ["label", "waiting", "number", "state", "time", "off", "priority", "agency"];
  const parts = Object.fromEntries(names.map((name) => [name, el("span", "hall-tile__" + name)]));
  parts.number.classList.add("number");
  parts.time.classList.add("number");
  const head = el("span", "hall-tile__head", parts.label, " ", parts.priority);
  const state = el("span", "hall-tile__states", parts.state, " ", parts.time, " ", parts.off);
  const foot = el("span", "hall-tile__foot", parts.agency, " ", parts.waiting);
  const link = el("a", "hall-tile__link", head, " ", parts.number, " ", state, " ", foot);
  link.href = "#" + encodeURIComponent(counter);
  return { root: el("li", "hall-tile", link), link, parts };
}
