/* Hearing beforehand: the very sound the hall would make, from the server, played here alone, with its words. */

import { newKey, postJson } from "./api.js";
import { byId, setText, show } from "./dom.js";
import { Elapsed, END_WITHIN } from "./tv-lateness.js";
import { Sound } from "./tv-sound.js";
import { t } from "./words.js";

const PATIENCE = 10000; // ms that the recordings may come later than in a hall, where another speaker waits for its turn

export class Ear {
  constructor(path) {
    this.path = path;
    this.sound = new Sound(() => undefined);
    this.turn = 0; // of several presses only the last is heard
    byId("now-stop").addEventListener("click", () => this.stop());
  }

  /** Inside a touch. Resolves to "" when it was heard, else to what prevented it, in words. */
  async hear(what) {
    this.sound.unlock();
    this.stop();
    const turn = this.turn;
    const unwanted = () => turn !== this.turn;
    try {
      const made = await postJson(this.path, what, { key: newKey(), limit: 8000 });
      if (unwanted()) return "";
      setText(byId("now-text"), made.text);
      setText(byId("now-voice"), t("sound.voice." + made.voice));
      show(byId("now"), true);
      const end = made.seconds * 1000 + END_WITHIN;
      const heard = await this.sound.play(made.clips, new Elapsed(-PATIENCE), end, unwanted);
      if (unwanted()) return "";
      show(byId("now"), false);
      return heard ? "" : t("sound.blocked");
    } catch (problem) {
      return t("problem." + problem.code, { code: problem.code });
    }
  }

  stop() {
    this.turn += 1;
    if (this.sound.cut) this.sound.cut();
    show(byId("now"), false);
  }
}
