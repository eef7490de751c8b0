/* Calls the holder's attention: a chime, vibration, a blinking title, a screen that stays on. Each only as far as this
   browser allows it; what it does not allow is never promised.

   A touch unlocks sound. The chime is made here (no file, no network); it needs no secure context. */

const VIBRATION = [400, 200, 400, 200, 800];
const NOTES = [
  [784, 0],
  [659, 0.28],
  [523, 0.56],
]; // hertz, seconds after the beginning
const RING = 0.9; // seconds a note rings
const ROUNDS = 3;
const ROUND = 2.2; // seconds from one round to the next
const BLINK = 1000;

export class Alarm {
  /** `onchange()` whenever sound() may have changed. */
  constructor(onchange) {
    this.onchange = onchange;
    this.context = null;
    this.wanted = false;
    this.lock = null;
    this.playing = [];
    this.blinking = 0;
    document.addEventListener("visibilitychange", () => this.wake());
  }

  exists() {
    return Boolean(window.AudioContext || window.webkitAudioContext);
  }

  /** "off", "on", or "lost": wanted, but the browser has taken it back. */
  sound() {
    if (!this.wanted) return "off";
    return this.context && this.context.state === "running" ? "on" : "lost";
  }

  /** Whether the screen is kept from going dark. */
  staysOn() {
    return this.lock !== null;
  }

  /** Inside a touch. */
  async unlock() {
    this.wanted = true;
    if (!this.context) {
      const Context = window.AudioContext || window.webkitAudioContext;
      this.context = new Context();
      this.context.onstatechange = () => this.onchange();
    }
    await this.context.resume().catch(() => undefined);
    this.chime(1);
    await this.keepOn();
    this.onchange();
  }

  silence() {
    this.wanted = false;
    this.quiet();
    if (this.lock) this.lock.release().catch(() => undefined);
    this.lock = null;
    this.onchange();
  }

  /** The number is called, or called again. `touched`: browsers vibrate only for a page that was touched. */
  ring(title, other, touched) {
    if (touched && navigator.vibrate) navigator.vibrate(VIBRATION);
    if (this.sound() === "on") this.chime(ROUNDS);
    this.blink(title, other);
  }

  /** Seen, or over. */
  quiet() {
    this.playing.forEach((tone) => tone.stop());
    this.playing = [];
    clearInterval(this.blinking);
    this.blinking = 0;
  }

  blink(title, other) {
    clearInterval(this.blinking);
    document.title = title;
    this.blinking = setInterval(() => {
      document.title = document.title === title ? other : title;
    }, BLINK);
  }

  chime(rounds) {
    this.playing.forEach((tone) => tone.stop());
    this.playing = [];
    for (let round = 0; round < rounds; round += 1) {
      NOTES.forEach(([hertz, after]) => this.note(hertz, this.context.currentTime + 0.05 + round * ROUND + after));
    }
  }

  note(hertz, at) {
    const tone = this.context.createOscillator();
    const volume = this.context.createGain();
    tone.frequency.value = hertz;
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(0.5, at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.001, at + RING);
    tone.connect(volume).connect(this.context.destination);
    tone.start(at);
    tone.stop(at + RING);
    this.playing.push(tone);
  }

  async keepOn() {
    if (!this.wanted || this.lock || !navigator.wakeLock || document.visibilityState !== "visible") return;
    try {
      const lock = await navigator.wakeLock.request("screen");
      this.lock = lock;
      lock.addEventListener("release", () => {
        if (this.lock === lock) this.lock = null;
        this.onchange();
      });
    } catch (error) {
      this.lock = null; // the battery is low, or the system says no
    }
  }

  wake() {
    if (document.visibilityState !== "visible" || !this.wanted) return;
    if (this.context) this.context.resume().catch(() => undefined);
    this.keepOn().then(() => this.onchange());
  }
}
