// The ticket in hand: huge, with its state and how long it has lasted.

import { byId, setAttribute, setText } from "./dom.js";
import { say } from "./nodes.js";
import { instant } from "./clock.js";
import { clockText, spanText, waitText } from "./counter-words.js";
import { t } from "./words.js";

const BADGES = { called: "badge badge--gold", serving: "badge badge--good" };

export function showHand(view) {
  const ticket = view.ticket;
  byId("hand").dataset.status = ticket ? ticket.status : "none";
  say(byId("hand-none"), ticket ? "" : emptyText(view));
  byId("hand-ticket").hidden = !ticket;
  if (!ticket) return;
  setText(byId("hand-number"), ticket.number);
  setAttribute(byId("hand-number"), "data-length", Math.min(7, ticket.number.length));
  setText(byId("hand-service"), ticket.service_name);
  setText(byId("hand-agency"), view.agencies.length > 1 ? ticket.agency_name + " · " : "");
  const wait = waitText(ticket.issued_at, instant(ticket.called_at));
  setText(byId("hand-waited"), t("counter.taken", { time: clockText(ticket.issued_at), wait }));
  say(byId("hand-priority"), ticket.priority ? t("counter.priority", { group: t("common.priority." + ticket.priority) }) : "");
  setText(byId("hand-status"), t("common.status." + ticket.status));
  setText(byId("hand-since"), t("counter.since", { time: clockText(begun(ticket)) }));
  byId("hand-status").className = BADGES[ticket.status] || "badge";
}

/** Moves the timer; `now` is the hall's clock in milliseconds, null before it is known. */
export function tickHand(view, now) {
  const ticket = view && view.ticket;
  if (!ticket || now === null) return;
  const from = instant(begun(ticket));
  setText(byId("hand-timer"), from === null ? "" : spanText(now - from));
}

function begun(ticket) {
  return ticket.status === "serving" ? ticket.started_at : ticket.called_at;
}

function emptyText(view) {
  if (view.status === "closed") return t("counter.hand-closed");
  if (view.status === "paused") return t("counter.hand-paused");
  return view.waiting_count ? t("counter.hand-none") : t("counter.hand-empty");
}
