/* What this phone knew last of the ticket, and when. Imports nothing: the service worker keeps this one file, and a live
   page must never get an old part of another script. */

(function () {
  const SHELF = "antrean-phone"; // as in phone-memory.js
  const LOOK_AGAIN = 8000;
  const words = JSON.parse(document.getElementById("words").textContent);
  const byId = (id) => document.getElementById(id);

  function t(key, values) {
    return words[key].replace(/\{(\w+)\}/g, (whole, name) => (values && name in values ? String(values[name]) : whole));
  }

  function known() {
    try {
      return JSON.parse(localStorage.getItem(SHELF))[decodeURIComponent(location.pathname.slice(3))] || null;
    } catch (error) {
      return null;
    }
  }

  function show(last) {
    byId("number").textContent = last.number;
    byId("service").textContent = last.service;
    byId("agency").textContent = last.agency;
    byId("at").textContent = t("phone.offline.at", { time: last.time, date: last.date });
    byId("state").textContent = t("common.status." + last.status) + (last.counter ? " · " + last.counter : "");
    if (last.status === "waiting" && last.ahead !== null) {
      byId("ahead").textContent = t("phone.offline.ahead", { n: last.ahead });
      byId("ahead").hidden = false;
    }
    byId("known").hidden = byId("last").hidden = false;
  }

  function again() {
    fetch("/healthz", { cache: "no-store" })
      .then((answer) => answer.ok && location.reload())
      .catch(() => undefined);
  }

  const last = known();
  if (last) {
    show(last);
  } else {
    byId("nothing").hidden = false;
  }
  byId("retry").addEventListener("click", () => location.reload());
  window.addEventListener("online", again);
  setInterval(again, LOOK_AGAIN);
})();
