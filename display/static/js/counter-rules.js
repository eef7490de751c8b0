// Which verbs the hall's rules allow for what is shown: the contract's table, so that no press is offered in vain. Pure.

const STATUS_VERBS = { open: "open", pause: "paused", close: "closed" };

/** { verb: boolean } for a counter view; nothing is allowed without one. */
export function allowedVerbs(view) {
  if (!view) return {};
  const status = view.ticket ? view.ticket.status : null;
  const called = status === "called";
  const inHand = called || status === "serving";
  const allowed = {
    "call-next": view.status === "open",
    recall: called && view.ticket.recalls < view.recall_limit,
    start: called,
    finish: inHand,
    "no-show": called,
    park: inHand,
    return: inHand,
    transfer: inHand,
    resume: !inHand,
  };
  for (const verb of Object.keys(STATUS_VERBS)) allowed[verb] = view.status !== STATUS_VERBS[verb];
  if (inHand) allowed.close = false;
  return allowed;
}

/** The status a counter has after `verb`, null when the verb does not change it. */
export function statusAfter(verb) {
  return STATUS_VERBS[verb] || null;
}
