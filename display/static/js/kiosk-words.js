// Sentences the kiosk puts together from data: when an agency opens again, how long it may take, what was refused.

import { t } from "./words.js";
import { instant, offsetMinutes, timeText, wall } from "./clock.js";
import { minutesRange } from "./estimate.js";

const DAY_MS = 86400000;

/** "Buka lagi Rabu 08.00", by the offset in `opensNext`; "" when nobody knows. */
export function opensAgain(opensNext, now) {
  const at = instant(opensNext);
  if (at === null) return "";
  const shift = offsetMinutes(opensNext);
  const parts = wall(at, shift);
  const days = dayNumber(at, shift) - dayNumber(now, shift);
  const time = timeText(parts);
  if (days <= 0) return t("kiosk.opens-today", { time });
  if (days === 1) return t("kiosk.opens-tomorrow", { time });
  const day = t("common.days").split(" ")[parts.day];
  if (days < 7) return t("kiosk.opens-day", { day, time });
  const month = t("common.months").split(" ")[parts.month];
  return t("kiosk.opens-date", { day, date: parts.date, month, time });
}

function dayNumber(milliseconds, shift) {
  return Math.floor((milliseconds + shift * 60000) / DAY_MS);
}

/** "12 menunggu", or "Buka lagi Rabu 08.00": as short as a tile. */
export function agencyState(agency, now) {
  if (!agency.open_now) return opensAgain(agency.opens_next, now) || t("kiosk.closed");
  if (typeof agency.waiting !== "number") return t("kiosk.open");
  return agency.waiting === 0 ? t("kiosk.waiting-none") : t("kiosk.waiting", { count: agency.waiting });
}

/** The same as a sentence, for the page of one agency or service. */
export function agencySentence(agency, now) {
  if (!agency.open_now) return closedText(agency, now);
  if (!agency.waiting) return agency.waiting === 0 ? t("kiosk.confirm-waiting-none") : "";
  return t("kiosk.confirm-waiting", { count: agency.waiting });
}

function closedText(agency, now) {
  const opens = opensAgain(agency.opens_next, now);
  return opens ? t("kiosk.closed-until", { opens }) : t("kiosk.closed");
}

/** "15–25 menit" of {low, high} seconds, as the phone says it; "" without an estimate. */
export function estimateText(estimate) {
  if (!estimate) return "";
  const { low, high } = minutesRange(estimate);
  if (low < 1) return t("kiosk.minutes-below", { high });
  return low >= high ? t("kiosk.minutes", { high }) : t("kiosk.minutes-range", { low, high });
}

/** The words of a refusal, by the contract's code. */
export function problemText(problem, now) {
  if (problem.code === "service-closed") {
    return [t("problem.service-closed"), opensAgain(problem.details.opens_next, now)].join(" ").trim();
  }
  const key = "problem." + problem.code;
  const words = t(key);
  return words === key ? t("problem.unknown", { code: problem.code }) : words;
}
