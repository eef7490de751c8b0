// Tiles: agencies and the services most asked for on the first page, services in a list. Tiles stay the same nodes
// while their text changes, so a refresh never takes a tile away from under a finger.

import { setText } from "./dom.js";
import { el, place } from "./nodes.js";
import { picture } from "./kiosk-pictures.js";
import { agencyState } from "./kiosk-words.js";

const LONG_WORD = 11;
const FEW = 8;

/** What the agency is known by: the picture of its kind, else the letters that its numbers begin with. */
export function makeMark(agency) {
  const mark = el("span", "kiosk-mark", picture(agency.icon) || agency.prefix);
  mark.setAttribute("aria-hidden", "true");
  return mark;
}

export class AgencyTiles {
  constructor(list) {
    this.list = list;
    this.tiles = new Map();
    this.order = [];
  }

  /** Shows the agencies, open ones first; keeps the present order unless `sort`. */
  show(agencies, now, sort) {
    const known = agencies.length === this.order.length && agencies.every((agency) => this.tiles.has(agency.id));
    if (sort || !known) {
      const sorted = [...agencies.filter((agency) => agency.open_now), ...agencies.filter((agency) => !agency.open_now)];
      this.order = sorted.map((agency) => agency.id);
    }
    for (const agency of agencies) this.update(agency, now);
    this.list.classList.toggle("kiosk-agencies--few", agencies.length <= FEW);
    place(this.list, this.order.map((id) => this.tiles.get(id).item));
  }

  update(agency, now) {
    if (!this.tiles.has(agency.id)) this.tiles.set(agency.id, makeAgencyTile(agency));
    const tile = this.tiles.get(agency.id);
    const short = agency.short || agency.name;
    setText(tile.short, short);
    tile.short.classList.toggle("kiosk-tile__short--long", short.split(" ").some((word) => word.length > LONG_WORD));
    setText(tile.name, agency.name === agency.short ? "" : agency.name);
    setText(tile.state, agencyState(agency, now));
    tile.link.classList.toggle("kiosk-tile--closed", !agency.open_now);
  }
}

function makeAgencyTile(agency) {
  const short = el("strong", "kiosk-tile__short");
  const name = el("span", "kiosk-tile__name");
  const state = el("span", "kiosk-tile__state");
  const link = el("a", "kiosk-tile", makeMark(agency), el("span", "kiosk-tile__text", short, " ", name, " ", state));
  link.href = "#a/" + agency.id;
  return { item: el("li", "", link), link, short, name, state };
}

export class PopularTiles {
  constructor(box, list) {
    this.box = box;
    this.list = list;
    this.tiles = new Map();
  }

  /** Shows these services [{ service, agency }], in this order; nothing at all when there are none. */
  show(entries, now) {
    for (const { service, agency } of entries) {
      if (!this.tiles.has(service.id)) this.tiles.set(service.id, makeServiceTile(service, agency, true));
      const tile = this.tiles.get(service.id);
      fillServiceTile(tile, service, agency, agency.short || agency.name, agencyState(agency, now));
    }
    place(this.list, entries.map(({ service }) => this.tiles.get(service.id).item));
    this.box.hidden = entries.length === 0;
  }
}

/** Fills `list` with service tiles of `entries` [{ service, agency }]; `withAgency` names the agency on each. */
export function showServices(list, entries, now, withAgency) {
  const tiles = entries.map(({ service, agency }) => {
    const tile = makeServiceTile(service, agency, withAgency);
    const state = agency.open_now ? "" : agencyState(agency, now);
    if (withAgency) fillServiceTile(tile, service, agency, agency.short || agency.name, state);
    else fillServiceTile(tile, service, agency, "", "");
    return tile.item;
  });
  place(list, tiles);
}

function makeServiceTile(service, agency, withAgency) {
  const name = el("strong", "kiosk-service__name");
  const whose = el("span", "kiosk-service__whose");
  const state = el("span", "kiosk-service__state");
  const about = el("span", "kiosk-service__agency", whose, " ", state);
  const link = el("a", "kiosk-service", withAgency ? makeMark(agency) : null);
  link.append(el("span", "kiosk-service__text", name, " ", about));
  link.href = "#s/" + service.id;
  return { item: el("li", "", link), link, name, whose, state };
}

function fillServiceTile(tile, service, agency, whose, state) {
  setText(tile.name, service.name);
  setText(tile.whose, whose);
  setText(tile.state, state);
  tile.link.classList.toggle("kiosk-tile--closed", !agency.open_now);
}

/** The head of the services and confirm pages: mark, title (the page's h1), a line under it. */
export function showHead(head, agency, title, line) {
  const heading = el("h1", "", title);
  heading.tabIndex = -1;
  const text = el("div", "kiosk-agency__text", heading, el("p", "kiosk-agency__line", line));
  head.classList.toggle("kiosk-agency--closed", !agency.open_now);
  place(head, [makeMark(agency), text]);
}
