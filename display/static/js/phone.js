/* A ticket on a phone: shows the whole view whenever it comes, and takes the holder's cancellation. */

import { newKey, postJson } from "./api.js";
import { formatTime, instant, offsetMinutes, timeText, wall } from "./clock.js";
import { byId, fit, setAttribute, setText, show } from "./dom.js";
import { duration, minutesRange } from "./phone-estimate.js";
import { Session } from "./session.js";
import { t } from "./words.js";

const VIBRATION = [400, 200, 400, 200, 800];
const MESSAGES = {
  serving: "phone.serving",
  served: "phone.served",
  parked: "phone.parked",
  "no-show": "phone.no-show",
  cancelled: "phone.cancelled",
};
const BADGES = { waiting: "", serving: "badge--good", served: "badge--good", parked: "badge--warn", "no-show": "badge--warn" };
const page = document.body.dataset;

let view = null;
let state = "connecting";
let log = "ok";
let alarmed = "";
let cancelKey = "";
let touched = false; // browsers vibrate only for a page that was touched

const session = new Session("/ws/sites/" + page.site + "/ticket/" + page.ticket, {
  onview(latest) {
    view = latest;
    render();
  },
  onstate(now, code) {
    state = now === "refused" ? "refused-" + code : now;
    render();
  },
  onlog(now) {
    log = now;
    render();
  },
});

function render() {
  renderTrouble();
  if (!view) {
    return;
  }
  const status = view.status;
  setAttribute(document.body, "data-status", status);
  setText(byId("number"), view.number);
  fit(byId("number"));
  setText(byId("service"), view.service_name);
  setText(byId("agency"), view.agency_name);
  badge(byId("status"), "common.status." + status, BADGES[status]);
  badge(byId("priority"), view.priority && "common.priority." + view.priority, "badge--gold");
  show(byId("state-loading"), false);
  show(byId("state-waiting"), status === "waiting");
  show(byId("state-called"), status === "called");
  show(byId("state-message"), Boolean(MESSAGES[status]));
  renderWaiting();
  renderCall();
  if (MESSAGES[status]) {
    setText(byId("message-title"), t(MESSAGES[status], { counter: view.counter_label || "" }));
    setText(byId("message-text"), t(MESSAGES[status] + ".text"));
  }
  const mayCancel = status === "waiting" || status === "parked";
  show(byId("cancel"), mayCancel);
  if (!mayCancel) {
    ask(false);
  }
  setText(byId("updated"), t("phone.updated", { time: formatTime(view.now) }));
  document.title = (status === "called" ? t("phone.your-turn") + " · " : "") + view.number;
}

function badge(element, key, kind) {
  show(element, Boolean(key));
  setText(element, key ? t(key) : "");
  setAttribute(element, "class", ("badge " + (kind || "")).trim());
}

function renderTrouble() {
  let text = "";
  if (state.indexOf("refused") === 0) {
    text = t(state === "refused-4004" ? "problem.unknown-ticket" : "common.live.forbidden");
    show(byId("state-loading"), false);
    show(byId("slip"), view !== null);
  } else if (state === "stale") {
    text = view ? t("phone.stale", { time: formatTime(view.now) }) : t("phone.no-server");
  } else if (log === "unavailable") {
    text = t("common.live.log");
  }
  [byId("banner"), byId("call-trouble")].forEach(function (element) {
    setText(element, text);
    show(element, text !== "");
  });
}

function renderWaiting() {
  if (view.status !== "waiting") {
    return;
  }
  const ahead = view.ahead;
  setText(byId("ahead"), ahead === null ? "–" : ahead);
  setText(byId("waiting-hint"), t(ahead === 0 ? "phone.hint.next" : "phone.hint.wait"));
  const estimate = view.wait_estimate;
  setText(byId("estimate"), estimate ? rangeText(minutesRange(estimate)) : t("phone.estimate.none"));
  setText(byId("around"), estimate ? aroundText(minutesRange(estimate)) : "");
}

function rangeText(range) {
  if (range.low === 0 || range.low === range.high) {
    return t("phone.estimate.below", { high: durationText(range.high) });
  }
  if (range.high < 60) {
    return t("phone.estimate.range", { low: range.low, high: durationText(range.high) });
  }
  return t("phone.estimate.range", { low: durationText(range.low), high: durationText(range.high) });
}

function durationText(minutes) {
  const parts = duration(minutes);
  return t("phone.duration." + parts.key, parts);
}

function aroundText(range) {
  const at = (minutes) => timeText(wall(instant(view.now) + minutes * 60000, offsetMinutes(view.now)));
  return t("phone.estimate.around", { from: at(range.low), to: at(range.high) });
}

/** A call, and each repeat of it, is felt once. */
function renderCall() {
  if (view.status !== "called") {
    alarmed = "";
    return;
  }
  setText(byId("call-number"), view.number);
  fit(byId("call-number"));
  setText(byId("call-counter"), view.counter_label);
  setText(byId("call-zone"), view.zone_name);
  show(byId("call-recall"), view.recalls > 0);
  setText(byId("call-recall"), view.recalls > 0 ? t("phone.recall", { n: view.recalls + 1 }) : "");
  const call = view.called_at + " " + view.recalls;
  if (call !== alarmed) {
    alarmed = call;
    window.scrollTo(0, 0);
    if (touched && navigator.vibrate) {
      navigator.vibrate(VIBRATION);
    }
  }
}

function ask(open) {
  show(byId("cancel-confirm"), open);
  show(byId("cancel-ask"), !open);
  if (open) {
    show(byId("cancel-problem"), false);
    byId("cancel-confirm").scrollIntoView({ block: "nearest" });
    byId("cancel-question").focus({ preventScroll: true });
  }
}

async function cancel() {
  const button = byId("cancel-yes");
  if (button.disabled) {
    return;
  }
  button.disabled = true;
  cancelKey = cancelKey || newKey();
  const path = "/api/sites/" + page.site + "/tickets/" + encodeURIComponent(page.ticket) + "/cancel";
  try {
    Object.assign(view, await postJson(path, {}, { key: cancelKey }));
    cancelKey = "";
    render();
  } catch (problem) {
    if (!problem.unsure) {
      cancelKey = "";
    }
    setText(byId("cancel-problem"), t("problem." + problem.code, { code: problem.code }));
    show(byId("cancel-problem"), true);
  }
  button.disabled = false;
  ask(false);
}

document.addEventListener("click", () => {
  touched = true;
});
byId("cancel-ask").addEventListener("click", () => ask(true));
byId("cancel-no").addEventListener("click", () => {
  ask(false);
  byId("cancel-ask").focus();
});
byId("cancel-yes").addEventListener("click", cancel);
session.start();
