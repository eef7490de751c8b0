// The counter's screen: views in, presses out. Everything shown follows from three things: the truth (newest view or
// answer), the line (live or cut), and the command on its way.

import { byId, setAttribute, setText } from "./dom.js";
import { say } from "./nodes.js";
import { HallClock } from "./clock.js";
import { Session } from "./session.js";
import { Commands } from "./counter-commands.js";
import { allowedVerbs } from "./counter-rules.js";
import { Truth } from "./counter-truth.js";
import { Transfer } from "./counter-transfer.js";
import { showHand, tickHand } from "./counter-hand.js";
import { showParked, showQueue, showToday } from "./counter-lists.js";
import { listenKeys } from "./counter-keys.js";
import { pressText } from "./counter-words.js";
import { t } from "./words.js";

const { site, counter, label } = document.body.dataset;
const place = "/sites/" + encodeURIComponent(site) + "/counter";
const clock = new HallClock();
const truth = new Truth();
const line = { state: "connecting", code: 0, log: "ok" };
const commands = new Commands("/api" + place + "s/" + encodeURIComponent(counter), { onchange: draw, ondone: answered });
const transfer = new Transfer(site, (body) => send("transfer", body));
const session = new Session("/ws" + place + "/" + encodeURIComponent(counter), {
  onview(view, position) {
    clock.set(view.now);
    truth.take(view, position);
    transfer.follow(view);
    draw();
  },
  onstate(state, code) {
    line.state = state;
    line.code = code;
    draw();
  },
  onlog(log) {
    line.log = log;
    draw();
  },
});

/** Presses count while what is shown is true: cut off for 12 s, or with the log away, none is taken. */
function reachable() {
  return (line.state === "live" || line.state === "connecting") && line.log === "ok" && truth.view !== null;
}

function isAllowed(verb) {
  return reachable() && !commands.busy && allowedVerbs(truth.shown)[verb] === true;
}

function press(verb) {
  if (!isAllowed(verb)) return;
  if (verb === "transfer") transfer.open(truth.shown);
  else send(verb);
}

function send(verb, body) {
  if (isAllowed(verb)) commands.press(verb, body);
}

function answered(verb, answer) {
  truth.answer(verb, answer);
  setTimeout(draw, 4100); // when no view came, the bridge has ended
}

function draw() {
  drawLine();
  drawPresses();
  setText(byId("word"), pressText(commands));
  byId("word").dataset.phase = commands.phase;
  const view = truth.shown;
  if (!view) return;
  setText(byId("agencies"), view.agencies.map((agency) => agency.name).join(", ") || view.site_name);
  showHand(view);
  showQueue(view, clock.now());
  showParked(view, (ticket) => send("resume", { ticket: ticket.id }));
  showToday(view);
  drawMore(view);
  drawPresses();
  tickHand(view, clock.now());
  document.title = (view.waiting_count ? "(" + view.waiting_count + ") " : "") + label + " · " + view.site_name;
}

function drawLine() {
  const live = line.state === "live" && line.log === "ok";
  document.body.dataset.line = live ? "live" : "cut";
  const cut = line.log === "ok" ? "common.live.connecting" : "counter.disturbed";
  setText(byId("link"), t(live ? "counter.live" : cut));
  say(byId("cut"), cutText());
}

function cutText() {
  if (line.state === "refused") return t({ 4001: "common.live.unauthenticated", 4003: "common.live.forbidden" }[line.code] || "common.live.unknown");
  if (line.state === "stale") return t("counter.cut");
  return line.log === "ok" ? "" : t("counter.log");
}

function drawPresses() {
  const view = truth.shown;
  for (const button of document.querySelectorAll("[data-verb]")) {
    setAttribute(button, "aria-disabled", String(!isAllowed(button.dataset.verb)));
    setAttribute(button, "data-phase", commands.verb === button.dataset.verb ? commands.phase : null);
    if (button.dataset.status) setAttribute(button, "aria-pressed", String(Boolean(view) && view.status === button.dataset.status));
  }
  for (const button of document.querySelectorAll("[data-resume]")) setAttribute(button, "aria-disabled", String(!isAllowed("resume")));
}

function drawMore(view) {
  const more = (verb) => document.querySelector('[data-verb="' + verb + '"] [data-more]');
  const ticket = view.ticket;
  setText(more("recall"), ticket ? t("counter.recalls", { count: ticket.recalls, limit: view.recall_limit }) : "");
  setText(more("call-next"), callText(view));
  byId("call").classList.toggle("counter-call__press--idle", !ticket && view.waiting_count === 0);
}

function callText(view) {
  if (view.status !== "open") return t("counter.call-closed");
  const next = view.waiting[0];
  const first = next ? t("counter.call-next", { number: next.number }) : t("counter.call-nobody");
  return view.ticket ? t("counter.call-ends", { number: view.ticket.number }) + " · " + first : first;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-verb]");
  if (!button) return;
  if (event.detail > 0) button.blur(); // a pressed button must not catch the next Space
  press(button.dataset.verb);
});
listenKeys(press, () => !byId("transfer").open);
setInterval(() => tickHand(truth.shown, clock.now()), 500);
setInterval(() => truth.shown && showQueue(truth.shown, clock.now()), 15000);
session.start();
