// What a supervisor should look at now: waits that are too long, calls nobody answers, agencies whose visitors no open
// counter serves, zones that are silent. Pure; `now` is the hall's clock in milliseconds.

import { instant } from "./clock.js";

export const LONG_WAIT_MS = 30 * 60000;
export const UNANSWERED_MS = 3 * 60000;
export const UNSPOKEN_MS = 60000;

/** [{ kind, subject, counter, since, values }], what is worst first; `counter` is the desk to open, or null. */
export function alarms(view, now) {
  const found = [...silent(view, now), ...unanswered(view, now), ...unstaffed(view), ...late(view, now)];
  return found.map((alarm) => ({ counter: null, since: null, values: {}, ...alarm }));
}

function unanswered({ counters }, now) {
  return counters
    .filter(({ ticket }) => ticket && ticket.status === "called" && older(ticket.since, now, UNANSWERED_MS))
    .sort((a, b) => instant(a.ticket.since) - instant(b.ticket.since))
    .map(({ counter, label, ticket }) => ({
      kind: "unanswered",
      subject: label,
      counter,
      since: ticket.since,
      values: { number: ticket.number },
    }));
}

function unstaffed({ counters, waiting }) {
  const served = new Set();
  for (const { status, agencies } of counters) if (status === "open") agencies.forEach(({ id }) => served.add(id));
  return waiting
    .filter(({ agency, count }) => count > 0 && !served.has(agency))
    .map(({ agency, name, count, longest_since }) => ({
      kind: "unstaffed",
      subject: name,
      counter: (counters.find(({ agencies }) => agencies.some(({ id }) => id === agency)) || { counter: null }).counter,
      since: longest_since,
      values: { count },
    }));
}

function late({ waiting }, now) {
  return waiting
    .filter(({ longest_since }) => older(longest_since, now, LONG_WAIT_MS))
    .sort((a, b) => instant(a.longest_since) - instant(b.longest_since))
    .map(({ name, count, longest_since }) => ({ kind: "late", subject: name, since: longest_since, values: { count } }));
}

function silent({ zones, counters }, now) {
  const found = [];
  for (const { zone, name, unspoken_since, speakers } of zones) {
    const works = counters.some((one) => one.zone === zone && one.status !== "closed");
    if (unspoken_since && older(unspoken_since, now, UNSPOKEN_MS)) {
      found.push({ kind: "unspoken", subject: name, since: unspoken_since });
    } else if (works && speakers.ready === 0) {
      found.push({ kind: speakers.connected ? "muted" : "no-speaker", subject: name });
    }
  }
  return found;
}

function older(at, now, limit) {
  const from = instant(at);
  return from !== null && now !== null && now - from >= limit;
}
