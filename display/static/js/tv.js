/* A zone's TV: takes the whole view whenever it comes and hands each part of the screen its own. */

import { byId, fit, setText } from "./dom.js";
import { HallClock, dateText, instant, timeText } from "./clock.js";
import { deviceName } from "./device.js";
import { REFUSED, Session } from "./session.js";
import { t } from "./words.js";
import { Counters } from "./tv-counters.js";
import { Foot } from "./tv-foot.js";
import { Hero } from "./tv-hero.js";
import { LastCalls } from "./tv-last.js";
import { noticeToShow } from "./tv-notices.js";
import { Speaker } from "./tv-speaker.js";
import { SpokenNotice } from "./tv-spoken.js";
import { Waiting } from "./tv-waiting.js";

const NAME_WRAPS_BELOW = 0.7;

const place = document.body.dataset;
const clock = new HallClock();
const counters = new Counters();
const waiting = new Waiting();
const foot = new Foot();
const spoken = new SpokenNotice();
const last = new LastCalls();
const hero = new Hero(renderCalls);
const speaker = new Speaker("/ws/sites/" + place.site + "/speaker/" + place.zone, place.signedIn === "true");

let view = null;
let state = "connecting";
let code = 0;
let log = "ok";
let since = "";

const handlers = {
  onview(latest, position) {
    view = latest;
    clock.set(view.now);
    counters.render(view.counters); // first: how many there are decides how large the call is
    hero.take(view.calls, position.epoch, instant(view.now));
    renderCalls();
    waiting.render(view.waiting);
    renderFoot();
    tick();
  },
  onstate(now, why) {
    state = now;
    code = why;
    since = state === "stale" && clock.parts() ? timeText(clock.parts()) : since;
    renderFoot();
  },
  onlog(now) {
    log = now;
    renderFoot();
  },
};

const session = new Session("/ws/sites/" + place.site + "/tv/" + place.zone, handlers, { device: deviceName() });

function renderCalls() {
  last.render(view ? view.calls : [], hero.queue);
}

function trouble() {
  if (state === "refused") {
    return t(REFUSED[code]);
  }
  if (state === "stale") {
    return view ? t("tv.stale", { time: since }) : t("tv.no-server");
  }
  return log === "unavailable" ? t("common.live.log") : "";
}

function renderFoot() {
  foot.render(view ? view.notice : "", trouble());
}

function tick() {
  spoken.render(view ? noticeToShow(view.notices, clock.now()) : null);
  const parts = clock.parts();
  if (parts) {
    setText(byId("clock-time"), timeText(parts));
    setText(byId("clock-zone"), clock.zone());
    if (byId("clock-date").textContent !== dateText(parts)) {
      setText(byId("clock-date"), dateText(parts));
      fitName(); // the date has taken its room
    }
  }
}

/** A long name becomes smaller, then takes two lines; it is never cut. */
function fitName() {
  fit(byId("site-name"), NAME_WRAPS_BELOW);
}

/** Sizes follow the screen's; a TV has one size, a window on a table has many. */
function resize() {
  fitName();
  foot.run();
  if (view) {
    counters.lay();
    hero.fit();
    renderCalls();
    last.refit();
    waiting.refit();
    spoken.fit();
  }
}

window.addEventListener("resize", resize);
fitName();
setInterval(tick, 1000);
session.start();
speaker.start();
