/* The foot of a TV: the hall's running text, or, in the same place so that nothing jumps, what the screen must admit. */

import { byId, setAttribute, setText, show } from "./dom.js";

const REM_PER_SECOND = 5.5; // slow enough to read from the back of the hall

export class Foot {
  constructor() {
    this.root = byId("foot");
    this.window = byId("notice");
    this.track = byId("notice-track");
    this.first = byId("notice-text");
    this.second = byId("notice-again");
    this.banner = byId("banner");
    this.text = null;
  }

  /** `trouble`: what the screen must say now, "" when all is well. */
  render(notice, trouble) {
    setText(this.banner, trouble);
    show(this.banner, trouble !== "");
    show(this.window, trouble === "" && notice !== "");
    setAttribute(this.root, "data-trouble", trouble !== "" ? "true" : null);
    setAttribute(document.body, "data-trouble", trouble !== "" ? "true" : null);
    if (notice !== this.text) {
      this.text = notice;
      setText(this.first, notice);
      this.run();
    }
  }

  /** Runs only what does not fit; two copies follow each other, so the text has no gap and no jump. */
  run() {
    this.window.classList.remove("is-running");
    setText(this.second, "");
    const wide = this.first.offsetWidth;
    if (wide > this.window.clientWidth && this.window.clientWidth > 0) {
      const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
      setText(this.second, this.text);
      this.track.style.animationDuration = Math.round(wide / rem / REM_PER_SECOND) + "s";
      this.window.classList.add("is-running");
    }
  }
}
