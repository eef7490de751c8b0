// Nobody there any more: a visible countdown, then the kiosk is ready for the next visitor.

const TICK_MS = 250;

/**
 * new IdleWatch({ quiet, count, onwarn(secondsLeft), onback(), onreset() }); milliseconds. watch(true) while there is
 * something to clear; hold(true) while the kiosk itself is the one to wait for.
 */
export class IdleWatch {
  constructor(options) {
    this.options = options;
    this.last = Date.now();
    this.on = false;
    this.held = false;
    this.warned = false;
    for (const kind of ["pointerdown", "click", "keydown", "wheel", "input", "touchmove"]) {
      document.addEventListener(kind, (event) => this.sign(event), { capture: true, passive: true });
    }
    setInterval(() => this.check(), TICK_MS);
  }

  watch(on) {
    this.on = on;
    this.touch();
  }

  hold(held) {
    this.held = held;
    this.touch();
  }

  /** The question stays until a press has become a click, lest that go to what lies below or had the focus before. */
  sign({ type, key }) {
    const begins = type === "pointerdown" || key === "Enter" || key === " ";
    if (!this.warned || !begins) this.touch();
  }

  touch() {
    this.last = Date.now();
    if (this.warned) {
      this.warned = false;
      this.options.onback();
    }
  }

  /** Milliseconds since the last sign of a visitor. */
  get quietFor() {
    return Date.now() - this.last;
  }

  check() {
    if (!this.on || this.held || this.quietFor < this.options.quiet) return;
    const left = this.options.quiet + this.options.count - this.quietFor;
    if (left > 0) {
      this.warned = true;
      this.options.onwarn(Math.ceil(left / 1000));
    } else {
      this.touch();
      this.options.onreset();
    }
  }
}
