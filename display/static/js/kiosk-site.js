// The hall's agencies and services as the kiosk knows them: fetched, kept, refreshed every 30 s and on waking up.

import { getJson } from "./api.js";
import { HallClock } from "./clock.js";

const EVERY_MS = 30000;
const RETRY_MS = 5000;
const OLD_MS = 120000;

export class SiteData {
  constructor(id, onchange) {
    this.path = "/api/sites/" + encodeURIComponent(id);
    this.onchange = onchange;
    this.site = null;
    this.clock = new HallClock();
    this.fetched = 0;
    this.failing = false;
    this.agencies = new Map();
    this.services = new Map();
    this.timer = 0;
    this.busy = false;
  }

  start() {
    const wake = () => document.visibilityState !== "hidden" && this.refresh();
    window.addEventListener("online", wake);
    window.addEventListener("pageshow", wake);
    document.addEventListener("visibilitychange", wake);
    this.refresh();
  }

  async refresh() {
    if (this.busy) return;
    this.busy = true;
    clearTimeout(this.timer);
    try {
      this.take(await getJson(this.path));
      this.failing = false;
    } catch (problem) {
      this.failing = true;
    }
    this.busy = false;
    this.timer = setTimeout(() => this.refresh(), this.failing ? RETRY_MS : EVERY_MS);
    this.onchange();
  }

  take(site) {
    this.site = site;
    this.fetched = Date.now();
    this.clock.set(site.now);
    this.agencies = new Map(site.agencies.map((agency) => [agency.id, agency]));
    this.services = new Map();
    for (const agency of site.agencies) {
      for (const service of agency.services) this.services.set(service.id, { service, agency });
    }
  }

  /** Milliseconds since 1970 by the hall's clock, by this device's before the hall told its own. */
  now() {
    const told = this.clock.now();
    return told === null ? Date.now() : told;
  }

  /** True when the numbers of waiting people are too old to be shown without a word. */
  get old() {
    return this.site !== null && this.failing && Date.now() - this.fetched > OLD_MS;
  }
}
