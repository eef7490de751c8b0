/* Makes the sound: clips are fetched and decoded first, then played in order, so nothing waits in mid-sentence.

   Audible is what the sound device shows, not what was asked for: the context runs, and its clock, which the device
   drives, moves. When the device goes, Chromium suspends the context for good; a new one then plays to nobody and says
   that it runs, until the device is back. So after a loss only the device of before counts, or a touch: somebody is
   there to listen. A browser that never had a device says that it runs, too; no page can know better. */

const ATTEMPTS = 2;
const START_WITHIN = 1500; // the server lets another speak 2 s after this utterance should be over: never start late
const OVERTIME = 3000; // a clip that has not ended this long after its length is stuck
const LOOK_EVERY = 1000;
const STALLED = 3; // looks without a step of the device's clock
const RENEW_EVERY = 5; // looks between two attempts to get a lost device back

export class Sound {
  /** `onchange()` whenever audible() may have changed. */
  constructor(onchange) {
    this.onchange = onchange;
    this.context = null;
    this.cut = null;
    this.device = ""; // what is known of the device that was heard; "" before
    this.clock = -1; // the device's, at the last look
    this.standing = 0; // looks since it moved
    this.away = 0; // looks since the device was lost
    this.was = false;
    this.begin();
    setInterval(() => this.look(), LOOK_EVERY);
  }

  begin() {
    const Context = window.AudioContext || window.webkitAudioContext;
    try {
      this.context = Context ? new Context() : null;
    } catch (error) {
      this.context = null;
    }
    if (this.context) {
      this.context.onstatechange = () => this.changed();
    }
  }

  exists() {
    return this.context !== null;
  }

  audible() {
    return this.runs() && this.standing < STALLED && (this.device === "" || this.device === deviceOf(this.context));
  }

  /** It could be heard before and cannot now: the device went, or the system took it. */
  lost() {
    return this.device !== "" && !this.audible();
  }

  runs() {
    return this.context !== null && this.context.state === "running";
  }

  /** Inside a touch, click or key: the browser grants sound, and whatever device there is counts. */
  unlock() {
    if (this.lost()) {
      this.device = "";
      this.renew();
    }
    this.resume();
  }

  resume() {
    if (this.context && !this.runs()) {
      this.context.resume().catch(() => undefined);
    }
  }

  renew() {
    if (this.context) {
      this.context.onstatechange = null;
      this.context.close().catch(() => undefined);
    }
    this.standing = 0;
    this.begin();
  }

  look() {
    const moved = this.context !== null && this.context.currentTime !== this.clock;
    this.clock = this.context !== null ? this.context.currentTime : -1;
    this.standing = moved || !this.runs() ? 0 : this.standing + 1;
    this.away = this.lost() ? this.away + 1 : 0;
    if (this.away > 0 && this.away % RENEW_EVERY === 0) {
      this.renew();
    } else if (this.away > 0) {
      this.resume();
    }
    if (this.audible() !== this.was) {
      this.changed();
    }
  }

  changed() {
    this.was = this.audible();
    if (this.was) {
      this.device = deviceOf(this.context);
    } else if (this.cut) {
      this.cut();
    }
    this.onchange();
  }

  /** Resolves to true when the words were heard to the end; false at the first thing that prevents it.
      The first of several clips is the chime: without it the words are still said. */
  play(urls) {
    const self = this;
    const began = performance.now();
    const late = new Promise((resolve) => setTimeout(() => resolve(null), START_WITHIN));
    const loads = urls.map((url) => Promise.race([self.load(url, ATTEMPTS), late]));
    return Promise.all(loads).then(async function (clips) {
      const chime = clips.length > 1 ? 1 : 0;
      const whole = clips.length > 0 && clips.slice(chime).every((clip) => clip !== null);
      if (!whole || performance.now() - began > START_WITHIN + LOOK_EVERY) {
        return false; // the second: a page in the background wakes up too late
      }
      for (let i = 0; i < clips.length; i += 1) {
        if (clips[i] !== null && !(await self.playClip(clips[i]))) {
          return false;
        }
      }
      return self.settled();
    });
  }

  /** Resolves when the device has also given off what it holds back; to false when it went meanwhile. */
  settled() {
    const seconds = this.context.outputLatency || this.context.baseLatency || 0;
    return new Promise((resolve) => setTimeout(() => resolve(this.audible()), seconds * 1000));
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

/** What a page can know of the device behind a context. */
function deviceOf(context) {
  return context.sampleRate + " " + context.baseLatency;
}

function bytesOf(response) {
  if (!response.ok) {
    throw new Error("clip: " + response.status);
  }
  return response.arrayBuffer();
}
