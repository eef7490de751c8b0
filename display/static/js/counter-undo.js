// The way back from a press, where the hall's rules have one: a call goes back into the queue, a ticket put aside is
// called again, a resumed one is put aside. Pure.

import { allowedVerbs } from "./counter-rules.js";

export const OFFERED_MS = 15000;
const BACK = { "call-next": "return", resume: "park", "no-show": "resume", park: "resume" };

/** { verb, body, ticket, number } that undoes `verb`, which was answered with `ticket`; null where there is no way back. */
export function undoOf(verb, ticket) {
  const back = BACK[verb];
  if (!back || !ticket) return null;
  return { verb: back, body: back === "resume" ? { ticket: ticket.id } : undefined, ticket: ticket.id, number: ticket.number };
}

/** Whether `offer` still undoes what it was offered for, in this view. */
export function stillUndoes(offer, view) {
  if (!offer || !view || !allowedVerbs(view)[offer.verb]) return false;
  if (offer.verb === "resume") return view.parked.some((ticket) => ticket.id === offer.ticket);
  return view.ticket.id === offer.ticket && view.ticket.status === "called";
}
