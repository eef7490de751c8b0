// From a chosen service to a ticket: one request at a time, the same key until it is answered, and the truth shown
// while nobody knows.

import { postJson } from "./api.js";
import { byId, setText } from "./dom.js";
import { say } from "./nodes.js";
import { agencySentence, problemText } from "./kiosk-words.js";
import { Wishes } from "./kiosk-wishes.js";
import { showHead } from "./kiosk-lists.js";
import { t } from "./words.js";

export class Order {
  /** `onticket(ticket)` when it is there; `onbusy(boolean)` while the answer is awaited. */
  constructor(data, { onticket, onbusy }) {
    this.data = data;
    this.onticket = onticket;
    this.onbusy = onbusy;
    this.wishes = new Wishes();
    this.entry = null;
    this.busy = false;
    this.form = byId("confirm");
    this.take = byId("take");
    this.refusal = byId("refusal");
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.form.addEventListener("change", () => say(this.refusal, ""));
  }

  /** Another visitor, another service: nothing stays chosen. */
  choose(entry) {
    this.entry = entry;
    this.form.reset();
    say(this.refusal, "");
    showHead(byId("confirm-head"), entry.agency, entry.service.name, entry.agency.name);
    this.update();
  }

  /** What the refreshed hall says about the chosen agency. */
  update() {
    if (!this.entry) return;
    const agency = this.data.agencies.get(this.entry.agency.id) || this.entry.agency;
    const closed = !agency.open_now;
    const waiting = byId("confirm-waiting");
    waiting.classList.toggle("banner", closed);
    setText(waiting, agencySentence(agency, this.data.now()));
    this.form.classList.toggle("kiosk-confirm--closed", closed);
    byId("groups").hidden = closed && !this.busy;
    this.take.hidden = closed && !this.busy;
  }

  async send() {
    if (this.busy || !this.entry) return;
    const wish = { service: this.entry.service.id };
    const group = this.form.elements.priority.value;
    if (group) wish.priority = group;
    this.wait(true);
    try {
      const path = this.data.path + "/tickets";
      const options = { key: this.wishes.keyFor(wish), onRepeat: () => this.admit() };
      const ticket = await postJson(path, { ...wish, channel: "kiosk" }, options);
      this.wishes.settle(wish);
      say(this.refusal, "");
      this.onticket(ticket);
    } catch (problem) {
      if (!problem.unsure) this.wishes.settle(wish);
      this.refuse(problem);
    } finally {
      this.wait(false);
    }
  }

  wait(busy) {
    this.busy = busy;
    this.take.disabled = busy;
    byId("groups").disabled = busy;
    this.form.setAttribute("aria-busy", String(busy));
    setText(this.take, t(busy ? "kiosk.taking" : "kiosk.take"));
    if (busy) say(this.refusal, "");
    this.onbusy(busy);
  }

  admit() {
    setText(this.take, t("kiosk.retrying"));
    say(this.refusal, t("kiosk.retrying-why"));
  }

  refuse(problem) {
    const text = problem.unsure ? t("kiosk.unsure") : problemText(problem, this.data.now());
    say(this.refusal, text);
    if (problem.code === "service-closed") this.data.refresh();
  }
}
