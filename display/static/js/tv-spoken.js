/* What the loudspeaker says by hand, to be read too. It covers the lists, never the call or the counters. */

import { byId, fitHeight, setAttribute, setText, show } from "./dom.js";

export class SpokenNotice {
  constructor() {
    this.root = byId("spoken");
    this.text = byId("spoken-text");
  }

  /** `notice`: {text, language} while it is said, else null. */
  render(notice) {
    const shown = notice !== null && notice.text !== "";
    const anew = shown && (this.root.hidden || this.text.textContent !== notice.text);
    show(this.root, shown);
    if (anew) {
      setAttribute(this.text, "lang", notice.language || "id");
      setText(this.text, notice.text);
      this.fit();
    }
  }

  fit() {
    fitHeight(this.text);
  }
}
