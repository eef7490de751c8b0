// Behind the counter: who waits, in calling order, who was set aside, and the day's figures.

import { byId, setText } from "./dom.js";
import { el, place } from "./nodes.js";
import { clockText, minutesText, waitText } from "./counter-words.js";
import { t } from "./words.js";

export function showQueue(view, now) {
  setText(byId("queue-count"), String(view.waiting_count));
  const longest = view.longest_since ? t("counter.longest", { time: waitText(view.longest_since, now) }) : t("counter.queue-empty");
  setText(byId("queue-longest"), longest);
  const rows = view.waiting.map((ticket) => makeRow(ticket, waitText(ticket.joined_at, now)));
  const more = view.waiting_count - view.waiting.length;
  if (more > 0) rows.push(el("li", "counter-row counter-row--more muted", t("counter.more", { count: more })));
  place(byId("queue"), reuse(byId("queue"), rows));
}

/** `onresume(ticket)` when "Lanjutkan" is pressed. */
export function showParked(view, onresume) {
  setText(byId("parked-count"), String(view.parked.length));
  const rows = view.parked.map((ticket) => makeParkedRow(ticket, onresume));
  if (!rows.length) rows.push(el("li", "counter-row muted", t("counter.parked-none")));
  place(byId("parked"), reuse(byId("parked"), rows));
}

export function showToday({ today }) {
  setText(byId("today-served"), String(today.served));
  setText(byId("today-missed"), String(today.no_show));
  setText(byId("today-average"), today.service_seconds === null ? "–" : minutesText(today.service_seconds));
}

function makeRow(ticket, side) {
  const about = el("span", "counter-row__about", ticket.service_name);
  if (ticket.priority) about.append(" ", el("span", "badge badge--gold", t("common.priority." + ticket.priority)));
  return el("li", "counter-row", el("span", "number", ticket.number), about, el("span", "counter-row__side", side));
}

function makeParkedRow(ticket, onresume) {
  const press = el("button", "button counter-row__press", t("counter.verb.resume"));
  press.type = "button";
  press.dataset.resume = ticket.id;
  press.setAttribute("aria-label", t("counter.resume", { number: ticket.number }));
  press.setAttribute("aria-disabled", "true");
  press.addEventListener("click", () => onresume(ticket));
  const kind = ticket.status === "no-show" ? "badge badge--bad" : "badge";
  const state = el("span", kind, t("common.status." + ticket.status));
  const about = el("span", "counter-row__about", ticket.service_name, " ", state, " ", clockText(ticket.since));
  const row = el("li", "counter-row", el("span", "number", ticket.number), about, press);
  row.dataset.ticket = ticket.id + ticket.status + ticket.since;
  return row;
}

/** Keeps rows that say the same, so that focus and a finger on one of them stay. */
function reuse(list, rows) {
  const present = new Map([...list.children].map((row) => [signature(row), row]));
  return rows.map((row) => present.get(signature(row)) || row);
}

function signature(row) {
  return (row.dataset.ticket || "") + "|" + row.textContent;
}
