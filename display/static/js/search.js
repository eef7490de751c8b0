// Finding a service by what people type: everyday words, half-typed words and typing mistakes. Pure, no DOM.

const FIELDS = { name: 1, keywords: 0.95, agency: 0.75 };
const PREFIXES = ["memper", "meng", "peng", "mem", "pem", "men", "pen", "per", "ber", "me", "pe", "di", "ter"];
const SUFFIXES = ["annya", "kannya", "nya", "kan", "an"];
const NOISE = new Set(
  ("saya aku gue mau ingin pengen hendak minta tolong cara gimana untuk yang di ke dari dan atau dengan sama pada para " +
   "sudah udah abis nih dong ya kak pak bu dulu lagi nya " +
   "i want to a an the my for of and need please how get").split(" "),
);

/** Lower case, no accents, only letters and digits, one space between words. */
export function normalise(text) {
  return String(text)
    .normalize("NFD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, " ")
    .trim();
}

/** The Indonesian root, roughly: "perpanjangan" and "memperpanjang" meet in one form. Short words stay whole. */
export function root(word) {
  let stem = word;
  const suffix = SUFFIXES.find((end) => stem.endsWith(end) && stem.length - end.length >= 4);
  if (suffix) stem = stem.slice(0, -suffix.length);
  const prefix = PREFIXES.find((start) => stem.startsWith(start) && stem.length - start.length >= 4);
  return prefix ? stem.slice(prefix.length) : stem;
}

/**
 * Least number of edits (insert, delete, replace, swap of neighbours) that turn `typed` into `word`, or into a
 * beginning of it; `limit` + 1 when there are more than `limit`. Returns { whole, begin }.
 */
export function distances(typed, word, limit) {
  let before = null;
  let row = Array.from({ length: word.length + 1 }, (_, column) => column);
  for (let i = 1; i <= typed.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= word.length; j += 1) {
      const same = typed[i - 1] === word[j - 1];
      let cost = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && typed[i - 1] === word[j - 2] && typed[i - 2] === word[j - 1];
      if (swapped) cost = Math.min(cost, before[j - 2] + 1);
      next.push(cost);
    }
    if (Math.min(...next) > limit) return { whole: limit + 1, begin: limit + 1 };
    before = row;
    row = next;
  }
  return { whole: Math.min(row[word.length], limit + 1), begin: Math.min(limit + 1, ...row) };
}

/** How well a typed word fits a word of the catalogue: 0 (not at all) … 1 (the same). */
export function likeness(typed, word, typedRoot = root(typed), wordRoot = root(word)) {
  if (typed === word) return 1;
  if (typedRoot === wordRoot) return 0.95;
  if (typed.length >= 2 && word.startsWith(typed)) return 0.7 + 0.2 * (typed.length / word.length);
  if (typed.length >= 4 && wordRoot.startsWith(typedRoot) && typedRoot.length >= 4) return 0.75;
  if (typed.length < 3 || /\d/.test(typed)) return 0;
  if (typed.length === 3) return word.length === 3 && isSwap(typed, word) ? 0.6 : 0;
  const limit = typed.length >= 7 ? 2 : 1;
  const { whole, begin } = distances(typed, word, limit);
  if (whole <= limit && typed[0] === word[0]) return 0.72 - 0.22 * (whole - 1);
  if (whole <= 1 && word.length >= 5) return 0.6;
  if (begin <= limit && typed.length >= 5 && typed[0] === word[0]) return 0.55 - 0.1 * (begin - 1);
  return 0;
}

function isSwap(a, b) {
  return distances(a, b, 1).whole === 1 && [...a].sort().join("") === [...b].sort().join("");
}

/**
 * An index over `entries` [{ name, keywords: [text], agency: text, item }]. `everyday` maps what people say to what
 * offices write: { "bikin": "pembuatan" }. Built once per catalogue, asked on every key press.
 */
export function buildIndex(entries, everyday = {}) {
  const words = new Map();
  entries.forEach((entry, place) => {
    const texts = { name: entry.name, keywords: (entry.keywords || []).join(" "), agency: entry.agency || "" };
    for (const field of Object.keys(FIELDS)) {
      for (const word of normalise(texts[field]).split(" ")) {
        if (!word || NOISE.has(word)) continue;
        if (!words.has(word)) words.set(word, { root: root(word), in: new Map() });
        const found = words.get(word).in;
        found.set(place, Math.max(found.get(place) || 0, FIELDS[field]));
      }
    }
  });
  return { entries, words, everyday };
}

/** The best `limit` entries for `query`, best first; [] when nothing is like it. */
export function search(index, query, limit = 24) {
  const typed = typedWords(normalise(query), index.everyday);
  const scores = new Map();
  for (const { word, said } of typed) {
    const best = new Map();
    for (const form of [word, ...said]) gather(index, form, form === word ? 1 : 0.9, best);
    keepNear(best);
    const rarity = Math.log(1 + index.entries.length / Math.max(1, best.size));
    for (const [place, fit] of best) scores.set(place, (scores.get(place) || 0) + fit * rarity);
  }
  const ranked = [...scores].sort((a, b) => b[1] - a[1] || lengthOf(index, a) - lengthOf(index, b) || a[0] - b[0]);
  const floor = ranked.length ? ranked[0][1] * 0.55 : 0;
  return ranked.filter(([, score]) => score >= floor).slice(0, limit).map(([place]) => index.entries[place].item);
}

function typedWords(text, everyday) {
  const all = text.split(" ").filter(Boolean);
  const meant = all.filter((word) => !NOISE.has(word));
  return (meant.length ? meant : all).map((word) => ({ word, said: saidFor(word, everyday) }));
}

function saidFor(word, everyday) {
  const known = Object.prototype.hasOwnProperty.call(everyday, word);
  return known ? everyday[word].split(" ").filter(Boolean) : [];
}

function gather(index, typed, weight, best) {
  const typedRoot = root(typed);
  for (const [word, entry] of index.words) {
    const fit = likeness(typed, word, typedRoot, entry.root) * weight;
    if (fit <= 0) continue;
    for (const [place, field] of entry.in) best.set(place, Math.max(best.get(place) || 0, fit * field));
  }
}

/** Where something fits well, what only resembles it is left out: "tilang" is no "hilang". */
function keepNear(best) {
  const floor = Math.max(0, ...best.values()) * 0.7;
  for (const [place, fit] of best) if (fit < floor) best.delete(place);
}

function lengthOf(index, [place]) {
  return index.entries[place].name.length;
}
