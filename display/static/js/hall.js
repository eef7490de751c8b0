// The supervisor's page: the whole hall live, and any counter's desk above it. The desk that is open stands in the
// address (#loket-3), so that "back" leads to the hall again.

import { byId, setText, show } from "./dom.js";
import { say } from "./nodes.js";
import { HallClock, timeText } from "./clock.js";
import { deviceName } from "./device.js";
import { REFUSED, Session } from "./session.js";
import { Desk } from "./counter-desk.js";
import { alarms } from "./hall-alarms.js";
import { Tiles } from "./hall-counters.js";
import { showAlarms, showFigures, showWaiting } from "./hall-lists.js";
import { t } from "./words.js";

const { site, name } = document.body.dataset;
const sheet = byId("sheet");
const clock = new HallClock();
const tiles = new Tiles();
const desk = new Desk(site);
const line = { state: "connecting", code: 0, log: "ok" };
let shown = null;
let here = "";
let all = false;
let came = false; // the desk was opened from the hall: "back" is the way out
let leaving = false; // the address follows later: a second "back" would leave the hall

const handlers = {
  onview(view) {
    clock.set(view.now);
    shown = view;
    byId("hall").dataset.view = "here";
    tiles.show(view);
    tick();
    follow();
  },
  onstate(state, code) {
    Object.assign(line, { state, code });
    drawLine();
  },
  onlog(log) {
    line.log = log;
    drawLine();
  },
};

const session = new Session("/ws/sites/" + encodeURIComponent(site) + "/hall", handlers, { device: deviceName() });

function tick() {
  const parts = clock.parts();
  setText(byId("hall-clock"), parts ? timeText(parts) : "");
  if (!shown) return;
  const now = clock.now();
  const found = alarms(shown, now);
  tiles.tick(shown, now, new Set(found.filter(({ kind }) => kind === "unanswered").map(({ counter }) => counter)));
  showAlarms(found, now, all);
  showWaiting(shown, now);
  showFigures(shown, now);
  setText(byId("desk-alarms"), String(found.length));
  show(byId("desk-alarms"), found.length > 0);
  if (!here) document.title = (found.length ? "(" + found.length + ") " : "") + t("hall.title") + " · " + name;
}

function drawLine() {
  const live = line.state === "live" && line.log === "ok";
  byId("hall").dataset.line = live ? "live" : "cut";
  setText(byId("hall-link"), t(live ? "counter.live" : line.log === "ok" ? "common.live.connecting" : "counter.disturbed"));
  say(byId("hall-cut"), cutText());
}

function cutText() {
  const { state, code, log } = line;
  if (state === "refused") return t(REFUSED[code]);
  if (state === "stale") return t("common.live.stale");
  return log === "ok" ? "" : t("hall.log");
}

/** Opens or leaves the desk as the address says. */
function follow() {
  if (!shown) return;
  const wanted = decodeURIComponent(location.hash.slice(1));
  const counter = shown.counters.find((one) => one.counter === wanted);
  if (here === (counter ? wanted : "")) return;
  if (here) desk.leave();
  here = counter ? wanted : "";
  leaving = false;
  if (counter) {
    desk.enter(here, counter.label);
    if (!sheet.open) sheet.showModal();
    byId("desk").focus();
  } else {
    sheet.close();
    came = false;
    tick();
  }
}

function leave() {
  if (leaving) return;
  leaving = true;
  if (came) history.back();
  else location.hash = "";
}

document.addEventListener("click", (event) => {
  if (event.target.closest('a[href^="#"]') && !here) came = true;
});
byId("alarms-all").addEventListener("click", () => {
  all = !all;
  tick();
});
window.addEventListener("hashchange", follow);
byId("desk-leave").addEventListener("click", leave);
sheet.addEventListener("cancel", (event) => {
  if (event.target !== sheet) return; // a layer above the desk closes by itself
  event.preventDefault();
  leave();
});
setInterval(tick, 1000);
session.start();
