/* What this phone keeps of its tickets for when the network is gone: the last known state, with its time. No name, no
   number of a person: there is none. */

import { formatDate, formatTime } from "./clock.js";

const SHELF = "antrean-phone"; // read by phone-offline.js
const MOST = 5;

/** Remembers this view of the ticket; the oldest of several are forgotten. A browser that keeps nothing is fine, too. */
export function remember(ticket, view) {
  try {
    const all = JSON.parse(localStorage.getItem(SHELF)) || {};
    delete all[ticket];
    all[ticket] = {
      number: view.number,
      status: view.status,
      ahead: view.ahead,
      counter: view.counter_label,
      service: view.service_name,
      agency: view.agency_name,
      time: formatTime(view.now),
      date: formatDate(view.now),
    };
    Object.keys(all)
      .slice(0, -MOST)
      .forEach((old) => delete all[old]);
    localStorage.setItem(SHELF, JSON.stringify(all));
  } catch (error) {
    return;
  }
}

/** Only where browsers allow it (HTTPS, this machine): the page for when the network is gone. */
export function keepOfflinePage() {
  if (window.isSecureContext && navigator.serviceWorker) {
    navigator.serviceWorker.register("/t/worker.js", { scope: "/t/" }).catch(() => undefined);
  }
}
