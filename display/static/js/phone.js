/* A ticket on a phone: shows the whole view whenever it comes, says plainly when it is old, and calls its holder. */

import { formatTime } from "./clock.js";
import { byId, fit, setAttribute, setText, show } from "./dom.js";
import { el, place, say } from "./nodes.js";
import { Alarm } from "./phone-alarm.js";
import { Cancel } from "./phone-cancel.js";
import { keepOfflinePage, remember } from "./phone-memory.js";
import { aroundText, estimateText, hintText } from "./phone-words.js";
import { Session } from "./session.js";
import { t } from "./words.js";

const MESSAGES = {
  serving: { words: "phone.serving", sign: "→", kind: "good" },
  served: { words: "phone.served", sign: "✓", kind: "good" },
  parked: { words: "phone.parked", sign: "…", kind: "warn" },
  "no-show": { words: "phone.no-show", sign: "!", kind: "warn" },
  cancelled: { words: "phone.cancelled", sign: "×", kind: "over" },
  over: { words: "phone.over", sign: "–", kind: "over" },
};
const BADGES = { serving: "badge--good", served: "badge--good", parked: "badge--warn", "no-show": "badge--warn" };
const HOPING = ["waiting", "parked", "no-show"]; // a call may still come
const GOING = ["waiting", "called", "serving", "parked", "no-show"];
const page = document.body.dataset;

let view = null;
let state = "connecting";
let log = "ok";
let over = false; // the hall no longer knows this number: its day has ended
let alarmed = "";
let touched = false;

const session = new Session("/ws/sites/" + page.site + "/ticket/" + page.ticket, {
  onview(latest) {
    view = latest;
    over = false;
    remember(page.ticket, latest);
    render();
  },
  onstate(now, code) {
    state = now === "refused" ? "refused-" + code : now;
    over = over || (code === 4004 && view !== null);
    render();
  },
  onlog(now) {
    log = now;
    render();
  },
});
const alarm = new Alarm(() => renderAlarm());
const cancel = new Cancel(
  "/api/sites/" + page.site + "/tickets/" + encodeURIComponent(page.ticket) + "/cancel",
  (ticket) => {
    Object.assign(view, ticket);
    render();
  },
);

function render() {
  renderTrouble();
  if (!view) return;
  const status = over ? "over" : view.status;
  const called = status === "called";
  setAttribute(document.body, "data-status", status);
  show(byId("top"), !called);
  show(byId("sheet"), !called);
  show(byId("state-called"), called);
  setText(byId("number"), view.number);
  fit(byId("number"));
  setText(byId("service"), view.service_name);
  setText(byId("agency"), view.agency_name);
  show(byId("marks"), !over);
  badge(byId("status"), !over && "common.status." + status, BADGES[status]);
  badge(byId("priority"), view.priority && "common.priority." + view.priority, "badge--gold");
  show(byId("state-loading"), false);
  renderWaiting(status === "waiting");
  renderMessage(MESSAGES[status]);
  renderFacts(status);
  renderCall(called);
  renderAlarm();
  cancel.offer(status === "waiting" || status === "parked");
  setText(byId("updated"), over ? "" : t("phone.updated", { time: formatTime(view.now) }));
}

function badge(element, key, kind) {
  show(element, Boolean(key));
  setText(element, key ? t(key) : "");
  setAttribute(element, "class", ("badge " + (kind || "")).trim());
}

function renderTrouble() {
  let text = "";
  if (over) {
    text = "";
  } else if (state.indexOf("refused") === 0) {
    text = t(state === "refused-4004" ? "problem.unknown-ticket" : "common.live.forbidden");
    show(byId("state-loading"), false);
    show(byId("slip"), view !== null);
  } else if (state === "stale") {
    text = view ? t("phone.stale", { time: formatTime(view.now) }) : t("phone.no-server");
  } else if (log === "unavailable") {
    text = t("common.live.log");
  }
  const old = Boolean(view) && state === "stale";
  setAttribute(document.body, "data-old", old ? "true" : null);
  say(byId("old"), old ? t("phone.old", { time: formatTime(view.now) }) : "");
  say(byId("banner"), text);
  say(byId("call-trouble"), text);
}

function renderWaiting(waiting) {
  show(byId("state-waiting"), waiting);
  if (!waiting) return;
  setText(byId("ahead"), view.ahead === null ? "–" : view.ahead);
  setText(byId("estimate"), estimateText(view.wait_estimate));
  say(byId("around"), aroundText(view.wait_estimate, view.now));
  say(byId("waiting-hint"), page.old ? "" : hintText(view.ahead));
  setAttribute(byId("figures"), "data-next", view.ahead === 0 ? "true" : null);
}

function renderMessage(message) {
  show(byId("state-message"), Boolean(message));
  if (!message) return;
  setAttribute(byId("state-message"), "data-kind", message.kind);
  setText(byId("message-sign"), message.sign);
  setText(byId("message-title"), t(message.words, { counter: view.counter_label || "" }));
  setText(byId("message-text"), t(message.words + ".text"));
}

/** Where to wait or to go, and what to have ready: as long as either is of use. */
function renderFacts(status) {
  const going = GOING.includes(status);
  const bring = status === "waiting" ? view.bring || [] : [];
  const zone = going ? view.zone_name || "" : "";
  const where = going ? view.where || "" : "";
  const at = going && status !== "waiting" ? view.counter_label || "" : "";
  setText(byId("place-title"), t(status === "waiting" ? "phone.place.wait" : "phone.place.counter"));
  setText(byId("place-zone"), [at, zone].filter(Boolean).join(" · "));
  setText(byId("place-where"), where);
  show(byId("place"), Boolean(zone || where || at));
  show(byId("bring"), bring.length > 0);
  if (byId("bring-list").textContent !== bring.join("")) {
    place(byId("bring-list"), bring.map((one) => el("li", "", one)));
  }
  show(byId("facts"), Boolean(zone || where || at || bring.length));
}

/** A call, and each repeat of it, calls its holder once; until somebody has seen it, the title blinks. */
function renderCall(called) {
  if (!called) {
    if (alarmed) alarm.quiet();
    alarmed = "";
    document.title = view.number + " · " + t("phone.title");
    return;
  }
  setText(byId("call-number"), view.number);
  fit(byId("call-number"));
  setText(byId("call-counter"), view.counter_label);
  setText(byId("call-zone"), view.zone_name);
  say(byId("call-where"), view.where);
  say(byId("call-recall"), view.recalls > 0 ? t("phone.recall", { n: view.recalls + 1 }) : "");
  const call = view.called_at + " " + view.recalls;
  if (call !== alarmed) {
    alarmed = call;
    window.scrollTo(0, 0);
    show(byId("call-seen"), true);
    alarm.ring(t("phone.your-turn") + " · " + view.number, "● " + view.counter_label, touched);
  }
}

function renderAlarm() {
  const sound = alarm.sound();
  show(byId("alarm"), Boolean(view) && !over && HOPING.includes(view.status) && alarm.exists());
  setText(byId("alarm-button"), t("phone.alarm." + sound));
  setAttribute(byId("alarm-button"), "aria-pressed", String(sound === "on"));
  setText(byId("alarm-note"), t(sound !== "on" ? "phone.alarm.why" : alarm.staysOn() ? "phone.alarm.stays" : "phone.alarm.keep"));
}

window.addEventListener("resize", () => {
  fit(byId("number"));
  fit(byId("call-number"));
});
document.addEventListener("click", () => {
  touched = true;
});
byId("alarm-button").addEventListener("click", () => {
  if (alarm.sound() === "on") {
    alarm.silence();
  } else {
    alarm.unlock();
  }
});
byId("call-seen").addEventListener("click", () => {
  alarm.quiet();
  document.title = t("phone.your-turn") + " · " + view.number;
  show(byId("call-seen"), false);
});
session.start();
keepOfflinePage();
