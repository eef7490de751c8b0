/* Words of this page in its language: the catalogue the server put into <script id="words">.
   t("tv.now", {counter: "Loket 3"}) fills {counter}. An unknown key shows itself, so that a hole is seen. */

const source = document.getElementById("words");
const words = source ? JSON.parse(source.textContent) : {};

export const lang = document.documentElement.lang || "id";

export function t(key, values) {
  if (!Object.prototype.hasOwnProperty.call(words, key)) {
    return key;
  }
  return fill(words[key], values || {});
}

export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, function (whole, name) {
    return Object.prototype.hasOwnProperty.call(values, name) ? String(values[name]) : whole;
  });
}
