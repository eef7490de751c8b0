// The kiosk: which step is on the screen, what the address says, and what happens when nobody is there.
// Addresses: "" home, #cari search, #a/AGENCY its services, #s/SERVICE confirm. A ticket has none: it is never reissued.

import { byId, setText } from "./dom.js";
import { say } from "./nodes.js";
import { dateText, timeText, formatTime } from "./clock.js";
import { deviceName } from "./device.js";
import { Session } from "./session.js";
import { Ease } from "./kiosk-ease.js";
import { IdleWatch } from "./kiosk-idle.js";
import { AgencyTiles, PopularTiles, showHead, showServices } from "./kiosk-lists.js";
import { Finder } from "./kiosk-find.js";
import { Order } from "./kiosk-order.js";
import { SiteData } from "./kiosk-site.js";
import { TicketStep } from "./kiosk-ticket.js";
import { agencySentence } from "./kiosk-words.js";
import { mountScroll } from "./kiosk-scroll.js";
import { goTo } from "./kiosk-reload.js";
import { lang, t } from "./words.js";

const QUIET_MS = 40000;
const COUNT_MS = 15000;
const TICKET_MS = 30000;
const NO_PAPER_MS = 90000; // time to write the number down
const FIRST_LANGUAGE = "id";
const SETTLE_MS = 350; // the second half of a double tap must not press what has just appeared under the finger
const SETTLE_TICKET_MS = 900;

const options = new URLSearchParams(location.search);
const data = new SiteData(document.body.dataset.site, refreshed);
const tiles = new AgencyTiles(byId("agencies"));
const popular = new PopularTiles(byId("popular-box"), byId("popular"));
const finder = new Finder(data);
const ticketStep = new TicketStep({ hall: document.querySelector(".kiosk-top__name").textContent, onprinting: hold });
const order = new Order(data, { onticket: receive, onbusy: hold });
const idle = new IdleWatch({ quiet: QUIET_MS, count: COUNT_MS, onwarn: warn, onback: calm, onreset: restart });
const ease = new Ease(watch);
let step = "loading";
let list = ""; // the address of the list from which a service is chosen
let doneBy = 0;
let settledAt = 0;

function show(name) {
  const changed = step !== name;
  step = name;
  document.body.dataset.step = name;
  for (const section of document.querySelectorAll(".kiosk-step")) section.hidden = section.dataset.step !== name;
  byId("back").hidden = name === "home" || name === "loading" || name === "ticket";
  byId("restart").hidden = byId("back").hidden;
  byId("low").hidden = name === "ticket";
  watch();
  if (!changed) return;
  settledAt = performance.now() + (name === "ticket" ? SETTLE_TICKET_MS : SETTLE_MS);
  for (const box of document.querySelectorAll(".kiosk-scroll")) box.scrollTop = 0;
  const target = name === "search" ? byId("query") : document.querySelector(".kiosk-step:not([hidden]) h1");
  if (target) target.focus({ preventScroll: true });
}

/** There is something to clear as soon as anything is not as the next visitor should find it. */
function watch() {
  idle.watch(!["home", "loading", "ticket"].includes(step) || lang !== FIRST_LANGUAGE || ease.asked);
}

function route() {
  if (!data.site || order.busy || step === "ticket") return;
  const [kind, id] = address();
  if (kind !== "s") list = location.hash;
  if (kind === "cari") {
    finder.show();
    show("search");
  } else if (kind === "a" && data.agencies.has(id)) {
    openAgency(data.agencies.get(id));
  } else if (kind === "s" && data.services.has(id)) {
    order.choose(data.services.get(id));
    show("confirm");
  } else {
    finder.clear();
    showHome(true);
    show("home");
  }
}

function showHome(sort) {
  const entries = (data.site.popular || []).map((id) => data.services.get(id)).filter(Boolean);
  popular.show(entries, data.now());
  tiles.show(data.site.agencies, data.now(), sort);
}

/** The address after "#", in its parts; none when it cannot be read, for then home is the place to be. */
function address() {
  try {
    return location.hash.slice(1).split("/").map(decodeURIComponent);
  } catch (malformed) {
    return [];
  }
}

function openAgency(agency) {
  const entries = agency.services.map((service) => ({ service, agency }));
  showHead(byId("agency-head"), agency, agency.short || agency.name, agencyLine(agency));
  showServices(byId("services"), entries, data.now(), false);
  show("services");
}

function refreshed() {
  notice();
  if (!data.site) return setText(byId("loading"), t(data.failing ? "kiosk.loading-failed" : "kiosk.loading"));
  if (step === "loading") return route();
  order.update();
  if (step === "services") updateLine();
  showHome(step === "home" && idle.quietFor > COUNT_MS);
}

function updateLine() {
  const agency = data.agencies.get(decodeURIComponent(location.hash.slice(3)));
  if (agency) setText(byId("agency-head").querySelector(".kiosk-agency__line"), agencyLine(agency));
}

const agencyLine = (agency) => [agency.name, agencySentence(agency, data.now())].filter(Boolean).join(" · ");

function notice() {
  say(byId("notice"), data.old ? t("kiosk.old", { time: timeOf(data.fetched) }) : "");
  const open = !data.site || data.site.agencies.some((agency) => agency.open_now);
  say(byId("all-closed"), open ? "" : t("kiosk.all-closed"));
}

function timeOf(milliseconds) {
  const parts = data.clock.parts();
  if (parts) return formatTime(data.site.now);
  const at = new Date(milliseconds);
  return timeText({ hours: at.getHours(), minutes: at.getMinutes() });
}

function receive(ticket) {
  history.replaceState(null, "", location.pathname + location.search);
  ticketStep.show(ticket);
  show("ticket");
  stayOnTicket();
  data.refresh();
  if (options.get("print") !== "off") ticketStep.print();
}

function stayOnTicket() {
  doneBy = Date.now() + (ticketStep.failed ? NO_PAPER_MS : TICKET_MS);
  countDown();
}

function countDown() {
  if (step !== "ticket") return;
  const left = Math.ceil((doneBy - Date.now()) / 1000);
  if (left <= 0) return restart();
  setText(byId("done"), t("kiosk.done", { seconds: left }));
}

function hold(held) {
  idle.hold(held);
  for (const button of byId("nav").querySelectorAll("button")) button.disabled = held;
  if (step === "ticket") stayOnTicket();
}

async function restart() {
  calm();
  ease.reset();
  ticketStep.clear();
  step = "";
  history.replaceState(null, "", location.pathname + location.search);
  finder.clear();
  route();
  if (lang !== FIRST_LANGUAGE) speak(FIRST_LANGUAGE);
}

function warn(seconds) {
  const box = byId("idle");
  setText(byId("idle-count"), t("kiosk.idle-count", { seconds }));
  setText(byId("idle-seconds"), seconds);
  if (!box.open) box.showModal();
}

function calm() {
  if (byId("idle").open) byId("idle").close();
}

function languageAddress(code) {
  const query = new URLSearchParams(location.search);
  query.set("lang", code);
  return location.pathname + "?" + query + location.hash;
}

/** In another language: the page is loaded again, but not away from a number that is being taken or shown. */
function speak(code) {
  const free = () => !order.busy && step !== "ticket";
  if (free()) goTo(() => languageAddress(code), free);
}

function tick() {
  const parts = data.clock.parts();
  if (parts) {
    setText(byId("clock-date"), dateText(parts));
    setText(byId("clock-time"), timeText(parts) + " " + data.clock.zone());
  }
  countDown();
}

for (const link of document.querySelectorAll("[data-language]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    speak(link.dataset.language);
  });
}
document.addEventListener("click", ignoreEcho, true);
for (const box of document.querySelectorAll(".kiosk-scroll")) mountScroll(box);
byId("seek").addEventListener("click", () => (location.hash = "cari"));
byId("back").addEventListener("click", back);
byId("restart").addEventListener("click", restart);
byId("done").addEventListener("click", restart);
byId("stay").addEventListener("click", calm);
document.addEventListener("pointerdown", () => step === "ticket" && stayOnTicket(), true);
document.addEventListener("contextmenu", (event) => event.preventDefault());
window.addEventListener("hashchange", route);
setInterval(tick, 500);
data.start();
new Session("/ws/sites/" + document.body.dataset.site + "/kiosk", {}, { views: false, device: deviceName() }).start();

function ignoreEcho(event) {
  const byHand = event.detail > 0;
  if (!byHand || event.timeStamp > settledAt) return; // when it was touched: a slow screen hears of it later
  event.preventDefault();
  event.stopPropagation();
}

/** One step back: from a service to the list it was chosen from, else home. */
function back() {
  location.hash = step === "confirm" ? list : "";
}
