/* What the phone says of a view. */

import { instant, offsetMinutes, timeText, wall } from "./clock.js";
import { duration, minutesRange } from "./estimate.js";
import { t } from "./words.js";

const SHORT = 90; // minutes up to which a range is in minutes alone

/** "8–25 menit", "hingga 1 menit"; null: not known. */
export function estimateText(estimate) {
  if (!estimate) return t("phone.estimate.none");
  const { low, high } = minutesRange(estimate);
  if (low === 0 || low === high) return t("phone.estimate.below", { high: durationText(high) });
  if (high <= SHORT) return t("phone.estimate.range", { low, high: t("phone.duration.minutes", { minutes: high }) });
  return t("phone.estimate.range", { low: durationText(low), high: durationText(high) });
}

/** "pukul 09.08–09.25" by the hall's clock. */
export function aroundText(estimate, now) {
  if (!estimate) return "";
  const { low, high } = minutesRange(estimate);
  const at = (minutes) => timeText(wall(instant(now) + minutes * 60000, offsetMinutes(now)));
  return t("phone.estimate.around", { from: at(low), to: at(high) });
}

export function hintText(ahead) {
  return t(ahead === 0 ? "phone.hint.next" : "phone.hint.wait");
}

function durationText(minutes) {
  const parts = duration(minutes);
  return t("phone.duration." + parts.key, parts);
}
