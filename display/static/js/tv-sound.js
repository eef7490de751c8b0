/* Makes the sound: clips are fetched and decoded first, then played in order, so nothing waits in mid-sentence. */

const ATTEMPTS = 2;
const START_WITHIN = 1800; // the server lets another speak 2 s after this utterance should be over: never start late
const OVERTIME = 3000; // a clip that has not ended this long after its length is stuck

export class Sound {
  /** `onchange()` whenever audible() may have changed. */
  constructor(onchange) {
    const Context = window.AudioContext || window.webkitAudioContext;
    this.onchange = onchange;
    this.context = null;
    this.cut = null;
    try {
      this.context = Context ? new Context() : null;
    } catch (error) {
      this.context = null;
    }
    if (this.context) {
      this.context.onstatechange = () => {
        if (!this.audible() && this.cut) {
          this.cut();
        }
        this.onchange();
      };
    }
  }

  exists() {
    return this.context !== null;
  }

  audible() {
    return this.context !== null && this.context.state === "running";
  }

  /** Asks for sound; inside a touch, click or key the browser grants it. */
  unlock() {
    if (this.context && this.context.state !== "running") {
      this.context.resume().catch(() => undefined);
    }
  }

  /** Resolves to true when the words were heard to the end; false at the first thing that prevents it.
      The first of several clips is the chime: without it the words are still said. */
  play(urls) {
    const self = this;
    const late = new Promise((resolve) => setTimeout(() => resolve(null), START_WITHIN));
    const loads = urls.map((url) => Promise.race([self.load(url, ATTEMPTS), late]));
    return Promise.all(loads).then(async function (clips) {
      const chime = clips.length > 1 ? 1 : 0;
      if (clips.length === 0 || clips.slice(chime).some((clip) => clip === null)) {
        return false;
      }
      for (let i = 0; i < clips.length; i += 1) {
        if (clips[i] !== null && !(await self.playClip(clips[i]))) {
          return false;
        }
      }
      return true;
    });
  }

  load(url, attempts) {
    return fetch(url)
      .then(bytesOf)
      .then((bytes) => this.context.decodeAudioData(bytes))
      .catch((error) => (attempts > 1 ? this.load(url, attempts - 1) : null));
  }

  playClip(buffer) {
    const context = this.context;
    return new Promise((resolve) => {
      if (!this.audible()) {
        resolve(false);
        return;
      }
      const source = context.createBufferSource();
      const end = (heard) => {
        clearTimeout(watch);
        source.onended = null;
        this.cut = null;
        source.disconnect();
        resolve(heard);
      };
      const watch = setTimeout(() => this.cut && this.cut(), buffer.duration * 1000 + OVERTIME);
      this.cut = () => {
        source.stop();
        end(false);
      };
      source.buffer = buffer;
      source.connect(context.destination);
      source.onended = () => end(true);
      source.start();
    });
  }
}

function bytesOf(response) {
  if (!response.ok) {
    throw new Error("clip: " + response.status);
  }
  return response.arrayBuffer();
}
