// Beside the counters: what needs somebody's attention, who waits at which agency, and the hall's day in figures.

import { byId, setText, show } from "./dom.js";
import { el, place } from "./nodes.js";
import { instant } from "./clock.js";
import { minutesText, waitText } from "./counter-words.js";
import { t } from "./words.js";

const FIRST = 3; // the rest on request: the counters must not be pushed off a phone

/** `all`: also those after the first three. */
export function showAlarms(found, now, all) {
  setText(byId("alarms-count"), String(found.length));
  byId("alarms").dataset.level = found.length ? "some" : "none";
  const rows = (all ? found : found.slice(0, FIRST)).map((alarm) => {
    const time = alarm.since ? waitText(alarm.since, now) : "";
    const said = t("hall.alarm." + alarm.kind, { ...alarm.values, time });
    const text = [el("b", "", alarm.subject), " ", el("span", "", said)];
    const link = el(alarm.counter ? "a" : "span", "hall-alarm__link", ...text);
    if (alarm.counter) link.href = "#" + encodeURIComponent(alarm.counter);
    return el("li", "hall-alarm hall-alarm--" + alarm.kind, link);
  });
  if (!rows.length) rows.push(el("li", "muted hall-alarm--none", t("hall.alarm.none")));
  keep(byId("alarms-list"), rows);
  setText(byId("alarms-all"), t(all ? "hall.alarms.few" : "hall.alarms.all", { count: found.length }));
  show(byId("alarms-all"), found.length > FIRST);
}

export function showWaiting({ waiting }, now) {
  const some = waiting.filter(({ count }) => count > 0);
  some.sort((a, b) => instant(a.longest_since) - instant(b.longest_since));
  const rows = some.map(({ name, count, longest_since }) =>
    el("li", "hall-wait", el("span", "hall-wait__name", name), el("span", "number", String(count)), el("span", "muted", waitText(longest_since, now))),
  );
  const rest = waiting.length - some.length;
  if (rest) rows.push(el("li", "muted hall-wait__none", some.length ? t("hall.without-queue", { count: rest }) : t("hall.nobody")));
  keep(byId("waiting-list"), rows);
}

export function showFigures({ counters, waiting }, now) {
  const sum = (list, pick) => list.reduce((total, one) => total + pick(one), 0);
  const since = waiting.map(({ longest_since }) => longest_since).filter(Boolean);
  const longest = since.sort((a, b) => instant(a) - instant(b))[0];
  const open = counters.filter(({ status }) => status === "open").length;
  setText(byId("figure-open"), t("hall.of", { count: open, all: counters.length }));
  setText(byId("figure-waiting"), String(sum(waiting, ({ count }) => count)));
  setText(byId("figure-longest"), longest ? waitText(longest, now) : "–");
  setText(byId("figure-served"), String(sum(counters, ({ today }) => today.served)));
  setText(byId("figure-missed"), String(sum(counters, ({ today }) => today.no_show)));
  setText(byId("figure-average"), averageText(counters));
}

/** Of the counters' averages, each as heavy as the visits it is of. */
function averageText(counters) {
  const timed = counters.filter(({ today }) => today.service_seconds !== null);
  const visits = timed.reduce((total, { today }) => total + today.timed, 0);
  const seconds = timed.reduce((total, { today }) => total + today.timed * today.service_seconds, 0);
  return visits ? minutesText(seconds / visits) : "–";
}

/** Rows that say the same stay, so that focus and a finger on one of them do. */
function keep(list, rows) {
  const present = new Map([...list.children].map((row) => [row.className + row.textContent, row]));
  place(list, rows.map((row) => present.get(row.className + row.textContent) || row));
}
