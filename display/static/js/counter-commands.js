// One command in flight at a time. A press is pending at once, repeated with its own key while the server is silent,
// and ends as done, refused or unsure; a second press meanwhile, or right after, does nothing. What is unsure keeps its
// key, so that sending it again can never do it twice.

import { newKey, postJson } from "./api.js";

const FADES = { done: "past", refused: "idle" };
const FADE_MS = 15000;
const REST_MS = 600; // the second half of a double tap on "Panggil" must not call a second visitor
const PATIENCE_MS = 60000; // later, nobody may be at the counter any more whom a visitor could be called to

export class Commands {
  /** `onchange()` after every change; `ondone(verb, answer)` with the server's answer. */
  constructor(path, { onchange, ondone }) {
    this.path = path;
    this.onchange = onchange;
    this.ondone = ondone;
    this.phase = "idle";
    this.verb = "";
    this.body = undefined;
    this.key = "";
    this.problem = null;
    this.answer = null;
    this.resting = false;
    this.stopper = null;
  }

  get busy() {
    return this.phase === "sending" || this.phase === "repeating" || this.resting;
  }

  /** Sends the verb; false when it was not taken because another one is on its way. */
  press(verb, body) {
    if (this.busy) return false;
    this.verb = verb;
    this.body = body;
    this.key = newKey();
    this.send("sending");
    return true;
  }

  /** Sends the unsure press once more, with its own key. */
  again() {
    if (this.phase === "unsure" && !this.busy) this.send("repeating");
  }

  /** Sends it no more: what became of it stays unsure until somebody sends it again or lets it go. */
  stop() {
    if (this.phase === "sending" || this.phase === "repeating") this.stopper.abort();
    else if (this.phase === "unsure") this.become("idle");
  }

  async send(phase) {
    const { verb, body, key } = this;
    this.problem = null;
    this.answer = null;
    this.stopper = new AbortController();
    this.rest();
    this.become(phase);
    try {
      const onRepeat = () => this.become("repeating");
      const options = { key, onRepeat, limit: PATIENCE_MS, signal: this.stopper.signal };
      this.answer = await postJson(this.path + "/" + verb, body || {}, options);
      this.rest();
      this.ondone(verb, this.answer);
      this.become("done");
    } catch (problem) {
      this.problem = problem;
      this.become(problem.unsure ? "unsure" : "refused");
    }
  }

  rest() {
    this.resting = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.resting = false;
      this.onchange();
    }, REST_MS);
  }

  become(phase) {
    this.phase = phase;
    clearTimeout(this.fading);
    if (FADES[phase]) this.fading = setTimeout(() => this.become(FADES[phase]), FADE_MS);
    this.onchange();
  }
}
