/* Giving a number back: asked twice, sent once. */

import { newKey, postJson } from "./api.js";
import { byId, setText, show } from "./dom.js";
import { t } from "./words.js";

const SETTLE_MS = 800; // the second half of a double tap must not answer the question that has just opened under the finger

export class Cancel {
  /** `done(ticket)` when it is cancelled. */
  constructor(path, done) {
    this.path = path;
    this.done = done;
    this.key = "";
    byId("cancel-ask").addEventListener("click", () => this.ask(true));
    byId("cancel-no").addEventListener("click", () => {
      this.ask(false);
      byId("cancel-ask").focus();
    });
    byId("cancel-yes").addEventListener("click", () => this.send());
  }

  offer(possible) {
    show(byId("cancel"), possible);
    if (!possible) this.ask(false);
  }

  ask(open) {
    show(byId("cancel-confirm"), open);
    show(byId("cancel-ask"), !open);
    if (open) {
      this.settle(byId("cancel-yes"));
      show(byId("cancel-problem"), false);
      byId("cancel-confirm").scrollIntoView({ block: "nearest" });
      byId("cancel-question").focus({ preventScroll: true });
    }
  }

  settle(button) {
    if (button.disabled) return;
    button.disabled = true;
    setTimeout(() => (button.disabled = false), SETTLE_MS);
  }

  async send() {
    const button = byId("cancel-yes");
    if (button.disabled) return;
    button.disabled = true;
    this.key = this.key || newKey();
    try {
      const ticket = await postJson(this.path, {}, { key: this.key });
      this.key = "";
      this.done(ticket);
    } catch (problem) {
      if (!problem.unsure) this.key = "";
      setText(byId("cancel-problem"), t("problem." + problem.code, { code: problem.code }));
      show(byId("cancel-problem"), true);
    }
    button.disabled = false;
    this.ask(false);
  }
}
