/* Makes the sound: clips are fetched and decoded first, then played in order, so nothing waits in mid-sentence.

   Audible is what the sound device shows, not what was asked for: the context runs, and its clock, which the device
   drives, moves. When the device goes, Chromium suspends the context for good; a new one then plays to nobody and says
   that it runs, until the device is back. So after a loss only the device of before counts, or a touch: somebody is
   there to listen. A browser that never had a device says that it runs, too; no page can know better.

   A page that was stopped in mid-word goes on when it wakes up, for the few milliseconds (after a sleep of the whole
   machine: at most a second) until it notices that its time is over; what the device itself held is heard, too. */

import { BEGIN_WITHIN } from "./tv-lateness.js";

const ATTEMPTS = 2;
const LOOK_EVERY = 1000;
const STALLED = 3; // looks without a step of the device's clock
const RENEW_EVERY = 5; // looks between two attempts to get a lost device back

export class Sound {
  /** `onchange()` whenever audible() may have changed. */
  constructor(onchange) {
    this.onchange = onchange;
    this.context = null;
    this.cut = null;
    this.over = () => false; // whether what is played must be silent by now
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
    this.cutIfOver();
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

  cutIfOver() {
    if (this.cut && this.over()) {
      this.cut();
    }
  }

  /** Resolves to true when the words were heard to the end; false at the first thing that prevents it.
      The first of several clips is the chime: without it the words are still said.
      since: an Elapsed that began when the server gave it; what has not ended `end` ms later is cut off.
      unwanted(): whether it is to be silent after all; asked when all is fetched. */
  play(urls, since, end, unwanted) {
    const self = this;
    const left = (limit) => Math.max(0, limit - since.ms());
    const late = new Promise((resolve) => setTimeout(() => resolve(null), left(BEGIN_WITHIN)));
    const loads = urls.map((url) => Promise.race([self.load(url, ATTEMPTS), late]));
    return Promise.all(loads).then(async function (clips) {
      const chime = clips.length > 1 ? 1 : 0;
      const whole = clips.length > 0 && clips.slice(chime).every((clip) => clip !== null);
      if (!whole || since.ms() > BEGIN_WITHIN || (unwanted && unwanted())) {
        return false;
      }
      self.over = () => since.ms() >= end;
      const watch = setTimeout(() => self.cutIfOver(), left(end));
      const heard = await self.playInTime(
        clips.filter((clip) => clip !== null),
        () => left(end)
      );
      clearTimeout(watch);
      return heard;
    });
  }

  async playInTime(clips, left) {
    for (let i = 0; i < clips.length; i += 1) {
      const length = clips.slice(i).reduce((sum, clip) => sum + clip.duration * 1000, 0);
      if (length > left() || !(await this.playClip(clips[i]))) {
        return false;
      }
    }
    return this.settled();
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
        source.onended = null;
        this.cut = null;
        source.disconnect();
        resolve(heard);
      };
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
