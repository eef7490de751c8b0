// One command in flight at a time. A press is pending at once, repeated with its own key while the server is silent,
// and ends as done, refused or unsure; a second press meanwhile, or right after, does nothing.

import { newKey, postJson } from "./api.js";

const FADE_MS = { done: 3000, refused: 12000 };
const REST_MS = 600; // the second half of a double tap on "Panggil" must not call a second visitor

export class Commands {
  /** `onchange()` after every change; `ondone(verb, answer)` with the server's answer. */
  constructor(path, { onchange, ondone }) {
    this.path = path;
    this.onchange = onchange;
    this.ondone = ondone;
    this.phase = "idle";
    this.verb = "";
    this.body = undefined;
    this.problem = null;
    this.answer = null;
    this.resting = false;
  }

  get busy() {
    return this.phase === "sending" || this.phase === "repeating" || this.resting;
  }

  /** Sends the verb; false when it was not taken because another one is on its way. */
  press(verb, body) {
    if (this.busy) return false;
    this.verb = verb;
    this.body = body;
    this.problem = null;
    this.answer = null;
    this.rest();
    this.become("sending");
    this.send();
    return true;
  }

  async send() {
    const verb = this.verb;
    const onRepeat = () => this.become("repeating");
    try {
      this.answer = await postJson(this.path + "/" + verb, this.body || {}, { key: newKey(), onRepeat });
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
    if (FADE_MS[phase]) this.fading = setTimeout(() => this.become("idle"), FADE_MS[phase]);
    this.onchange();
  }
}
