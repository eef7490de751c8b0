// Tiles: agencies on the first page, services in a list. Tiles stay the same nodes while their text changes, so a
// refresh never takes a tile away from under a finger.

import { setText } from "./dom.js";
import { el, place } from "./nodes.js";
import { agencyState } from "./kiosk-words.js";

const TONES = 8;
const LONG_WORD = 13;

/** The coloured letter that the agency's numbers begin with. */
export function makeMark(agency) {
  const sum = [...agency.id].reduce((total, letter) => (total * 31 + letter.codePointAt(0)) % 9973, 7);
  const mark = el("span", "kiosk-mark kiosk-mark--" + (sum % TONES), agency.prefix);
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
  const link = el("a", "kiosk-tile", makeMark(agency), short, name, state);
  link.href = "#a/" + agency.id;
  return { item: el("li", "", link), link, short, name, state };
}

/** Fills `list` with service tiles of `entries` [{ service, agency }]; `withAgency` names the agency on each. */
export function showServices(list, entries, now, withAgency) {
  place(list, entries.map(({ service, agency }) => el("li", "", makeServiceTile(service, agency, now, withAgency))));
}

function makeServiceTile(service, agency, now, withAgency) {
  const about = [];
  if (withAgency) about.push(agency.short || agency.name);
  if (withAgency && !agency.open_now) about.push(agencyState(agency, now));
  const text = el("span", "kiosk-service__text", el("strong", "kiosk-service__name", service.name));
  if (about.length) text.append(el("span", "kiosk-service__agency", about.join(" · ")));
  const link = el("a", "kiosk-service", withAgency ? makeMark(agency) : null, text);
  link.classList.toggle("kiosk-tile--closed", !agency.open_now);
  link.href = "#s/" + service.id;
  return link;
}

/** The head of the services and confirm pages: mark, title (the page's h1), a line under it. */
export function showHead(head, agency, title, line) {
  const heading = el("h1", "", title);
  heading.tabIndex = -1;
  const text = el("div", "kiosk-agency__text", heading, el("p", "kiosk-agency__line", line));
  head.classList.toggle("kiosk-agency--closed", !agency.open_now);
  place(head, [makeMark(agency), text]);
}
