// What a visitor may ask of the screen: to come lower, for whoever sits or is small, and more contrast. Both are
// undone for the next visitor.

import { byId } from "./dom.js";

const LOW = "kiosk--low";

export class Ease {
  /** `onchange()` after each press. */
  constructor(onchange) {
    this.root = document.documentElement;
    this.theme = "";
    byId("low").addEventListener("click", () => (this.lower(!this.low), onchange()));
    byId("contrast").addEventListener("click", () => (this.contrast(!this.theme), onchange()));
  }

  get low() {
    return document.body.classList.contains(LOW);
  }

  /** True while anything is as the present visitor has asked. */
  get asked() {
    return this.low || this.theme !== "";
  }

  lower(low) {
    document.body.classList.toggle(LOW, low);
    byId("low").setAttribute("aria-pressed", String(low));
  }

  contrast(more) {
    if (more === (this.theme !== "")) return;
    const own = this.root.getAttribute("data-theme");
    this.root.setAttribute("data-theme", more ? "contrast" : this.theme);
    this.theme = more ? own : "";
    byId("contrast").setAttribute("aria-pressed", String(more));
  }

  reset() {
    this.lower(false);
    this.contrast(false);
  }
}
