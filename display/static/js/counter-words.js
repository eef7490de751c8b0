// What became of the last press, in words; and the little times of the counter.

import { t } from "./words.js";
import { instant, offsetMinutes, two, wall, timeText } from "./clock.js";

const WITH_A_TICKET = ["recall", "start", "finish", "no-show", "park", "return", "transfer"];
const OF_COUNTERS = ["open", "paused", "closed"];

/** The sentence about the last press: pending, done, refused with its reason, or unsure (`reachable`: what is shown is
    current, and it can be sent again). "" when there is nothing to say. */
export function pressText({ phase, verb, problem, answer }, reachable) {
  const name = t("counter.verb." + verb);
  if (phase === "sending") return t("counter.sending", { verb: name });
  if (phase === "repeating") return t("counter.repeating", { verb: name });
  if (phase === "unsure") return t(reachable ? "counter.unsure" : "counter.unsure-cut", { verb: name });
  if (phase === "refused") return t("counter.refused", { verb: name, reason: reasonText(verb, problem) });
  const done = phase === "done" || phase === "past";
  if (done && verb === "call-next" && answer.ticket === null) return t("counter.nobody");
  return done ? doneText(verb, name, answer.ticket) : "";
}

function doneText(verb, name, ticket) {
  return ticket ? t("counter.done-ticket", { verb: name, number: ticket.number }) : t("counter.done", { verb: name });
}

function reasonText(verb, problem) {
  const status = problem.details.current_status;
  if (WITH_A_TICKET.includes(verb) && OF_COUNTERS.includes(status)) return t("counter.no-ticket-here");
  if (problem.code === "not-allowed-now" && status) {
    const words = [t("common.status." + status), t("common.counter." + status)].find((text) => !text.startsWith("common."));
    if (words) return t("counter.not-allowed-now", { status: words });
  }
  const words = t("problem." + problem.code);
  return words.startsWith("problem.") ? t("problem.unknown", { code: problem.code }) : words;
}

/** "1:05" or "1:02:05" of milliseconds; never below zero. */
export function spanText(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return minutes + ":" + two(seconds % 60);
  return Math.floor(minutes / 60) + ":" + two(minutes % 60) + ":" + two(seconds % 60);
}

/** "< 1 menit", "12 menit", "1 jam 5 menit" since `at` by the hall's clock. */
export function waitText(at, now) {
  const from = instant(at);
  return from === null || now === null ? "" : minutesText((now - from) / 1000);
}

/** The same of a number of seconds. */
export function minutesText(seconds) {
  const minutes = Math.max(0, Math.floor(seconds / 60));
  if (minutes < 1) return t("counter.minutes-below");
  if (minutes < 60) return t("counter.minutes", { minutes });
  return t("counter.hours", { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
}

/** "09.05" by the offset in the string. */
export function clockText(at) {
  const from = instant(at);
  return from === null ? "" : timeText(wall(from, offsetMinutes(at)));
}
