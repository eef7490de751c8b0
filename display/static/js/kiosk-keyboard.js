// The keyboard on the screen: kiosks have none, and the system's own covers half the page. Types into one input.

import { el } from "./nodes.js";
import { picture } from "./kiosk-pictures.js";
import { t } from "./words.js";

const ROWS = ["qwertyuiop", "asdfghjkl<", "zxcvbnm_"];

/** Builds the keys inside `parent`; every press edits `input` at its end and fires its input event. */
export function mountKeyboard(parent, input) {
  const type = (edit) => {
    input.value = edit(input.value).slice(0, input.maxLength);
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };
  parent.addEventListener("mousedown", (event) => event.preventDefault()); // the input keeps the focus, for real keys
  for (const row of ROWS) {
    const line = el("div", "kiosk-keys__row");
    for (const letter of row) line.append(makeKey(letter, type));
    parent.append(line);
  }
}

function makeKey(letter, type) {
  const key = el("button", "kiosk-key");
  key.type = "button";
  key.tabIndex = -1;
  if (letter === "<") {
    key.append(picture("ui-erase"));
    key.setAttribute("aria-label", t("kiosk.key-erase"));
    key.addEventListener("click", () => type((text) => text.slice(0, -1)));
  } else if (letter === "_") {
    key.textContent = t("kiosk.key-space");
    key.classList.add("kiosk-key--space");
    key.addEventListener("click", () => type((text) => (text && !text.endsWith(" ") ? text + " " : text)));
  } else {
    key.textContent = letter.toUpperCase();
    key.addEventListener("click", () => type((text) => text + letter));
  }
  return key;
}
