// One counter on the screen: views in, presses out. Everything shown follows from three things: the truth (newest view
// or answer), the line (live or cut), and the command on its way. A page has one desk; the supervisor's enters many.

import { byId, setAttribute, setText } from "./dom.js";
import { say } from "./nodes.js";
import { HallClock, timeText } from "./clock.js";
import { REFUSED, Session } from "./session.js";
import { Commands } from "./counter-commands.js";
import { allowedVerbs } from "./counter-rules.js";
import { Truth } from "./counter-truth.js";
import { Transfer } from "./counter-transfer.js";
import { Word } from "./counter-word.js";
import { showHand, tickHand } from "./counter-hand.js";
import { showParked, showQueue, showToday } from "./counter-lists.js";
import { listenKeys } from "./counter-keys.js";
import { t } from "./words.js";

const TICK_MS = 500;
const WAITS_MS = 15000;

export class Desk {
  /** device: its name where this screen is the counter's own, see device.js. */
  constructor(site, device) {
    this.root = byId("desk");
    this.site = site;
    this.device = device || "";
    this.transfer = new Transfer(site, (body) => this.send("transfer", body));
    this.word = new Word((verb, body) => this.send(verb, body), () => this.draw());
    this.session = null;
    this.root.addEventListener("click", (event) => this.clicked(event));
    byId("help-close").addEventListener("click", () => byId("help").close());
    byId("again").addEventListener("click", () => this.commands.again());
    byId("stop").addEventListener("click", () => this.commands.stop());
    listenKeys(this.root, (name) => this.press(name), () => this.session !== null && !layerOpen());
    setInterval(() => this.session && this.tick(), TICK_MS);
    setInterval(() => this.truth && this.truth.view && showQueue(this.truth.shown, this.clock.now()), WAITS_MS);
  }

  enter(counter, label) {
    const place = "/sites/" + encodeURIComponent(this.site) + "/counter";
    const here = encodeURIComponent(counter);
    this.counter = counter;
    this.label = label;
    this.clock = new HallClock();
    this.truth = new Truth();
    this.line = { state: "connecting", code: 0, log: "ok" };
    this.word.clear();
    const commands = new Commands("/api" + place + "s/" + here, {
      onchange: () => commands === this.commands && this.draw(),
      ondone: (verb, answer) => commands === this.commands && this.answered(verb, answer),
    });
    this.commands = commands;
    const handlers = {
      onview: (view, position) => this.take(view, position),
      onstate: (state, code) => this.hear({ state, code }),
      onlog: (log) => this.hear({ log }),
    };
    this.session = new Session("/ws" + place + "/" + here, handlers, { device: this.device });
    setText(byId("desk-label"), label);
    this.root.dataset.view = "none";
    this.session.start();
    this.draw();
  }

  leave() {
    this.commands.stop(); // a press that nobody sees any more is repeated no more
    for (const layer of [byId("transfer"), byId("help")]) layer.close();
    this.session.close();
    this.session = null;
    this.commands = null;
  }

  take(view, position) {
    this.clock.set(view.now);
    this.truth.take(view, position);
    this.transfer.follow(this.truth.shown);
    this.root.dataset.view = "here";
    this.draw();
    this.tick();
  }

  hear(news) {
    Object.assign(this.line, news);
    this.draw();
  }

  /** Presses count while what is shown is true: cut off for 12 s, or with the log away, none is taken. */
  get reachable() {
    const { state, log } = this.line;
    return (state === "live" || state === "connecting") && log === "ok" && this.truth.view !== null;
  }

  isAllowed(verb) {
    return this.reachable && !this.commands.busy && allowedVerbs(this.truth.shown)[verb] === true;
  }

  press(name) {
    if (name === "help") byId("help").showModal();
    else if (name === "undo") this.word.undo();
    else if (name === "resume") this.resume(this.truth.view && this.truth.shown.parked[0]);
    else if (name === "transfer" && this.isAllowed(name)) this.transfer.open(this.truth.shown);
    else if (name !== "transfer") this.send(name);
  }

  resume(ticket) {
    if (ticket) this.send("resume", { ticket: ticket.id });
  }

  send(verb, body) {
    if (!this.isAllowed(verb)) return;
    this.word.clear();
    this.commands.press(verb, body);
  }

  answered(verb, answer) {
    this.truth.answer(verb, answer);
    this.word.done(verb, answer.ticket);
    setTimeout(() => this.session && this.draw(), 4100); // when no view came, the bridge has ended
  }

  clicked(event) {
    const button = event.target.closest("button");
    if (!button) return;
    if (event.detail > 0) button.blur(); // a pressed button must not catch the next Space
    const name = button.dataset.verb || button.dataset.press;
    if (name && name !== "undo") this.press(name);
  }

  draw() {
    if (!this.session) return;
    this.drawLine();
    const view = this.truth.shown;
    if (view) this.drawView(view);
    this.drawPresses(view);
    this.word.draw(this.commands, view, this.reachable);
  }

  drawView(view) {
    setText(byId("agencies"), view.agencies.map((agency) => agency.name).join(", ") || view.site_name);
    showHand(view);
    showQueue(view, this.clock.now());
    showParked(view, (ticket) => this.resume(ticket));
    showToday(view);
    this.drawMore(view);
    document.title = (view.waiting_count ? "(" + view.waiting_count + ") " : "") + this.label + " · " + view.site_name;
  }

  drawLine() {
    const { state, log } = this.line;
    const live = state === "live" && log === "ok";
    this.root.dataset.line = live ? "live" : "cut";
    setText(byId("link"), t(live ? "counter.live" : log === "ok" ? "common.live.connecting" : "counter.disturbed"));
    say(byId("cut"), cutText(this.line));
  }

  drawPresses(view) {
    const { verb, phase } = this.commands;
    for (const button of this.root.querySelectorAll("[data-verb]")) {
      setAttribute(button, "aria-disabled", String(!this.isAllowed(button.dataset.verb)));
      setAttribute(button, "data-phase", verb === button.dataset.verb ? phase : null);
      if (button.dataset.status) setAttribute(button, "aria-pressed", String(Boolean(view) && view.status === button.dataset.status));
    }
    for (const button of this.root.querySelectorAll("[data-resume]")) {
      setAttribute(button, "aria-disabled", String(!this.isAllowed("resume")));
    }
  }

  drawMore(view) {
    const more = (verb) => this.root.querySelector('[data-verb="' + verb + '"] [data-more]');
    const { ticket } = view;
    setText(more("recall"), ticket ? t("counter.recalls", { count: ticket.recalls, limit: view.recall_limit }) : "");
    setText(more("call-next"), callText(view));
    byId("call").classList.toggle("counter-call__press--idle", !ticket && view.waiting_count === 0);
  }

  tick() {
    const parts = this.clock.parts();
    setText(byId("clock"), parts ? timeText(parts) : "");
    tickHand(this.truth.shown, this.clock.now());
  }
}

function layerOpen() {
  return byId("transfer").open || byId("help").open;
}

function cutText({ state, code, log }) {
  if (state === "refused") return t(REFUSED[code]);
  if (state === "stale") return t("counter.cut");
  return log === "ok" ? "" : t("counter.log");
}

function callText(view) {
  if (view.status !== "open") return t("counter.call-closed");
  const next = view.waiting[0];
  const first = next ? t("counter.call-next", { number: next.number }) : t("counter.call-nobody");
  return view.ticket ? t("counter.call-ends", { number: view.ticket.number }) + " · " + first : first;
}
