/* A TV as loudspeaker of its zone: the line to the server, the sound, and the plain word about both on the screen. */

import { byId, setAttribute, setText, show } from "./dom.js";
import { Session } from "./session.js";
import { t } from "./words.js";
import { Elapsed, END_WITHIN, LATEST, Lateness } from "./tv-lateness.js";
import { Sound } from "./tv-sound.js";
import { Utterances } from "./tv-utterances.js";

const GRACE = 1500; // a browser that allows sound says so within this time after loading
const ELSEWHERE_AFTER = 3; // heartbeats without the zone, although we could speak: another screen has it
const REST = 3000; // after a failure, before offering ourselves again
const GESTURES = ["click", "keydown", "touchend", "pointerup"];

export class Speaker {
  constructor(path, signedIn) {
    this.root = byId("sound");
    this.text = byId("sound-text");
    this.door = byId("sound-sign-in");
    this.signedIn = signedIn;
    this.line = "connecting";
    this.failed = false;
    this.rest = 0;
    this.settled = false;
    this.silentBeats = 0; // heartbeats since this screen was last the one that speaks
    this.sound = null;
    this.connected = new Elapsed();
    this.lateness = new Lateness();
    this.utterances = new Utterances({
      play: (frame) => this.play(frame),
      send: (frame) => this.session.send(frame),
    });
    this.session = new Session(
      path,
      {
        onopen: () => this.opened(),
        onframe: (frame) => this.receive(frame),
        onbeat: (frame) => this.beat(frame),
        onstate: (state) => {
          this.line = state;
          this.render();
        },
      },
      { views: false }
    );
  }

  start() {
    if (this.signedIn) {
      this.sound = new Sound(() => this.changed());
      this.sound.unlock();
      GESTURES.forEach((name) => document.addEventListener(name, () => this.sound.unlock(), true));
      setTimeout(() => {
        this.settled = true;
        this.render();
      }, GRACE);
      this.session.start();
    }
    this.render();
  }

  able() {
    return this.sound !== null && this.sound.audible() && !this.failed;
  }

  changed() {
    this.utterances.can(this.able());
    this.render();
  }

  opened() {
    this.connected = new Elapsed();
    this.lateness = new Lateness();
    this.utterances.opened();
  }

  receive(frame) {
    if (frame.type === "speak") {
      const late = this.lateness.of(frame.sent, this.connected.ms());
      this.silentBeats = 0;
      if (late > LATEST) {
        this.session.renew();
      } else {
        this.utterances.speak(Object.assign({ since: new Elapsed(late) }, frame));
      }
      this.render();
    }
  }

  beat(frame) {
    this.lateness.of(frame.sent, this.connected.ms());
    this.utterances.beat(frame.epoch);
    this.silentBeats = frame.speaks || frame.log !== "ok" || !this.able() ? 0 : this.silentBeats + 1;
    this.render();
  }

  play(frame) {
    this.sound.play(frame.clips, frame.since, frame.seconds * 1000 + END_WITHIN).then(
      (heard) => this.ended(heard),
      () => this.ended(false)
    );
  }

  ended(heard) {
    clearTimeout(this.rest);
    this.failed = !heard;
    if (!heard) {
      this.rest = setTimeout(() => {
        this.failed = false;
        this.changed();
      }, REST);
    }
    this.utterances.played(heard);
    this.render();
  }

  state() {
    if (!this.signedIn || this.line === "refused") {
      return "signed-out";
    }
    if (!this.sound.exists()) {
      return "failed";
    }
    if (this.sound.lost()) {
      return "failed";
    }
    if (!this.sound.audible()) {
      return this.settled ? "blocked" : "starting";
    }
    if (this.failed) {
      return "failed";
    }
    if (this.utterances.playing) {
      return "speaking";
    }
    if (this.line !== "live") {
      return "starting";
    }
    return this.silentBeats >= ELSEWHERE_AFTER ? "elsewhere" : "ready";
  }

  render() {
    const state = this.state();
    setAttribute(this.root, "data-state", state);
    setText(this.text, t("tv.sound." + state));
    show(this.door, state === "signed-out");
  }
}
