/* Home and admin: finds a counter among many by its label. Without this script all of them are simply listed. */

import { show } from "./dom.js";

const WORTH_FILTERING = 9;

document.querySelectorAll("[data-screens]").forEach(function (section) {
  const entries = Array.from(section.querySelectorAll(".screens__counters li"));
  const label = section.querySelector(".screens__filter");
  const none = section.querySelector(".screens__none");
  const input = label.querySelector("input");
  show(label, entries.length >= WORTH_FILTERING);
  input.addEventListener("input", function () {
    const wanted = input.value.trim().toLowerCase();
    let found = 0;
    entries.forEach(function (entry) {
      const matches = entry.textContent.toLowerCase().indexOf(wanted) >= 0;
      found += matches ? 1 : 0;
      show(entry, matches);
    });
    show(none, found === 0);
  });
});
