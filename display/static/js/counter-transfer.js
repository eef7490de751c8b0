// "Alihkan": to another service, found by search, or to a counter that works now. Chosen first, sent by a second press.

import { getJson } from "./api.js";
import { byId, setText } from "./dom.js";
import { el, place } from "./nodes.js";
import { buildIndex, search } from "./search.js";
import { EVERYDAY } from "./kiosk-everyday.js";
import { t } from "./words.js";

const SHOWN = 20;
const FRESH_MS = 300000;

export class Transfer {
  /** `onsend(body)` with {service} or {counter}. */
  constructor(site, onsend) {
    this.path = "/api/sites/" + encodeURIComponent(site);
    this.onsend = onsend;
    this.services = [];
    this.index = buildIndex([]);
    this.fetched = 0;
    this.view = null;
    this.box = byId("transfer");
    byId("transfer-query").addEventListener("input", () => this.list());
    byId("transfer-choices").addEventListener("change", () => (byId("transfer-send").disabled = false));
    byId("transfer-cancel").addEventListener("click", () => this.box.close());
    byId("transfer-form").addEventListener("submit", () => this.send());
  }

  open(view) {
    this.view = view;
    setText(byId("transfer-title"), t("counter.transfer", { number: view.ticket.number }));
    byId("transfer-form").reset();
    this.list();
    this.box.showModal();
    byId("transfer-query").focus();
    if (Date.now() - this.fetched > FRESH_MS) this.fetch();
  }

  /** The ticket left the hand by another way: there is nothing to transfer any more. */
  follow(view) {
    const same = view.ticket && this.view && view.ticket.id === this.view.ticket.id;
    if (this.box.open && !same) this.box.close();
  }

  async fetch() {
    setText(byId("transfer-state"), t("counter.transfer-loading"));
    try {
      const site = await getJson(this.path);
      const all = site.agencies.map((agency) => agency.services.map((service) => ({ service, agency })));
      this.services = [].concat(...all);
      this.index = buildIndex(this.services.map(asEntry), EVERYDAY);
      this.fetched = Date.now();
      setText(byId("transfer-state"), "");
    } catch (problem) {
      setText(byId("transfer-state"), t("counter.transfer-failed"));
    }
    if (this.box.open) this.list();
  }

  list() {
    const query = byId("transfer-query").value.trim();
    const present = this.view.ticket.service;
    const own = new Set(this.view.agencies.map((agency) => agency.id));
    const near = this.services.filter(({ agency }) => own.has(agency.id));
    const found = (query ? search(this.index, query, SHOWN) : near).filter(({ service }) => service.id !== present);
    const rows = found.map(({ service, agency }) => makeChoice("service", service.id, service.name, agency.short || agency.name));
    const counters = query ? this.counters().filter(({ label }) => label.toLowerCase().includes(query.toLowerCase())) : this.counters();
    const desks = counters.map(({ id, label, status }) => makeChoice("counter", id, label, t("common.counter." + status)));
    const none = query && !rows.length && !desks.length ? el("p", "muted", t("counter.transfer-none")) : null;
    const parts = [group("counter.transfer-counter", desks), group("counter.transfer-service", rows), none].filter(Boolean);
    const before = [...byId("transfer-choices").children];
    place(byId("transfer-choices"), parts.map((part) => before.find((old) => old.isEqualNode(part)) || part));
    byId("transfer-send").disabled = !this.chosen;
  }

  counters() {
    return this.view.counters.filter(({ id, status }) => id !== this.view.counter && status !== "closed");
  }

  get chosen() {
    return byId("transfer-choices").querySelector("input:checked");
  }

  send() {
    const { chosen } = this;
    if (chosen) this.onsend({ [chosen.dataset.kind]: chosen.value });
  }
}

function asEntry(item) {
  const { service, agency } = item;
  return { item, name: service.name, keywords: service.keywords, agency: agency.name + " " + (agency.short || "") };
}

function makeChoice(kind, id, name, more) {
  const radio = el("input");
  radio.type = "radio";
  radio.name = "target";
  radio.value = id;
  radio.dataset.kind = kind;
  return el("label", "counter-choice", radio, el("span", "counter-choice__name", name), el("span", "muted", more));
}

function group(key, choices) {
  return choices.length ? el("fieldset", "counter-choices", el("legend", "", t(key)), ...choices) : null;
}
