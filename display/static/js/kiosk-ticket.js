// The issued ticket on the screen and on paper. The number is valid whatever the printer does, and the screen says so.

import { byId, setText } from "./dom.js";
import { el, place, say } from "./nodes.js";
import { dateText, formatTime, instant, offsetMinutes, wall } from "./clock.js";
import { estimateText } from "./kiosk-words.js";
import { t } from "./words.js";

const QR_WAIT_MS = 2500;

export class TicketStep {
  constructor({ hall, onprinting }) {
    this.hall = hall;
    this.onprinting = onprinting;
    this.ticket = null;
    this.printing = null; // the ticket whose slip is on its way
    this.failed = false;
    byId("print").addEventListener("click", () => this.print());
  }

  show(ticket) {
    this.ticket = ticket;
    setText(byId("ticket-number"), ticket.number);
    setText(byId("ticket-agency"), ticket.agency_name);
    setText(byId("ticket-service"), ticket.service_name);
    say(byId("ticket-priority"), ticket.priority ? t("common.priority." + ticket.priority) : "");
    place(byId("ticket-facts"), [aheadFact(ticket), waitFact(ticket), timeFact(ticket)].filter(Boolean));
    byId("ticket-qr").src = qrPath(ticket);
    this.tell("kiosk.keep", false);
    setText(byId("print-words"), t("kiosk.print"));
    place(byId("slip"), makeSlip(ticket, this.hall));
  }

  clear() {
    this.ticket = null;
    if (this.printing) this.hold(null);
    this.tell("kiosk.keep", false);
    byId("ticket-qr").removeAttribute("src");
    place(byId("slip"), []);
  }

  /** Prints once the QR code is there. A browser cannot tell whether paper came out, so the screen does not claim it;
      that nothing was sent to a printer it can tell, and says so. */
  async print() {
    const ticket = this.ticket;
    if (!ticket || this.printing) return;
    this.tell("kiosk.printing", false);
    this.hold(ticket);
    await Promise.all([...byId("slip").querySelectorAll("img"), byId("ticket-qr")].map(loaded));
    if (this.printing !== ticket) return; // its visitor has gone; another's slip may be on its way
    const sent = sendToPrinter();
    setText(byId("print-words"), t("kiosk.print-again"));
    this.tell(sent ? "kiosk.printed" : "kiosk.print-failed", !sent);
    this.hold(null);
  }

  hold(ticket) {
    this.printing = ticket;
    byId("print").disabled = Boolean(ticket);
    this.onprinting(Boolean(ticket));
  }

  tell(words, failed) {
    const state = byId("print-state");
    this.failed = failed;
    state.classList.toggle("banner", failed);
    state.classList.toggle("banner--bad", failed);
    document.body.classList.toggle("kiosk--no-paper", failed);
    setText(state, t(words));
  }
}

/** False when the browser has no way to print (Android WebView) or silently did not: then "beforeprint" is not heard. */
function sendToPrinter() {
  let heard = false;
  const hear = () => (heard = true);
  window.addEventListener("beforeprint", hear);
  try {
    window.print();
  } catch (refused) {
    heard = false;
  }
  window.removeEventListener("beforeprint", hear);
  return heard;
}

function qrPath(ticket) {
  return "/t/" + encodeURIComponent(ticket.id) + "/qr.svg";
}

function loaded(image) {
  if (image.complete) return Promise.resolve();
  return new Promise((done) => {
    image.addEventListener("load", done, { once: true });
    image.addEventListener("error", done, { once: true });
    setTimeout(done, QR_WAIT_MS);
  });
}

function makeFact(label, value, kind) {
  return el("div", "kiosk-fact" + (kind || ""), el("dt", "", label), el("dd", "number", value));
}

function aheadFact({ ahead }) {
  if (typeof ahead !== "number") return null;
  return makeFact(t("kiosk.ahead"), ahead === 0 ? t("kiosk.ahead-none") : t("kiosk.ahead-count", { count: ahead }));
}

function aheadWords(count) {
  return count === 0 ? t("kiosk.slip-ahead-none") : t("kiosk.slip-ahead", { count });
}

function waitFact({ wait_estimate: estimate }) {
  return estimate ? makeFact(t("kiosk.estimate"), estimateText(estimate)) : null;
}

function timeFact({ issued_at: at }) {
  return makeFact(t("kiosk.taken-at"), formatTime(at), " kiosk-fact--time");
}

function makeSlip(ticket, hall) {
  const image = el("img", "slip__qr");
  image.src = qrPath(ticket);
  image.alt = "";
  const at = instant(ticket.issued_at);
  const day = at === null ? "" : dateText(wall(at, offsetMinutes(ticket.issued_at)));
  const line = (name, ...content) => el("p", "slip__" + name, ...content);
  return [
    line("hall", hall),
    line("label", t("kiosk.slip-number")),
    line("number", ticket.number),
    line("agency", ticket.agency_name),
    line("service", ticket.service_name),
    ticket.priority ? line("priority", t("common.priority." + ticket.priority)) : null,
    typeof ticket.ahead === "number" ? line("ahead", aheadWords(ticket.ahead)) : null,
    ticket.wait_estimate ? line("estimate", t("kiosk.slip-estimate", { time: estimateText(ticket.wait_estimate) })) : null,
    image,
    line("scan", t("kiosk.slip-scan")),
    line("time", day + " " + formatTime(ticket.issued_at)),
  ].filter(Boolean);
}
