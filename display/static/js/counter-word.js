// What became of the last press, just above "Panggil": the sentence, and what can be done about it.

import { byId, setAttribute, setText, show } from "./dom.js";
import { say } from "./nodes.js";
import { pressText } from "./counter-words.js";
import { OFFERED_MS, stillUndoes, undoOf } from "./counter-undo.js";
import { t } from "./words.js";

export class Word {
  /** `send(verb, body)` presses; `onchange()` when the offer has ended. */
  constructor(send, onchange) {
    this.send = send;
    this.onchange = onchange;
    this.offer = null;
    this.undoable = false;
    byId("undo").addEventListener("click", () => this.undo());
  }

  /** Another counter, another press: nothing is left to undo. */
  clear() {
    this.offer = null;
    clearTimeout(this.timer);
  }

  done(verb, ticket) {
    this.clear();
    this.offer = undoOf(verb, ticket);
    if (!this.offer) return;
    this.timer = setTimeout(() => {
      this.offer = null;
      this.onchange();
    }, OFFERED_MS);
  }

  undo() {
    if (this.undoable && this.offer) this.send(this.offer.verb, this.offer.body);
  }

  /** `reachable`: a press would be taken now. */
  draw(commands, view, reachable) {
    const phase = commands.phase;
    byId("word-box").dataset.phase = phase;
    setText(byId("word"), pressText(commands, reachable));
    this.undoable = reachable && phase !== "sending" && phase !== "repeating" && stillUndoes(this.offer, view);
    say(byId("undo-text"), this.undoable ? t("counter.undo." + this.offer.verb, { number: this.offer.number }) : "");
    show(byId("undo"), this.undoable);
    show(byId("again"), phase === "unsure" && reachable);
    show(byId("stop"), phase === "repeating" || phase === "unsure");
    for (const id of ["undo", "again"]) setAttribute(byId(id), "aria-disabled", String(commands.busy));
    setText(byId("stop"), t(phase === "unsure" ? "counter.let-go" : "counter.stop"));
  }
}
