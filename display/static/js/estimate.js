/* A waiting range in words a person plans with: never more exact than it is. Pure. */

/** {low, high} in whole minutes of an estimate in seconds: outwards, to fives above 20 minutes. */
export function minutesRange(estimate) {
  const step = (minutes) => (minutes > 20 ? 5 : 1);
  const low = estimate.low / 60;
  const high = estimate.high / 60;
  const below = Math.floor(low / step(low)) * step(low);
  const above = Math.max(1, Math.ceil(high / step(high)) * step(high));
  return { low: below, high: above };
}

/** Minutes as {key, hours, minutes}, key one of "minutes" | "hours" | "hours-minutes". */
export function duration(minutes) {
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  return { key: hours === 0 ? "minutes" : rest === 0 ? "hours" : "hours-minutes", hours: hours, minutes: rest };
}
