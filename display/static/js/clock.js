/* The hall's wall clock. Times come as RFC 3339 with the site's offset ("2025-12-24T09:05:00.12+08:00");
   what is shown is the time at that offset, whatever zone the browser believes to be in. */

import { t } from "./words.js";

const PATTERN = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;
const ZONES = { "+07:00": "WIB", "+08:00": "WITA", "+09:00": "WIT" };

/** Milliseconds since 1970 of an RFC 3339 time; null when there is none. */
export function instant(text) {
  const value = text ? Date.parse(text) : NaN;
  return isNaN(value) ? null : value;
}

/** Offset of an RFC 3339 time in minutes east of UTC; 0 for "Z" or what is no time. */
export function offsetMinutes(text) {
  const found = PATTERN.exec(text || "");
  if (!found || found[7] === "Z") {
    return 0;
  }
  const sign = found[7].charAt(0) === "-" ? -1 : 1;
  return sign * (Number(found[7].slice(1, 3)) * 60 + Number(found[7].slice(4, 6)));
}

/** What an Indonesian clock calls this offset ("WITA"), "" for offsets outside the country. */
export function zoneName(text) {
  const found = PATTERN.exec(text || "");
  return (found && ZONES[found[7]]) || "";
}

/** {year, month 0–11, date, day 0–6, hours, minutes, seconds} at `offset` minutes east of UTC. */
export function wall(milliseconds, offset) {
  const shifted = new Date(milliseconds + offset * 60000);
  return {
    year: shifted.getUTCFullYear(),
    month: shifted.getUTCMonth(),
    date: shifted.getUTCDate(),
    day: shifted.getUTCDay(),
    hours: shifted.getUTCHours(),
    minutes: shifted.getUTCMinutes(),
    seconds: shifted.getUTCSeconds(),
  };
}

export function two(n) {
  return n < 10 ? "0" + n : String(n);
}

export function timeText(parts) {
  return t("common.time", { hours: two(parts.hours), minutes: two(parts.minutes) });
}

export function dateText(parts) {
  return t("common.date", {
    day: t("common.days").split(" ")[parts.day],
    date: parts.date,
    month: t("common.months").split(" ")[parts.month],
    year: parts.year,
  });
}

/** "09.05" of an RFC 3339 time, in the hall's zone; "" when there is none. */
export function formatTime(text) {
  const at = instant(text);
  return at === null ? "" : timeText(wall(at, offsetMinutes(text)));
}

/** "Rabu, 24 Desember 2025" of an RFC 3339 time, in the hall's zone; "" when there is none. */
export function formatDate(text) {
  const at = instant(text);
  return at === null ? "" : dateText(wall(at, offsetMinutes(text)));
}

/** The server's clock, running on between two views: set(view.now) whenever a view comes. */
export class HallClock {
  constructor() {
    this.text = "";
    this.base = null;
    this.mark = 0;
  }

  set(text) {
    const at = instant(text);
    if (at !== null) {
      this.text = text;
      this.base = at;
      this.mark = performance.now();
    }
  }

  /** Milliseconds since 1970 by the hall's clock; null before the first view. */
  now() {
    return this.base === null ? null : this.base + (performance.now() - this.mark);
  }

  parts() {
    return this.base === null ? null : wall(this.now(), offsetMinutes(this.text));
  }

  zone() {
    return zoneName(this.text);
  }
}
