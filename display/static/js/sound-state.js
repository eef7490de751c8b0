/* How voices, loudspeakers and notices stand, as nodes; each list is changed only where something is another. */

import { formatTime } from "./clock.js";
import { byId, setAttribute, show } from "./dom.js";
import { el, place } from "./nodes.js";
import { t } from "./words.js";

const drawn = new Map();

/** Puts `nodes(data)` into the element, unless the same data are shown there already. */
export function draw(id, data, nodes) {
  const text = JSON.stringify(data);
  if (drawn.get(id) !== text) {
    drawn.set(id, text);
    place(byId(id), nodes(data));
  }
}

export function voices(all) {
  return all.map((voice) => {
    const head = el("p", "sound__voice", el("span", "sound__voice-name", t("sound.voice." + voice.name)));
    head.append(el("span", "", t("sound.clips", { clips: voice.clips, sayable: voice.sayable })));
    const bar = el("progress", "sound__bar");
    bar.max = Math.max(voice.sayable, 1);
    bar.value = voice.clips;
    setAttribute(bar, "aria-label", t("sound.bar", { voice: t("sound.voice." + voice.name) }));
    return el("li", "", head, bar, trouble(voice));
  });
}

function trouble(voice) {
  if (voice.trouble) {
    return el("p", "sound__trouble", t("sound.silent", { seconds: voice.trouble.seconds }));
  }
  return el("p", "muted", t(voice.on_the_spot ? "sound.on-the-spot" : voice.local ? "sound.ahead" : "sound.online"));
}

export function zones(all) {
  return all.map((zone) => {
    const part = el("section", "sound__zone", el("h3", "", zone.name));
    part.append(...(zone.speakers === null ? [el("p", "sound__trouble", t("sound.speakers.unknown"))] : speakers(zone)));
    const saying = (zone.speakers || []).some((one) => one.saying !== null);
    const waiting = zone.waiting - (saying ? 1 : 0);
    if (waiting > 0) part.append(el("p", "", t("sound.waiting", { n: waiting })));
    return part;
  });
}

function speakers(zone) {
  if (!zone.speakers.length) {
    return [el("p", "sound__speaker", el("span", "badge badge--bad", t("sound.speaker.none")))];
  }
  return zone.speakers.map((one) => {
    const [key, kind] = standing(one);
    const since = t("sound.speaker.since", { time: formatTime(one.since) });
    return el("p", "sound__speaker", el("span", "badge " + kind, t("sound.speaker." + key)), el("span", "muted", since));
  });
}

function standing(one) {
  if (!one.ready) return ["muted", "badge--bad"];
  if (one.resting) return ["resting", "badge--warn"];
  if (one.saying !== null) return ["saying", "badge--gold"];
  return one.holder ? ["holder", "badge--good"] : ["ready", "badge--good"];
}

export function notices(all, zoneName) {
  return all.map((notice) => {
    const line = el("p", "", el("span", "sound__when", formatTime(notice.at)), notice.text || t("sound.notice.lost"));
    const ends = el("p", "");
    notice.zones.forEach((zone) => {
      const kind = { spoken: "badge--good", expired: "badge--bad" }[zone.outcome] || "badge--warn";
      const words = t("sound.outcome." + (zone.outcome || "waiting"), { time: formatTime(zone.ended_at) });
      ends.append(el("span", "badge " + kind, zoneName(zone.zone) + ": " + words), " ");
    });
    return el("li", "", line, ends);
  });
}

export function told(id, text, kind) {
  byId(id).textContent = text;
  setAttribute(byId(id), "data-kind", text ? kind : null);
}

export function nothing(id, isNothing) {
  show(byId(id), isNothing);
}
